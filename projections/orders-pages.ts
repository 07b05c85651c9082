// The rows of the orders projection, what they share, and how each is stored: as a small array.
import type { OrderKind } from '../domain/order/events.ts';
import type { OrderStatus } from '../domain/order/machine.ts';
import { type Instant, instantOf, minuteOf, msInMinute } from '../domain/time.ts';
import { createNames } from './names.ts';
import { type Place, placeOf } from './placed-rows.ts';
import type { InPage } from './stored-rows.ts';

/** Kept up to date in place. */
export interface OrderRow {
  readonly id: string;
  readonly channel: string;
  readonly status: OrderStatus;
  /** Commands that stocks have not answered. */
  readonly owed: number;
  /** When its last event was recorded: `changedAt`. */
  readonly changedMinute: number;
  readonly changedMs: number;
  /** Undefined of an order that had ended and owes again, for a return: all below is not known of it any more. */
  readonly kind: OrderKind | undefined;
  /** Of its first event: orders are listed in this order. */
  readonly placed: Place;
  /** When: `placedAt`. */
  readonly placedMinute: number;
  readonly placedMs: number;
  /** Units that no reservation covers. */
  readonly short: number;
  readonly skus: readonly string[];
}

export function placedAt({ placedMinute, placedMs }: Pick<OrderRow, 'placedMinute' | 'placedMs'>): Instant {
  return instantOf(placedMinute, placedMs);
}

export function changedAt({ changedMinute, changedMs }: Pick<OrderRow, 'changedMinute' | 'changedMs'>): Instant {
  return instantOf(changedMinute, changedMs);
}

export type Row = { -readonly [K in keyof OrderRow]: OrderRow[K] } & InPage<Row>;

export type StoredRow = readonly [
  id: string,
  channel: string,
  status: OrderStatus,
  owed: number,
  changedAt: number,
  kind: OrderKind | null,
  placed: string,
  placedAt: number,
  short: number,
  skus: readonly string[],
];

export function toStored(row: Row): StoredRow {
  const { id, channel, status, owed, kind, placed, short, skus } = row;
  return [id, channel, status, owed, changedAt(row), kind ?? null, String(placed), placedAt(row), short, skus];
}

/** The one copy of a text that all rows share. */
export interface Shared {
  name(text: string): string;
  names(texts: readonly string[]): readonly string[];
}

export function createShared(): Shared {
  const all = createNames();
  /** Most orders have one SKU. */
  const alone = new Map<string, readonly string[]>();
  const name = (text: string) => all.name(all.intern(text));
  return {
    name,
    names(texts) {
      const [first, ...others] = texts;
      if (first === undefined || others.length > 0) return texts.map(name);
      const list = alone.get(first) ?? [name(first)];
      alone.set(list[0]!, list);
      return list;
    },
  };
}

export function newRow(id: string, channel: string): Row {
  return {
    id,
    channel,
    status: 'new',
    owed: 0,
    changedMinute: 0,
    changedMs: 0,
    kind: undefined,
    placed: 0,
    placedMinute: 0,
    placedMs: 0,
    short: 0,
    skus: [],
    next: undefined,
    hash: 0,
  };
}

export function fromStored(stored: StoredRow, shared: Shared): Row {
  const [id, channel, status, owed, changed, kind, placed, at, short, skus] = stored;
  return Object.assign(newRow(id, shared.name(channel)), {
    ...{ status, owed, changedMinute: minuteOf(changed), changedMs: msInMinute(changed), kind: kind ?? undefined },
    ...{ placed: placeOf(BigInt(placed)), placedMinute: minuteOf(at), placedMs: msInMinute(at) },
    ...{ short, skus: shared.names(skus) },
  });
}
