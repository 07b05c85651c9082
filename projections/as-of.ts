// The state of one stock as of two times (R18): event time (when things happened) and log time (when we learned of them).
// What was true at T may differ from what was known at T. Read from the stock's own stream: what else is in the log costs nothing.
import type { EventLog, Position, RecordedEvent } from '../domain/event-log.ts';
import { START } from '../domain/event-log.ts';
import { readStockEvent, type StockEvent } from '../domain/stock/events.ts';
import { evolve } from '../domain/stock/evolve.ts';
import type { Levels } from '../domain/stock/levels.ts';
import { type Life, lifeOf } from '../domain/stock/life.ts';
import { levelsAfter, type Movement } from '../domain/stock/movement.ts';
import { emptyStock, type Stock } from '../domain/stock/stock.ts';
import { stockStream } from '../domain/stock/stream.ts';
import type { Instant } from '../domain/time.ts';

export interface StockAsOf {
  readonly levels: Levels;
  readonly life: Life;
  /** Reserved units by channel. */
  readonly reservedBy: ReadonlyMap<string, number>;
  /** Events of the stream that count at that time. */
  readonly events: number;
  /** Revision of the last of them in the stream, -1 for none; its position, `START` for none. */
  readonly revision: number;
  readonly position: Position;
  /** When the last count of them was, undefined for none. */
  readonly countedAt: Instant | undefined;
}

/** Two times, either or both: what had happened by `asOf`, as it was known at `knownAt`. */
export interface Times {
  readonly asOf?: Instant | undefined;
  readonly knownAt?: Instant | undefined;
}

export interface AsOfOptions {
  readonly occurredUpTo?: Instant;
  readonly recordedUpTo?: Instant;
  readonly revisionUpTo?: number;
  /** A command left out, as if it had never been sent. */
  readonly without?: string;
}

const READ_EVENTS_MAX = 1_000;

/** What had happened by `at`, by all that is in the log today: late facts and later counts of that time included. */
export function whatWasTrueAt(log: Reads, sku: string, location: string, at: Instant): Promise<StockAsOf> {
  return stockAsOf(log, sku, location, { occurredUpTo: at });
}

/** What we believed at `at`: what had been recorded by then. */
export function whatWasKnownAt(log: Reads, sku: string, location: string, at: Instant): Promise<StockAsOf> {
  return stockAsOf(log, sku, location, { recordedUpTo: at });
}

export function optionsOf({ asOf, knownAt }: Times): AsOfOptions {
  return { ...(asOf !== undefined && { occurredUpTo: asOf }), ...(knownAt !== undefined && { recordedUpTo: knownAt }) };
}

/** Does an event count at these times? */
export function countsAt(event: Pick<StockEvent, 'occurredAt' | 'recordedAt'>, { asOf, knownAt }: Times): boolean {
  return event.occurredAt <= (asOf ?? EVER) && event.recordedAt <= (knownAt ?? EVER);
}

type Reads = Pick<EventLog, 'read'>;

/** Both times at once: what had happened by `occurredUpTo` as it was known at `recordedUpTo`. Reads the whole stream. @throws Unavailable */
export async function stockAsOf(log: Reads, sku: string, location: string, options: AsOfOptions): Promise<StockAsOf> {
  const { occurredUpTo = EVER, recordedUpTo = EVER, revisionUpTo = EVER, without } = options;
  const stream = stockStream(sku, location);
  let stock = emptyStock();
  let last: RecordedEvent | undefined;
  let events = 0;
  for (let from = 0; ; ) {
    const page = await log.read(stream, from, READ_EVENTS_MAX);
    for (const recorded of page) {
      const event = readStockEvent(recorded);
      // Log time only grows within a stream: nothing after this was known.
      if (event.recordedAt > recordedUpTo || recorded.revision > revisionUpTo) return asOf(stock, events, last);
      if (event.occurredAt > occurredUpTo || event.commandId === without) continue;
      stock = evolve(stock, { ...event, levels: levelsAfter(stock, movementOf(event)) }, KEEP_ALL_MS);
      events += 1;
      last = recorded;
    }
    if (page.length === 0) return asOf(stock, events, last);
    from += page.length;
  }
}
const EVER = Number.POSITIVE_INFINITY;
/** No window: a count of long ago still adds every movement after it. */
const KEEP_ALL_MS = Number.POSITIVE_INFINITY;

/** The levels in an event follow from all events before it; without some of them they are worked out again. */
function movementOf(event: StockEvent): Movement {
  const { levels: _, ...movement } = event;
  return movement as Movement;
}

function asOf(stock: Stock, events: number, last: RecordedEvent | undefined): StockAsOf {
  // A sale may have used up, in event time, a reservation made after it: promised units are never fewer than none.
  const levels = { ...stock.levels, reserved: Math.max(0, stock.levels.reserved) };
  const reservedBy = new Map(
    [...stock.reservedByChannel.entries()].map(([channel, units]) => [channel, Math.max(0, units)]),
  );
  const { revision, position } = last ?? { revision: -1, position: START };
  // Nor is the life in an event the one that follows from some of the events before it.
  return { levels, life: lifeOf(stock.turns), reservedBy, events, revision, position, countedAt: stock.fence?.at };
}
