// Reservations with units that can still expire: which stock, until when. Folded from the stocks' events and stored, so
// that whoever lets them expire knows them at once after a start, however long the log is. A hold leaves when nothing of
// it is held any more: committed units stay promised, but no longer by a time.
import type { JsonObject, RecordedEvent } from '../domain/event-log.ts';
import { readStockEvent, STOCK_EVENT_VERSION } from '../domain/stock/events.ts';
import { takeCommittedFirst, takeHeldFirst } from '../domain/stock/evolve.ts';
import { parseStockStream } from '../domain/stock/stream.ts';
import { type Instant, instantOf, minuteOf, msInMinute } from '../domain/time.ts';
import type { Projection } from './projection.ts';
import { createStoredRows, type InPage } from './stored-rows.ts';

export const OPEN_HOLDS = 'open-holds';

/** Kept up to date in place: `held` is 0 once it is open no more. */
export interface OpenHold {
  readonly stream: string;
  readonly reservationId: string;
  readonly held: number;
  readonly committed: number;
  /** When it expires: `expiryOf`. */
  readonly expiryMinute: number;
  readonly expiryMs: number;
}

export function expiryOf({ expiryMinute, expiryMs }: Pick<OpenHold, 'expiryMinute' | 'expiryMs'>): Instant {
  return instantOf(expiryMinute, expiryMs);
}

function expiring(at: Instant): Pick<OpenHold, 'expiryMinute' | 'expiryMs'> {
  return { expiryMinute: minuteOf(at), expiryMs: msInMinute(at) };
}

/** Told of a hold that is new or expires earlier than before, synchronously after the event; must not throw. */
export type HoldWatcher = (hold: OpenHold) => void;

export interface OpenHolds extends Projection {
  readonly size: number;
  holds(): Iterable<OpenHold>;
  /** At most one; none while a rebuild folds. */
  watch(watcher: HoldWatcher | undefined): void;
  markAllChanged(): void;
}

type Row = { -readonly [K in keyof OpenHold]: OpenHold[K] } & InPage<Row>;

export function createOpenHolds(): OpenHolds {
  const rows = createStoredRows({ name: 'holds', keyOf: rowKey, toStored, fromStored });
  let size = 0;
  let watcher: HoldWatcher | undefined;

  return {
    name: OPEN_HOLDS,
    version: 3,
    get size() {
      return size;
    },
    holds: rows.values,
    watch(next) {
      watcher = next;
    },
    apply(recorded) {
      const touched = touches(recorded);
      if (touched === undefined || recorded.position <= rows.seen) return;
      const key = keyOf(recorded.stream, touched.id);
      const before = rows.get(key);
      if (touched.made !== undefined) {
        const { held, expiresAt } = touched.made;
        const row = newRow(recorded.stream, touched.id, held, 0, expiresAt);
        const hash = rows.changing(key, recorded.position);
        if (before === undefined) size += 1;
        else {
          rows.drop(hash, before);
          before.held = 0;
        }
        rows.add(hash, row);
        watcher?.(row);
        return;
      }
      if (before === undefined) return;
      const until = expiryOf(before);
      const hash = rows.changing(key, recorded.position);
      Object.assign(before, touched.after(before));
      if (before.held <= 0) {
        rows.drop(hash, before);
        size -= 1;
      }
      if (expiryOf(before) < until) watcher?.(before);
    },
    takeChangedPages: rows.takeChangedPages,
    markAllChanged: rows.markAllChanged,
    restore(stored) {
      rows.restore(stored);
      size = Array.from(rows.values()).length;
    },
  };
}

type StoredRow = readonly [stream: string, reservationId: string, held: number, committed: number, expiresAt: number];

function toStored(row: Row): StoredRow {
  return [row.stream, row.reservationId, row.held, row.committed, expiryOf(row)];
}

function fromStored([stream, reservationId, held, committed, expiresAt]: StoredRow): Row {
  return newRow(stream, reservationId, held, committed, expiresAt);
}

function newRow(stream: string, reservationId: string, held: number, committed: number, expiresAt: Instant): Row {
  // Field by field: V8 keeps what a spread adds outside of the object.
  return {
    stream,
    reservationId,
    held,
    committed,
    expiryMinute: minuteOf(expiresAt),
    expiryMs: msInMinute(expiresAt),
    next: undefined,
    hash: 0,
  };
}

function keyOf(stream: string, reservationId: string): string {
  return `${stream} ${reservationId}`;
}

function rowKey({ stream, reservationId }: Row): string {
  return keyOf(stream, reservationId);
}

interface Touched {
  readonly id: string;
  /** Of a new hold. */
  readonly made?: { readonly held: number; readonly expiresAt: Instant };
  /** Of one that was there. */
  after(before: OpenHold): Partial<OpenHold>;
}

const UNCHANGED = () => ({});

/** What an event does to a hold. Whatever can throw comes before the first change. */
function touches(recorded: RecordedEvent): Touched | undefined {
  switch (recorded.type) {
    case 'ReservationMade': {
      const { reservationId, quantity, expiresAt } = dataOf(recorded) ?? {};
      if (typeof reservationId !== 'string') return undefined;
      return {
        id: reservationId,
        made: { held: whole(quantity, recorded), expiresAt: whole(expiresAt, recorded) },
        after: UNCHANGED,
      };
    }
    case 'ReservationRenewed': {
      const { reservationId, expiresAt } = dataOf(recorded) ?? {};
      if (typeof reservationId !== 'string') return undefined;
      const until = whole(expiresAt, recorded);
      return { id: reservationId, after: () => expiring(until) };
    }
    case 'ReservationCommitted':
    case 'ReservationReleased':
    case 'ReservationExpired': {
      const { reservationId, quantity } = dataOf(recorded) ?? {};
      if (typeof reservationId !== 'string') return undefined;
      const units = whole(quantity, recorded);
      if (recorded.type !== 'ReservationCommitted')
        return { id: reservationId, after: (hold) => takeHeldFirst(hold, units) };
      return {
        id: reservationId,
        after: ({ held, committed }) => ({ held: held - units, committed: committed + units }),
      };
    }
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
    case 'TransferDispatched': {
      const consumed = dataOf(recorded)?.['consumed'] as JsonObject | undefined;
      if (consumed === undefined) return undefined;
      const units = whole(consumed['quantity'], recorded);
      return { id: consumed['id'] as string, after: (hold) => takeCommittedFirst(hold, units) };
    }
    default:
      return undefined;
  }
}

function dataOf(recorded: RecordedEvent): JsonObject | undefined {
  if (parseStockStream(recorded.stream) === undefined) return undefined;
  if (recorded.data['v'] === STOCK_EVENT_VERSION) return recorded.data;
  return readStockEvent(recorded) as unknown as JsonObject;
}

function whole(value: unknown, { stream, revision, type }: RecordedEvent): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new Error(`${stream}@${revision}: ${type} without a whole number where one must be`);
}
