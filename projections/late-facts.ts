// What a count should have found, by all that is known today: facts from before its fence that arrived after it belong to
// its variance, although they move the stock no more (R6). Read from the end of the stock's own stream.
import type { EventLog } from '../domain/event-log.ts';
import { readStockEvent } from '../domain/stock/events.ts';
import { onHandDelta } from '../domain/stock/movement.ts';
import { stockStream } from '../domain/stock/stream.ts';
import type { Instant } from '../domain/time.ts';
import { stockAsOf } from './as-of.ts';

/** A count and what was known when it came. */
export interface CountMade {
  readonly sku: string;
  readonly location: string;
  readonly countedAt: Instant;
  /** On-hand as of `countedAt` by the events up to `revision`. */
  readonly expected: number;
  readonly revision: number;
  /** The last count before it, undefined for none. */
  readonly since: Instant | undefined;
  /** The id under which the stock was sent it: no fact about what was there before. */
  readonly commandId: string;
}

export interface ExpectedToday {
  readonly expected: number;
  /** Facts that came later and changed it. */
  readonly lateFacts: number;
}

const READ_EVENTS_MAX = 1_000;

/**
 * Costs what has happened to the stock since the count, up to one window; another count from before the fence that came
 * late costs its whole stream.
 * @param windowMs facts older than this are parked: none from before the fence comes later @throws Unavailable
 */
export async function expectedToday(log: EventLog, count: CountMade, windowMs: number): Promise<ExpectedToday> {
  const { sku, location, countedAt, commandId, since = Number.NEGATIVE_INFINITY } = count;
  const stream = stockStream(sku, location);
  let { expected } = count;
  let lateFacts = 0;
  let fenceMoved = false;
  for (let from = count.revision + 1; ; ) {
    const page = await log.read(stream, from, READ_EVENTS_MAX);
    for (const recorded of page) {
      const event = readStockEvent(recorded);
      if (event.recordedAt > countedAt + windowMs) return ended();
      if (event.occurredAt > countedAt || event.occurredAt <= since || event.commandId === commandId) continue;
      const moved = onHandDelta(event);
      if (event.type === 'StockCounted') fenceMoved = true;
      else if (moved === 0) continue;
      expected += moved;
      lateFacts += 1;
    }
    if (page.length < READ_EVENTS_MAX) return ended();
    from += page.length;
  }

  async function ended(): Promise<ExpectedToday> {
    if (!fenceMoved) return { expected, lateFacts };
    const { levels } = await stockAsOf(log, sku, location, { occurredUpTo: countedAt, without: commandId });
    return { expected: levels.onHand, lateFacts };
  }
}
