// The rows of the orders projection, what they share, and how each is stored: as a small array.
import type { Position } from '../domain/event-log.ts';
import type { OrderKind } from '../domain/order/events.ts';
import type { OrderStatus } from '../domain/order/machine.ts';
import type { Instant } from '../domain/time.ts';
import { createNames } from './names.ts';
import type { InPage } from './stored-rows.ts';

/** Kept up to date in place. */
export interface OrderRow {
  readonly id: string;
  readonly channel: string;
  readonly status: OrderStatus;
  /** Commands that stocks have not answered. */
  readonly owed: number;
  /** When its last event was recorded. */
  readonly changedAt: Instant;
  /** Undefined of an order that had ended and owes again, for a return: all below is not known of it any more. */
  readonly kind: OrderKind | undefined;
  /** Of its first event: orders are listed in this order. */
  readonly placed: Position;
  readonly placedAt: Instant;
  /** Units that no reservation covers. */
  readonly short: number;
  readonly skus: readonly string[];
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
  const { id, channel, status, owed, changedAt, kind, placed, placedAt, short, skus } = row;
  return [id, channel, status, owed, changedAt, kind ?? null, String(placed), placedAt, short, skus];
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

export function fromStored(stored: StoredRow, shared: Shared): Row {
  const [id, channel, status, owed, changedAt, kind, placed, placedAt, short, skus] = stored;
  return {
    id,
    channel: shared.name(channel),
    status,
    owed,
    changedAt,
    kind: kind ?? undefined,
    placed: BigInt(placed),
    placedAt,
    short,
    skus: shared.names(skus),
    next: undefined,
  };
}
