// The events of a log, page after page, over HTTP from a running server: as `logPages` from a log that this process has open.
import { type JsonObject, type Position, type RecordedEvent, START } from '../../domain/event-log.ts';
import { ConfigError } from '../config.ts';
import { askServer } from './ask-server.ts';

const FEED_PAGE = 1_000;

interface FeedPage {
  readonly events: readonly (Omit<RecordedEvent, 'position' | 'data' | 'metadata'> & {
    readonly position: string;
    readonly data: JsonObject;
    readonly metadata: JsonObject;
  })[];
  readonly next?: string;
  readonly atHead?: boolean;
  readonly partial?: true;
}

/** @throws ConfigError when the server refuses, or does not answer */
export async function* feedPages(
  url: string,
  key: string | undefined,
  from: Position = START,
): AsyncGenerator<readonly RecordedEvent[]> {
  const options = { url, ...(key === undefined ? {} : { key }) };
  for (let after = from === START ? undefined : String(from); ; ) {
    const path = `/v1/events?limit=${FEED_PAGE}${after === undefined ? '' : `&after=${after}`}`;
    const page = (await askServer(path, options)) as FeedPage;
    if (page.partial) throw new ConfigError('this key sees only some locations or channels: take one without limits');
    yield page.events.map((event) => ({ ...event, position: BigInt(event.position) }) as RecordedEvent);
    after = page.next ?? after;
    if (page.atHead || page.next === undefined) return;
  }
}
