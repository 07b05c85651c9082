// The history of one stock, straight from its stream, page by page from either end (R18). Its levels at a time: as-of.ts.
import type { EventLog, RecordedEvent } from '../domain/event-log.ts';
import { stockStream } from '../domain/stock/stream.ts';

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
