// The next units go to whoever has waited longest: when units of a SKU become free, orders that are short of it are sourced
// again, the oldest first, where policy says so for their channel (`backOrders`). A claim is a reservation, so stocks, figures
// and explanations need to know of no other. The command's id derives from the event, so a repeat sources nothing twice.
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { type Position, Unavailable } from '../../domain/event-log.ts';
import { type OrderPolicy, orderTerms } from '../../domain/order/policy.ts';
import type { StockEvent } from '../../domain/stock/events.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import type { Availability } from '../../projections/availability.ts';
import type { OrderRow } from '../../projections/orders-pages.ts';
import { decided, type Reaction } from '../reactions/reactions.ts';
import type { OrderProcess } from './order-process.ts';

export interface NextUnitsOptions extends Pick<OrderProcess, 'submit'> {
  readonly policy: () => Policy;
  readonly free: Availability['free'];
  /** Open orders that are short and have the SKU among their lines, the oldest first. */
  readonly shortOf: (sku: string) => readonly OrderRow[];
  /** False: the read model is not there after so many ms. */
  readonly folded: (position: Position, timeoutMs: number) => Promise<boolean>;
}

/** After these more may be free than before. */
const FREEING: ReadonlySet<string> = new Set<StockEvent['type']>([
  ...(['UnitsReceived', 'UnitsReturned', 'StockAdjusted', 'StockCounted', 'QuarantineDisposed'] as const),
  ...([
    'StockUnfrozen',
    'StockReinstated',
    'ReservationReleased',
    'ReservationExpired',
    'TransferCancelled',
    'TransferReceived',
  ] as const),
]);
const FOLDED_MS_MAX = 5_000;
/** Units that nobody could take after so many have tried are left to people. */
const TRIES_MAX = 100;

export function nextUnits({ submit, policy, free, shortOf, folded }: NextUnitsOptions): Reaction {
  const seen = async (position: Position) => {
    if (!(await folded(position, FOLDED_MS_MAX))) throw new Unavailable('down', 'the read model is behind the log');
  };
  return {
    name: 'orders-next-units',
    concerns: ({ type }) => FREEING.has(type),
    async on(recorded) {
      const stock = parseStockStream(recorded.stream);
      // Where people do it for every channel, nothing waits for the read model.
      if (stock === undefined || !isAnyByItself(policy().document.orders)) return;
      await seen(recorded.position);
      const waiting = shortOf(stock.sku).filter(
        ({ channel }) => orderTerms(policy().document.orders, channel).backOrders === 'oldestFirst',
      );
      const id = `free ${recorded.stream}@${recorded.revision}`;
      for (const order of waiting.slice(0, TRIES_MAX)) {
        if (free(stock.sku, stock.location, order.channel) <= 0) continue;
        const sender = { source: 'evenstock', traceparent: traceparentIn(recorded) };
        const answer = decided(await submit(order.id, { type: 'source', id }, sender));
        // The next in line sees what this one has left.
        if (answer.outcome === 'accepted' && answer.position !== undefined) await seen(answer.position);
      }
    },
  };
}

function isAnyByItself(orders: OrderPolicy): boolean {
  return [orders, ...orders.channels].some(({ backOrders }) => backOrders === 'oldestFirst');
}
