// What an order of Square means. A till's sale has happened: each line of a paid order is a fact, with a command id of
// Square's own order and line, so webhook and poll, duplicates and any order of delivery count once. Counts are not read as
// sales: ours come back there too, and reconciliation compares them.
import { z } from 'zod';
import type { StockCommand } from '../../../domain/stock/commands.ts';
import type { InboundCommand, InboundMessage } from '../../inbound/inbound.ts';
import { orderCommandId } from '../../inbound/names.ts';
import type { Identifiers } from '../identifiers.ts';

const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Line = z.object({
  uid: z.string().nullish(),
  catalogObjectId: z.string().nullish(),
  quantity: z.string(),
  itemType: z.string().nullish(),
});
type Line = z.output<typeof Line>;

/** As the SDK gives it. */
export const SquareOrder = z.object({
  id: z.string().min(1),
  locationId: z.string(),
  state: z.string().nullish(),
  createdAt: Time,
  updatedAt: z.iso.datetime({ offset: true }),
  closedAt: Time.nullish(),
  lineItems: z.array(Line).max(500).nullish(),
  returns: z
    .array(z.object({ returnLineItems: z.array(Line).max(500).nullish() }))
    .max(100)
    .nullish(),
  tenders: z.array(z.object({ createdAt: Time.nullish() })).nullish(),
  netAmountDueMoney: z.object({ amount: z.union([z.bigint(), z.number()]).nullish() }).nullish(),
});
export type SquareOrder = z.output<typeof SquareOrder>;

export interface SaleNames {
  readonly channel: string;
  readonly identifiers: Identifiers;
  /** Square's id of the location that this channel is. */
  readonly location: string;
  /** What becomes of what a customer brings back: Square's order does not say whether it went back on the shelf. */
  readonly returned: 'restock' | 'quarantine';
}

class NotOurs extends Error {
  override readonly name = 'NotOurs';
  readonly meaning: InboundMessage['meaning'];
  constructor(meaning: InboundMessage['meaning']) {
    super(meaning.kind);
    this.meaning = meaning;
  }
}

export function messageOf(order: SquareOrder, names: SaleNames): InboundMessage {
  const about = `order ${order.id}`;
  if (order.locationId !== names.location) {
    return { about, meaning: { kind: 'ignored', why: 'of another location of the seller' } };
  }
  if (!isPaid(order)) return { about, meaning: { kind: 'ignored', why: `not paid (${order.state ?? 'no state'})` } };
  try {
    const commands = commandsOf(order, names);
    if (commands.length === 0) return { about, meaning: { kind: 'ignored', why: 'nothing in it is stock' } };
    return { about, meaning: { kind: 'commands', commands } };
  } catch (error) {
    if (!(error instanceof NotOurs)) throw error;
    return { about, meaning: error.meaning };
  }
}

/** Square takes units off its own count when an order is paid, also where it is collected or sent later. */
function isPaid({ state, tenders, netAmountDueMoney }: SquareOrder): boolean {
  if (state === 'COMPLETED') return true;
  const hasTender = (tenders?.length ?? 0) > 0;
  if (state === 'CANCELED') return hasTender;
  return state === 'OPEN' && hasTender && Number(netAmountDueMoney?.amount ?? 1) === 0;
}

/** @throws NotOurs */
function commandsOf(order: SquareOrder, names: SaleNames): readonly InboundCommand[] {
  const lines = linesOf(order.lineItems, 'line', names);
  const back = (order.returns ?? []).flatMap((one) => linesOf(one.returnLineItems, 'return line', names));
  if (lines.length === 0 && back.length === 0) return [];
  const { channel, identifiers, returned } = names;
  const location = identifiers.locationOf(order.locationId);
  if (location === undefined) throw new NotOurs({ kind: 'unmapped', what: 'location', id: order.locationId });
  const to = (what: string, command: Pick<StockCommand, never> & Fact): InboundCommand => ({
    to: 'stock',
    command: { ...command, id: orderCommandId(channel, order.id, what), location, channel } as StockCommand,
  });
  const soldAt = paidAt(order);
  const backAt = order.closedAt ?? soldAt;
  return [
    ...lines.map(({ uid, sku, quantity }) => to(`sale:${uid}`, { type: 'sale', sku, quantity, occurredAt: soldAt })),
    // Paid and then called off: it was never taken away.
    ...(order.state === 'CANCELED' ? lines : []).map(({ uid, sku, quantity }) =>
      to(`cancel:${uid}`, { type: 'return', sku, quantity, occurredAt: backAt, disposition: 'restock' }),
    ),
    ...back.map(({ uid, sku, quantity }) =>
      to(`return:${uid}`, { type: 'return', sku, quantity, occurredAt: soldAt, disposition: returned }),
    ),
  ];
}

interface Fact {
  readonly type: 'sale' | 'return';
  readonly sku: string;
  readonly quantity: number;
  readonly occurredAt: number;
  readonly disposition?: 'restock' | 'quarantine';
}

/** When it was paid. An offline till says when it was, however late it tells (Square: up to 72 hours). */
function paidAt({ tenders, closedAt, createdAt }: SquareOrder): number {
  const times = (tenders ?? []).flatMap(({ createdAt: at }) => (at == null ? [] : [at]));
  return times.length > 0 ? Math.min(...times) : (closedAt ?? createdAt);
}

/** Items of the catalog; amounts typed in and gift cards are no stock. @throws NotOurs */
function linesOf(lines: readonly Line[] | null | undefined, what: string, { identifiers }: SaleNames) {
  return (lines ?? []).flatMap(({ uid, catalogObjectId, quantity, itemType }) => {
    if (catalogObjectId == null || (itemType != null && itemType !== 'ITEM')) return [];
    if (uid == null || uid === '') throw new NotOurs({ kind: 'malformed', reason: `a ${what} has no uid` });
    if (!/^\d{1,9}(\.0{1,5})?$/.test(quantity)) {
      throw new NotOurs({ kind: 'malformed', reason: `${what} ${uid}: ${quantity} are no whole units` });
    }
    const units = Number(quantity);
    if (units === 0) return [];
    const sku = identifiers.skuOf(catalogObjectId);
    if (sku === undefined) throw new NotOurs({ kind: 'unmapped', what: 'sku', id: catalogObjectId });
    return [{ uid, sku, quantity: units }];
  });
}
