// The events of a log for work that nobody waits for: small pages, and after each a rest three times as long as it took, so that
// reading and hashing a log takes a quarter of the event loop at most, a few milliseconds at a time.

import { type EventLog, type Position, type RecordedEvent, START } from '../../domain/event-log.ts';
import type { RunnerTime } from '../../projections/time.ts';
import type { Timers } from '../publishing/timers.ts';

/** About 3 ms of reading and hashing. */
const PAGE_EVENTS = 200;
const REST_SHARE = 3;
const REST_MS_MIN = 1;
const REST_MS_MAX = 100;

export interface Gently {
  readonly log: Pick<EventLog, 'readAll'>;
  readonly timers: Timers;
  readonly sleep: RunnerTime['sleep'];
  readonly signal: AbortSignal;
}

export interface Stretch {
  /** The last position that is read. */
  readonly upTo?: Position;
  readonly eventsMax?: number;
}

/** Those after a position. @throws Unavailable · the signal's reason once it aborts */
export async function* gentlePages(
  { log, timers, sleep, signal }: Gently,
  from: Position = START,
  { upTo, eventsMax = Number.POSITIVE_INFINITY }: Stretch = {},
): AsyncGenerator<readonly RecordedEvent[]> {
  let left = eventsMax;
  for (let after = from; left > 0; ) {
    signal.throwIfAborted();
    const since = timers.now();
    const read = await log.readAll(after, Math.min(PAGE_EVENTS, left));
    const page = upTo === undefined ? read : read.filter(({ position }) => position <= upTo);
    // A log may answer with more than was asked for.
    yield page.slice(0, left);
    left -= page.length;
    if (page.length === 0 || page.length < read.length) return;
    after = page.at(-1)!.position;
    await sleep(restMs(timers.now() - since), signal);
  }
}

/** Also for lines of a file: the same share. */
export function restMs(workMs: number): number {
  return Math.min(REST_MS_MAX, Math.max(REST_MS_MIN, REST_SHARE * workMs));
}
