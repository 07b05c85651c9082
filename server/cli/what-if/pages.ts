// The events of a log, page after page: from a log that this process has open, or over HTTP from a running server.
import { type EventLog, type JsonObject, type RecordedEvent, START } from '../../../domain/event-log.ts';
import { askServer } from '../ask-server.ts';

const LOG_PAGE = 2_000;
const FEED_PAGE = 1_000;

export async function* logPages(log: EventLog): AsyncGenerator<readonly RecordedEvent[]> {
  for (let after = START; ; ) {
    const page = await log.readAll(after, LOG_PAGE);
    if (page.length === 0) return;
    after = page.at(-1)!.position;
    yield page;
  }
}

interface FeedPage {
  readonly events: readonly (Omit<RecordedEvent, 'position' | 'data' | 'metadata'> & {
    readonly position: string;
    readonly data: JsonObject;
    readonly metadata: JsonObject;
  })[];
  readonly next?: string;
  readonly atHead?: boolean;
}

/** @throws ConfigError when the server refuses, or does not answer */
export async function* feedPages(url: string, key: string | undefined): AsyncGenerator<readonly RecordedEvent[]> {
  const options = { url, ...(key === undefined ? {} : { key }) };
  for (let after: string | undefined; ; ) {
    const path = `/v1/events?limit=${FEED_PAGE}${after === undefined ? '' : `&after=${after}`}`;
    const page = (await askServer(path, options)) as FeedPage;
    yield page.events.map((event) => ({ ...event, position: BigInt(event.position) }) as RecordedEvent);
    after = page.next ?? after;
    if (page.atHead || page.next === undefined) return;
  }
}
