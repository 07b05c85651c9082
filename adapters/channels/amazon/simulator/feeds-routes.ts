// Feeds 2021-06-30: documents announced and uploaded, feeds created and watched, the processing report of a
// JSON_LISTINGS_FEED.
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Call } from '../../simulator/broken-answers.ts';
import { errorList } from './dialect.ts';
import type { Feed } from './feeds.ts';
import { applyPatches, faultOf, invalid, readPatches } from './listings-routes.ts';
import type { Room } from './room.ts';

const Document = z.object({
  header: z.object({ sellerId: z.string(), version: z.literal('2.0') }),
  messages: z
    .array(z.looseObject({ messageId: z.int().min(1), sku: z.string().min(1), operationType: z.literal('PATCH') }))
    .min(1)
    .max(25_000),
});
const CreateFeed = z.object({
  feedType: z.literal('JSON_LISTINGS_FEED'),
  marketplaceIds: z.array(z.string()).min(1).max(25),
  inputFeedDocumentId: z.string(),
});
const CONTENT_BYTES_MAX = 10 * 1024 * 1024;

export function addFeeds(room: Room): void {
  const { app, feeds, options, now } = room;
  // The call that counts is createFeed: a document that no feed names does nothing.
  app.post('/feeds/2021-06-30/documents', ...room.before('read', 'createFeedDocument'), async (call) => {
    const body = (await call.req.json().catch(() => undefined)) as { contentType?: unknown } | undefined;
    if (typeof body?.contentType !== 'string') return invalid(call, 'contentType is missing');
    const { id } = feeds.announce();
    return call.json({ feedDocumentId: id, url: addressOf(call, id) }, 201);
  });

  // Stands for the store of files: its addresses are signed by themselves, and a token would be a leak.
  app.put('/feed-documents/:id', async (call) => {
    const document = feeds.documents.get(call.req.param('id'));
    if (document === undefined || call.req.header('x-amz-access-token') !== undefined)
      return call.body('AccessDenied', 403);
    const content = await call.req.text();
    if (Buffer.byteLength(content) >= CONTENT_BYTES_MAX) return call.body('EntityTooLarge', 400);
    document.content = content;
    return call.body(null, 200);
  });
  app.get('/feed-documents/:id', (call) => {
    const content = feeds.documents.get(call.req.param('id'))?.content;
    if (content === undefined) return call.body('NoSuchKey', 404);
    return options.gzipReports ? call.body(new Uint8Array(gzipSync(content))) : call.body(content);
  });

  app.post('/feeds/2021-06-30/feeds', ...room.before('bulk', 'createFeed', skusOfFeed), async (call) => {
    const body = CreateFeed.safeParse(await call.req.json().catch(() => undefined));
    if (!body.success) return invalid(call, 'Request has missing or invalid parameters and cannot be parsed.');
    const { feedType: type, inputFeedDocumentId: documentId } = body.data;
    if (feeds.documents.get(documentId)?.content === undefined) return invalid(call, 'inputFeedDocumentId is invalid');
    const createdAt = now();
    const doneAt = options.stuckFeeds ? Number.POSITIVE_INFINITY : createdAt + options.feedMs;
    return call.json({ feedId: feeds.create({ type, documentId, createdAt, doneAt }).id }, 202);
  });

  app.get('/feeds/2021-06-30/feeds/:id', ...room.before('read', 'getFeed'), (call) => {
    const feed = feeds.get(call.req.param('id'));
    return feed === undefined
      ? errorList(call, 404, 'NotFound', 'The feed does not exist.')
      : call.json(shown(feed, room));
  });
  app.get('/feeds/2021-06-30/documents/:id', ...room.before('read', 'getFeedDocument'), (call) => {
    const id = call.req.param('id');
    if (!feeds.documents.has(id)) return errorList(call, 404, 'NotFound', 'The document does not exist.');
    const gzip = options.gzipReports ? { compressionAlgorithm: 'GZIP' } : {};
    return call.json({ feedDocumentId: id, url: addressOf(call, id), ...gzip });
  });

  function skusOfFeed(body: string): readonly string[] {
    const { inputFeedDocumentId } = CreateFeed.parse(JSON.parse(body));
    const content = feeds.documents.get(inputFeedDocumentId)?.content ?? '';
    return Document.parse(JSON.parse(content)).messages.map(({ sku }) => sku);
  }
}

function addressOf(call: Call, id: string): string {
  return new URL(`/feed-documents/${encodeURIComponent(id)}`, call.req.url).href;
}

function shown(feed: Feed, { options }: Room) {
  const { id: feedId, type: feedType, createdAt, status: processingStatus, endedAt, resultDocumentId } = feed;
  return {
    ...{ feedId, feedType, processingStatus, marketplaceIds: [options.marketplaceId] },
    createdTime: new Date(createdAt).toISOString(),
    ...(endedAt === undefined ? {} : { processingEndTime: new Date(endedAt).toISOString() }),
    ...(resultDocumentId === undefined ? {} : { resultFeedDocumentId: resultDocumentId }),
  };
}

/** Works through a feed: every message that is right is applied, the others stand in its report. */
export function workThrough(feed: Feed, at: number, room: Room): void {
  const { feeds, options } = room;
  const content = feeds.documents.get(feed.documentId)?.content ?? '';
  const document = options.fatalFeeds ? undefined : documentOf(content);
  if (document === undefined) {
    feed.status = 'FATAL';
    return;
  }
  const issues: object[] = [];
  for (const { messageId, sku, ...message } of document.messages) {
    const patches = readPatches(message);
    const fault =
      faultOf(sku, room) ??
      (patches === undefined ? { code: '90000', message: 'The patches are invalid.' } : undefined);
    if (fault === undefined) applyPatches(sku, patches!, at, room);
    else issues.push({ messageId, severity: 'ERROR', ...fault, attributeName: 'fulfillment_availability' });
  }
  const { length: messagesProcessed } = document.messages;
  const summary = {
    ...{ errors: issues.length, warnings: 0, messagesProcessed, messagesInvalid: issues.length },
    messagesAccepted: messagesProcessed - issues.length,
  };
  const header = { sellerId: options.sellerId, version: '2.0', feedId: feed.id };
  feed.resultDocumentId = feeds.write(JSON.stringify({ header, issues, summary })).id;
  feed.status = 'DONE';
}

function documentOf(content: string): z.infer<typeof Document> | undefined {
  try {
    return Document.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}
