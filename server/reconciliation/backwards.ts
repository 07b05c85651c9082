// Reads a stream from its end: the port reads forwards, so page by page before the one read last. What is known of an SKU
// is at the end of long streams, and must not cost their length.
import type { EventLog, RecordedEvent } from '../../domain/event-log.ts';

const PAGE_EVENTS = 100;

/** Newest first, from revision `last` on, at most `limit`. */
export async function* readBackwards(
  log: Pick<EventLog, 'read'>,
  stream: string,
  last: number,
  limit: number,
): AsyncGenerator<RecordedEvent> {
  let left = limit;
  for (let end = last; end >= 0 && left > 0; ) {
    const first = Math.max(0, end - Math.min(PAGE_EVENTS, left) + 1);
    const events = await log.read(stream, first, end - first + 1);
    yield* events.toReversed();
    left -= events.length;
    end = first - 1;
  }
}
