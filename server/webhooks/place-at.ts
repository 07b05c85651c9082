// The place in the log from which events were recorded at a time or later. Clocks of several writers differ a little, so it is
// the place before the first such event, found by reading from the beginning.
import { type EventLog, type Position, START } from '../../domain/event-log.ts';
import { knownAt } from '../../domain/known-at.ts';
import type { Instant } from '../../domain/time.ts';

const PAGE = 1_000;

/** Position of the last event before the first one that was recorded at `from` or later; the head if there is none. */
export async function firstBefore(from: Instant, log: Pick<EventLog, 'readAll'>): Promise<Position> {
  let before = START;
  for (;;) {
    const events = await log.readAll(before, PAGE);
    if (events.length === 0) return before;
    for (const { position, data } of events) {
      const at = knownAt(data);
      if (at !== undefined && at >= from) return before;
      before = position;
    }
  }
}
