// What judging a command can come to, and what all judges ask: are these units free, which reservation do they use up.

import { unusedQuotasOfOthers } from '../channel/quota.ts';
import { plural } from '../plural.ts';
import { available } from './levels.ts';
import type { Movement } from './movement.ts';
import type { Reservation, Stock } from './stock.ts';

/** What policy says about this SKU at this location. */
export interface StockPolicy {
  /** Units no request may touch. */
  readonly safetyStock: number;
  /** Units only one channel may promise, in order of precedence. */
  readonly quotas: readonly { readonly channel: string; readonly quantity: number }[];
  /** Facts older than this are parked, in ms. */
  readonly windowMs: number;
  /** How far ahead of our clock a source's may run, in ms. */
  readonly clockSkewMsMax: number;
}

export type RefusalReason =
  | 'insufficient-available'
  | 'stock-frozen'
  | 'stock-retired'
  | 'reservation-exists'
  | 'unknown-reservation'
  | 'exceeds-reservation'
  | 'expiry-not-in-future'
  | 'not-due'
  | 'transfer-exists'
  | 'unknown-transfer'
  | 'same-location';

export interface Refusal {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  /** For people. */
  readonly detail: string;
}

type Unframed<E> = E extends unknown
  ? Omit<E, 'v' | 'commandId' | 'source' | 'sequence' | 'occurredAt' | 'recordedAt'>
  : never;
/** An event without what every event has. */
export type Payload = Unframed<Movement>;
export type Verdict = Payload | Refusal;

/** Units a reservation still promises. */
export function promised(reservation: Reservation): number {
  return reservation.held + reservation.committed;
}

/** P4: what a request takes must be free: above safety stock and the unused quotas of other channels. */
export function unlessShort(
  stock: Stock,
  quantity: number,
  channel: string | undefined,
  policy: StockPolicy,
): Refusal | undefined {
  if (stock.life === 'retired') return refused('stock-retired', 'this SKU is no longer sold from this location');
  if (stock.life === 'frozen') return refused('stock-frozen', 'this stock is frozen');
  const pool = Math.max(0, available(stock.levels) - policy.safetyStock);
  const reservedBy = (other: string) => stock.reservedByChannel.get(other) ?? 0;
  const free = Math.max(0, pool - unusedQuotasOfOthers(pool, policy.quotas, reservedBy, channel));
  if (quantity <= free) return undefined;
  return refused(
    'insufficient-available',
    `${plural(free, 'unit is', 'units are')} free here, ${plural(quantity, 'was', 'were')} asked for`,
  );
}

/** The part of a reservation that units use up as they leave. */
export function consumes(stock: Stock, reservationId: string | undefined, quantity: number) {
  const reservation = reservationId === undefined ? undefined : stock.reservations.get(reservationId);
  if (reservationId === undefined || reservation === undefined) return undefined;
  const used = Math.min(promised(reservation), quantity);
  return { consumed: { id: reservationId, quantity: used, ...optional('channel', reservation.channel) } };
}

export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

export function refused(reason: RefusalReason, detail: string): Refusal {
  return { outcome: 'refused', reason, detail };
}
