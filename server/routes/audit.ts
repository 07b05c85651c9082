// GET /v1/audit: everything that happened, in one form, by SKU, location, channel, type and time. A page as JSON, or all of it
// as CSV or NDJSON: streamed as fast as it is read, a page of the log in memory. A limited key sees its own, as in the feed.
import { z } from 'zod';
import { type Position as LogPosition, START } from '../../domain/event-log.ts';
import { InstantText } from '../../domain/stock/commands.ts';
import { ChannelId, LocationId, Sku } from '../../domain/stock/stream.ts';
import { type AuditEntry, auditPages } from '../../projections/audit.ts';
import { type AuditFormat, auditHead, auditLine, auditView } from '../audit-lines.ts';
import { type Api, type ApiContext, admit, headerOf, json, parsePosition, type Route } from './api.ts';
import { visibleTo } from './feed-event.ts';
import { readQuery } from './intake/query.ts';
import { countTo, Position } from './openapi/parameters.ts';

const PAGE_LIMIT_MAX = 1_000;
/** Events looked at for one page. */
const SCANNED_PAGES_MAX = 20;

export const AuditQuery = z.strictObject({
  stream: z.string().min(1).max(300).optional().meta({ description: 'Only this stream, such as channel-webshop' }),
  sku: Sku.optional().meta({ description: 'Its stocks, and whatever else names it' }),
  location: LocationId.optional(),
  channel: ChannelId.optional(),
  type: z.string().min(1).max(100).optional().meta({ description: 'Type of event, such as UnitsSold' }),
  from: InstantText.optional().meta({ description: 'Recorded from this time on' }),
  to: InstantText.optional().meta({ description: 'Recorded up to this time' }),
  after: Position.optional().meta({ description: 'After this position; `next` of a page' }),
  limit: countTo(PAGE_LIMIT_MAX, 1).default(100).meta({ description: 'Entries a page; an export has no limit' }),
});

export const AUDIT_ROUTES: readonly Route[] = [['get', '/v1/audit', getAudit]];

const TYPES: Readonly<Record<AuditFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
};

export async function getAudit(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'events:read');
  const { after: text, limit, ...filter } = readQuery(c, AuditQuery);
  const after = text === undefined ? START : parsePosition(text, 'after');
  const pages = auditPages(api.log, filter, visibleTo(client), after);
  const format = formatOf(headerOf(c, 'accept'));
  if (format === undefined) return json(await page(pages, after, limit));
  // HEAD has no body to read: nothing would give its place back.
  if (c.req.method === 'HEAD') return new Response(null, { headers: { 'content-type': TYPES[format] } });
  const body = exported(pages, format, api.feeds.enter(client.id), api.stopping);
  return new Response(body, { headers: { 'content-type': TYPES[format], 'cache-control': 'no-store' } });
}

function formatOf(accept = ''): AuditFormat | undefined {
  if (accept.includes('text/csv')) return 'csv';
  return accept.includes('application/x-ndjson') ? 'ndjson' : undefined;
}

async function page(pages: ReturnType<typeof auditPages>, after: LogPosition, limit: number) {
  const entries: AuditEntry[] = [];
  let next = after;
  for (let scanned = 0; scanned < SCANNED_PAGES_MAX; scanned++) {
    const { value, done } = await pages.next();
    if (done) return { entries: entries.map(auditView), next: positionText(next), atHead: true };
    entries.push(...value.entries.slice(0, limit - entries.length));
    const isCut = entries.length === limit;
    next = isCut ? entries.at(-1)!.position : value.upTo;
    if (isCut) break;
  }
  return { entries: entries.map(auditView), next: positionText(next), atHead: false };
}

function positionText(position: LogPosition): string | undefined {
  return position === START ? undefined : position.toString();
}

function exported(
  pages: ReturnType<typeof auditPages>,
  format: AuditFormat,
  leave: () => void,
  stopping: AbortSignal,
): ReadableStream<Uint8Array> {
  let hasBegun = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          let text = hasBegun ? '' : auditHead(format);
          hasBegun = true;
          while (text === '') {
            stopping.throwIfAborted();
            const { value, done } = await pages.next();
            if (done) {
              leave();
              controller.close();
              return;
            }
            text = value.entries.map((entry) => auditLine(entry, format)).join('');
          }
          controller.enqueue(Buffer.from(text));
        } catch (error) {
          // The connection breaks: half an export must not pass for the whole of it.
          leave();
          throw error;
        }
      },
      async cancel() {
        leave();
        await pages.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
