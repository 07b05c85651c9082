// The events of a log, page after page, for whoever reads all of it once.
import { type EventLog, type Position, type RecordedEvent, START } from '../domain/event-log.ts';

const PAGE_EVENTS = 2_000;

/** Those after a position, up to the head that there is when it gets there. */
export type PagesAfter = (after?: Position) => AsyncIterable<readonly RecordedEvent[]>;

/** Those after a position, up to the head that there is when it gets there. @throws Unavailable */
export async function* logPages(
  log: Pick<EventLog, 'readAll'>,
  from: Position = START,
): AsyncGenerator<readonly RecordedEvent[]> {
  for (let after = from; ; ) {
    const page = await log.readAll(after, PAGE_EVENTS);
    if (page.length === 0) return;
    after = page.at(-1)!.position;
    yield page;
  }
}
