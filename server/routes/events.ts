// GET /v1/events: the log as a feed, resumable from any position. As pages of JSON, or live as server-sent events
// when the sender accepts text/event-stream. A key limited to locations or channels sees only theirs.
import { z } from 'zod';
import { type Position as LogPosition, START } from '../../domain/event-log.ts';
import { parseStockStream, Sku } from '../../domain/stock/stream.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, headerOf, json, parsePosition } from './api.ts';
import { eventFeed } from './event-feed.ts';
import { feedEvent, isLimited, type Sees, visibleTo } from './feed-event.ts';
import { readQuery } from './intake/query.ts';
import { countTo, Position } from './openapi/parameters.ts';

const PAGE_LIMIT_MAX = 1_000;
/** Events looked at for one page: a narrow key must not make one request read the whole log. */
const SCANNED_MAX = 10_000;

export const EventsQuery = z.strictObject({
  after: z
    .union([z.literal('latest'), Position], { error: 'must be a position, or latest' })
    .optional()
    .meta({ description: 'The position of the last event already seen, or `latest`; default: from the first event' }),
  limit: countTo(PAGE_LIMIT_MAX, 1).default(100).meta({ description: 'Events a page at most' }),
  sku: Sku.optional().meta({ description: 'Only events of its stocks' }),
});

export async function getEvents(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'events:read');
  const { after, limit, sku } = readQuery(c, EventsQuery);
  // HEAD has no body to read: a feed opened for it would never be closed.
  const isLive = c.req.method === 'GET' && (headerOf(c, 'accept')?.includes('text/event-stream') ?? false);
  const lastEventId = isLive ? headerOf(c, 'last-event-id') : undefined;
  const from = await startOf(api, lastEventId ?? after, lastEventId === undefined ? 'after' : 'Last-Event-ID');
  const sees = sku === undefined ? visibleTo(client) : isOf(sku, visibleTo(client));
  if (isLive) return eventFeed(api, client, from, sees);

  const events: unknown[] = [];
  let next = from;
  let isAtHead = false;
  for (let scanned = 0; events.length < limit && scanned < SCANNED_MAX; ) {
    const read = await api.log.readAll(next, limit);
    if (read.length === 0) {
      isAtHead = true;
      break;
    }
    for (const event of read) {
      if (events.length === limit) break;
      next = event.position;
      if (sees(event)) events.push(feedEvent(event));
    }
    scanned += read.length;
  }
  // Fewer events than the limit say nothing about the end; `atHead` does.
  const partial = isLimited(client) || undefined;
  return json({ events, next: next === START ? undefined : next, atHead: isAtHead, partial });
}

function isOf(sku: string, sees: Sees): Sees {
  return (event) => parseStockStream(event.stream)?.sku === sku && sees(event);
}

/** @throws HttpProblem `invalid-parameter`, `position-ahead` */
async function startOf(api: Api, text: string | undefined, name: string): Promise<LogPosition> {
  if (text === undefined) return START;
  if (text === 'latest') return api.log.head();
  const position = parsePosition(text, name);
  const head = await api.log.head();
  if (position <= head) return position;
  const message = `lies ahead of the log, whose last position is ${head}`;
  throw new HttpProblem('position-ahead', `${name} ${message}`, {
    errors: [{ path: name, rule: 'position-ahead', message }],
  });
}
