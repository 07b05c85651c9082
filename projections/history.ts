// The history of one stock, straight from its stream, and its state as of two times (R18): event time (when things
// happened) and log time (when we learned of them). What was true at T may differ from what was known at T.
import type { EventLog, RecordedEvent } from '../domain/event-log.ts';
import { readStockEvent, type StockEvent } from '../domain/stock/events.ts';
import { evolve } from '../domain/stock/evolve.ts';
import type { Levels } from '../domain/stock/levels.ts';
import { type Life, lifeOf } from '../domain/stock/life.ts';
import { levelsAfter, type Movement } from '../domain/stock/movement.ts';
import { emptyStock, type Stock } from '../domain/stock/stock.ts';
import { stockStream } from '../domain/stock/stream.ts';
import type { Instant } from '../domain/time.ts';

export interface HistoryPage {
  readonly events: readonly RecordedEvent[];
  /** Pass as `from` to get the next page; absent on the last. */
  readonly next?: number;
}

export interface HistoryOptions {
  readonly order: 'newest-first' | 'oldest-first';
  /** 1…1,000. */
  readonly limit: number;
  /** Revision to start at; default the newest or the oldest. */
  readonly from?: number;
}

const READ_EVENTS_MAX = 1_000;

/** Events of one stock, paged by revision; no events for a stock nothing has happened to. */
export async function stockHistory(
  log: EventLog,
  sku: string,
  location: string,
  options: HistoryOptions,
): Promise<HistoryPage> {
  const { order, from } = options;
  const limit = Math.max(1, Math.min(READ_EVENTS_MAX, options.limit));
  const stream = stockStream(sku, location);
  if (order === 'oldest-first') {
    const first = Math.max(0, from ?? 0);
    const events = await log.read(stream, first, limit);
    const hasMore = events.length === limit && (await log.read(stream, first + limit, 1)).length > 0;
    return hasMore ? { events, next: first + limit } : { events };
  }
  const newest = await lastRevision(log, stream);
  const last = Math.min(from ?? newest, newest);
  const first = Math.max(0, last - limit + 1);
  const events = last < 0 ? [] : await log.read(stream, first, last - first + 1);
  return first > 0 ? { events: events.toReversed(), next: first - 1 } : { events: events.toReversed() };
}

/** The revision of the last event, -1 for none. The port reads forwards only: about 2 log₂(n) reads of one event. */
async function lastRevision(log: EventLog, stream: string): Promise<number> {
  const has = async (revision: number) => (await log.read(stream, revision, 1)).length > 0;
  let [there, beyond] = [-1, 1];
  while (await has(beyond - 1)) {
    there = beyond - 1;
    beyond *= 2;
  }
  beyond -= 1;
  while (there + 1 < beyond) {
    const middle = (there + beyond) >>> 1;
    if (await has(middle)) there = middle;
    else beyond = middle;
  }
  return there;
}

export interface StockAsOf {
  readonly levels: Levels;
  readonly life: Life;
  /** Events of the stream that count at that time. */
  readonly events: number;
  /** Revision of the last of them in the stream, -1 for none. */
  readonly revision: number;
  /** When the last count of them was, undefined for none. */
  readonly countedAt: Instant | undefined;
}

export interface AsOfOptions {
  readonly occurredUpTo?: Instant;
  readonly recordedUpTo?: Instant;
  readonly revisionUpTo?: number;
  /** A command left out, as if it had never been sent. */
  readonly without?: string;
}

/** What had happened by `at`, by all that is in the log today: late facts and later counts of that time included. */
export function whatWasTrueAt(log: EventLog, sku: string, location: string, at: Instant): Promise<StockAsOf> {
  return stockAsOf(log, sku, location, { occurredUpTo: at });
}

/** What we believed at `at`: what had been recorded by then. */
export function whatWasKnownAt(log: EventLog, sku: string, location: string, at: Instant): Promise<StockAsOf> {
  return stockAsOf(log, sku, location, { recordedUpTo: at });
}

/** Both times at once: what had happened by `occurredUpTo` as it was known at `recordedUpTo`. Reads the whole stream. @throws Unavailable */
export async function stockAsOf(
  log: EventLog,
  sku: string,
  location: string,
  options: AsOfOptions,
): Promise<StockAsOf> {
  const { occurredUpTo = EVER, recordedUpTo = EVER, revisionUpTo = EVER, without } = options;
  const stream = stockStream(sku, location);
  let stock = emptyStock();
  let [events, revision] = [0, -1];
  for (let from = 0; ; ) {
    const page = await log.read(stream, from, READ_EVENTS_MAX);
    for (const recorded of page) {
      const event = readStockEvent(recorded);
      // Log time only grows within a stream: nothing after this was known.
      if (event.recordedAt > recordedUpTo || recorded.revision > revisionUpTo) return asOf(stock, events, revision);
      if (event.occurredAt > occurredUpTo || event.commandId === without) continue;
      stock = evolve(stock, { ...event, levels: levelsAfter(stock, movementOf(event)) }, KEEP_ALL_MS);
      events += 1;
      revision = recorded.revision;
    }
    if (page.length === 0) return asOf(stock, events, revision);
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

function asOf(stock: Stock, events: number, revision: number): StockAsOf {
  // A sale may have used up, in event time, a reservation made after it: promised units are never fewer than none.
  const levels = { ...stock.levels, reserved: Math.max(0, stock.levels.reserved) };
  // Nor is the life in an event the one that follows from some of the events before it.
  return { levels, life: lifeOf(stock.turns), events, revision, countedAt: stock.fence?.at };
}
