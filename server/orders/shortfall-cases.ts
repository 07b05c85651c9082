// Makes a case of what an order is short of, one for each SKU, and says when it is short no more. By the order as it is
// now, not as the event says: so an event seen twice, or late, tells nothing that has passed.
import type { CaseSink, Cause } from '../../domain/exception/cause.ts';
import { isOpen } from '../../domain/order/machine.ts';
import { bySku, type Order, reservedUnits } from '../../domain/order/order.ts';
import { parseOrderStream } from '../../domain/order/workflow.ts';
import type { Sku } from '../../domain/stock/stream.ts';
import type { OrderRow } from '../../projections/orders-pages.ts';
import type { Reaction } from '../reactions/reactions.ts';

export interface ShortfallOptions {
  readonly cases: CaseSink;
  /** Undefined: there is no such order. */
  readonly stateOf: (id: string) => Promise<Order | undefined>;
  /** Open orders with this SKU, the youngest first. */
  readonly withSku: (sku: Sku, max: number) => readonly OrderRow[];
}

const TELLING: ReadonlySet<string> = new Set(['OrderShort', 'OrderCancelled', 'OrderExpired']);
/** Orders looked at for one that could give its units: some of them have theirs from elsewhere. */
const COMPETITORS_MAX = 50;

export function shortfallCases(options: ShortfallOptions): Reaction {
  const { cases, stateOf } = options;
  return {
    name: 'orders-shortfall-cases',
    concerns: ({ type }) => TELLING.has(type),
    async on({ type, stream, revision, position }) {
      const id = parseOrderStream(stream);
      const order = id === undefined ? undefined : await stateOf(id);
      if (order === undefined) return;
      const short = isOpen(order.status) ? bySku(order.short) : new Map<Sku, number>();
      // One that ended without ever being short has no case that could close.
      if (short.size === 0 && order.short.length === 0 && type !== 'OrderShort') return;
      for (const sku of bySku(order.lines).keys()) {
        const units = short.get(sku);
        if (units === undefined) cases.cleared('shortfall', causeKey(order, sku), position);
        else {
          const cause = await causeOf(order, sku, units, options);
          cases.raise({ ...cause, position, subject: { ...cause.subject, event: `${stream}@${revision}` } });
        }
      }
    },
  };
}

/** What the keys of these causes begin with. */
export const SHORTFALL_PREFIX = 'order:';

function causeKey({ id }: Order, sku: Sku): string {
  return `${SHORTFALL_PREFIX}${id}:${sku}`;
}

async function causeOf(order: Order, sku: Sku, units: number, options: ShortfallOptions): Promise<Cause> {
  const { id, channel, candidates } = order;
  const rival = await youngestRival(order, sku, options);
  return {
    kind: 'shortfall',
    key: causeKey(order, sku),
    subject: { sku, channel, orderId: id },
    detail: `order ${id} of ${channel} is short of ${units} of ${sku}: no location it may come from has them free`,
    units,
    proposals: [
      `re-source: send {"type":"source"} to /v1/orders/${id}/commands, it asks ${candidates.join(', ')} again`,
      'back-order: leave it open, and re-source it when units have come in, or by policy (backOrders) have it done',
      ...(rival === undefined ? [] : [`cancel order ${rival.id}, ${rival.why}, and re-source this one`]),
    ],
  };
}

/** The youngest open order that has units of the SKU reserved where this one could have them from. */
async function youngestRival(order: Order, sku: Sku, { withSku, stateOf }: ShortfallOptions) {
  const candidates = new Set(order.candidates);
  for (const { id } of withSku(sku, COMPETITORS_MAX)) {
    const other = id === order.id ? undefined : await stateOf(id);
    if (other === undefined || !isOpen(other.status)) continue;
    const held = other.allocations.filter((one) => one.sku === sku && candidates.has(one.location));
    const units = held.reduce((sum, one) => sum + reservedUnits(one), 0);
    if (units === 0) continue;
    const placedAt = new Date(other.placedAt).toISOString();
    return { id, why: `the youngest that competes (placed ${placedAt}, ${units} of ${sku} reserved)` };
  }
  return undefined;
}
