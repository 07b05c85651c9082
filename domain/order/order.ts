// The state of one order: what was ordered, what is reserved for it where, and what it still owes the stocks. It is the
// fold of its events. Units are judged by SKU, so that two lines for one SKU are one demand (P4).
import type { ExplodedLine } from '../bundle/explode.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { ChannelId, LocationId, Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import type { OrderKind, Units } from './events.ts';
import type { OrderFlow } from './flow.ts';
import type { OrderStatus } from './machine.ts';
import type { SourcingRule } from './policy.ts';

/** One reservation of an order. `asked`: the stock has not answered. `done`: nothing of it is reserved any more. */
export interface Allocation {
  readonly number: number;
  readonly sku: Sku;
  readonly location: LocationId;
  /** Units the reservation was made for; once `done`, the units fulfilled from it. */
  readonly quantity: number;
  readonly fulfilled: number;
  readonly state: 'asked' | 'held' | 'committed' | 'releasing' | 'done';
  readonly expiresAt: Instant;
}

/** This stock refused so many units in this round. */
export interface RefusedUnits extends Units {
  readonly location: LocationId;
}

export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly kind: OrderKind;
  readonly channel: ChannelId;
  /** As they were exploded when it was placed. */
  readonly lines: readonly ExplodedLine[];
  readonly flow: OrderFlow;
  readonly candidates: readonly LocationId[];
  readonly sourcing: SourcingRule;
  readonly splitsMax: number;
  readonly expiresAt: Instant;
  readonly placedAt: Instant;
  readonly allocations: readonly Allocation[];
  /** Reservations numbered so far. */
  readonly numbered: number;
  readonly round: number;
  readonly refusals: readonly RefusedUnits[];
  /** Numbers of the reservations that their stocks refused. */
  readonly refused: readonly number[];
  readonly renewals: number;
  /** Units as the last `OrderShort` or `OrderRefused` said. */
  readonly short: readonly Units[];
  /** Units that were ordered and are not any more; of a cancelled order all that had not left. */
  readonly cancelled: readonly Units[];
  readonly returned: readonly Units[];
  /** Parts of returns so far. */
  readonly returns: number;
  readonly owed: readonly StockCommand[];
}

export function newOrder(id: string): Order {
  return {
    id,
    status: 'new',
    kind: 'request',
    channel: '',
    lines: [],
    flow: { type: 'ship' },
    candidates: [],
    sourcing: 'priority',
    splitsMax: 1,
    expiresAt: 0,
    placedAt: 0,
    allocations: [],
    numbered: 0,
    round: 0,
    refusals: [],
    refused: [],
    renewals: 0,
    short: [],
    cancelled: [],
    returned: [],
    returns: 0,
    owed: [],
  };
}

/** Units by SKU, in the order of first sight. */
export function bySku(units: readonly Units[]): Map<Sku, number> {
  const sums = new Map<Sku, number>();
  for (const { sku, quantity } of units) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

export function unitsOf(sums: ReadonlyMap<Sku, number>): readonly Units[] {
  return Array.from(sums, ([sku, quantity]) => ({ sku, quantity })).filter(({ quantity }) => quantity > 0);
}

/** Units ordered and not cancelled. */
export function wanted({ lines, cancelled }: Order): Map<Sku, number> {
  return less(bySku(lines), cancelled);
}

/** Units wanted that have not left; of an order that was refused or has expired, none. */
export function openUnits(order: Order): ReadonlyMap<Sku, number> {
  if (order.status === 'refused' || order.status === 'expired') return new Map();
  const open = less(wanted(order), unitsOf(fulfilledUnits(order)));
  return new Map([...open].filter(([, quantity]) => quantity > 0));
}

function less(sums: Map<Sku, number>, units: readonly Units[]): Map<Sku, number> {
  for (const { sku, quantity } of units) sums.set(sku, (sums.get(sku) ?? 0) - quantity);
  return sums;
}

/** Units wanted that nothing covers: no reservation asked for, held or committed, and not fulfilled. */
export function missing(order: Order): ReadonlyMap<Sku, number> {
  const left = wanted(order);
  for (const { sku, quantity, fulfilled, state } of order.allocations) {
    left.set(sku, (left.get(sku) ?? 0) - (state === 'releasing' ? fulfilled : quantity));
  }
  for (const [sku, quantity] of left) if (quantity <= 0) left.delete(sku);
  return left;
}

/** Units this reservation promises, as far as the stock has answered. */
export function reservedUnits({ state, quantity, fulfilled }: Allocation): number {
  return state === 'held' || state === 'committed' ? quantity - fulfilled : 0;
}

export function fulfilledUnits(order: Order): Map<Sku, number> {
  return bySku(order.allocations.map(({ sku, fulfilled }) => ({ sku, quantity: fulfilled })));
}

const RESERVATION_PREFIX = 'order:';

/** No order id has a colon in it, so this is one order's. */
export function reservationId(order: { readonly id: string }, number: number): string {
  return `${RESERVATION_PREFIX}${order.id}:${number}`;
}

/** The number of one of the order's own reservations. */
export function numberOf(order: { readonly id: string }, ownReservationId: string): number {
  return Number(ownReservationId.slice(RESERVATION_PREFIX.length + order.id.length + 1));
}

/** The order and number of a reservation that an order made; undefined for any other. */
export function parseReservationId(id: string): { readonly orderId: string; readonly number: number } | undefined {
  const match = /^order:([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([1-9]\d{0,8})$/.exec(id);
  return match === null ? undefined : { orderId: match[1]!, number: Number(match[2]) };
}
