// Many quantities at once: a JSON_LISTINGS_FEED of Feeds 2021-06-30. A document is announced, uploaded and named in a feed;
// Amazon works through it later, so all that is known at the end is that it was accepted. Until createFeed nothing can have
// been applied, whatever went wrong.
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import type { Batch, Outcome, Reply } from '../channel.ts';
import { answerOf } from '../http-answer.ts';
import { replyOfError } from '../http-reply.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import type { FeedWatch } from './feed-watch.ts';
import { type ListingsRoom, UNMAPPED } from './patch.ts';
import { quantityChange } from './quantity.ts';
import { readAs } from './selling-partner-api.ts';

/** Of the listings feed schema. */
export const FEED_MESSAGES_MAX = 25_000;
/** A feed document must be smaller. */
const DOCUMENT_BYTES_MAX = 10 * 1024 * 1024;
const CONTENT_TYPE = 'application/json; charset=UTF-8';

const Announced = z.object({ feedDocumentId: z.string().min(1), url: z.url({ protocol: /^https?$/ }) });
const Created = z.object({ feedId: z.string().min(1) });

export interface FeedRoom extends ListingsRoom {
  readonly feeds: FeedWatch;
  readonly clock: Clock;
}

export async function publishFeed({ updates }: Batch, room: FeedRoom, signal: AbortSignal): Promise<Reply> {
  const { call, settings, feeds } = room;
  const { document, told, outcomes } = documentOf(updates, room);
  if (told.length === 0) return { kind: 'answered', outcomes };
  const bytes = Buffer.byteLength(document);
  if (bytes >= DOCUMENT_BYTES_MAX) return { kind: 'batchRefused', reason: `the feed would have ${bytes} bytes` };

  const uploaded = await upload(document, room, signal);
  if (uploaded.kind === 'failed') return nothingApplied(uploaded);
  const created = await call(
    {
      method: 'POST',
      path: '/feeds/2021-06-30/feeds',
      body: JSON.stringify({
        feedType: 'JSON_LISTINGS_FEED',
        marketplaceIds: [settings.marketplaceId],
        inputFeedDocumentId: uploaded.feedDocumentId,
      }),
    },
    signal,
  );
  if (created.kind === 'failed') return created.reply;
  const feed = readAs(Created, created.text);
  if (feed === undefined) return { kind: 'unknown', reason: 'createFeed did not answer as agreed' };
  feeds.created(feed.feedId, told);
  for (const sku of told) outcomes.set(sku, { kind: 'confirmed' });
  return { kind: 'answered', outcomes };
}

/** The feed document: message n is of `told[n - 1]`. What cannot be told is in `outcomes`. */
function documentOf(updates: Batch['updates'], { settings, identifiers }: ListingsRoom) {
  const outcomes = new Map<string, Outcome>();
  const told: string[] = [];
  const messages: object[] = [];
  for (const update of updates) {
    const change = quantityChange(update, identifiers, settings);
    if (change === undefined) {
      outcomes.set(update.sku, { kind: 'refused', reason: UNMAPPED });
      continue;
    }
    const { id, productType, patches } = change;
    told.push(update.sku);
    messages.push({ messageId: told.length, sku: id, operationType: 'PATCH', productType, patches });
  }
  const header = { sellerId: settings.sellerId, version: '2.0', issueLocale: 'en_US' };
  return { document: JSON.stringify({ header, messages }), told, outcomes };
}

async function upload(
  document: string,
  { call, clock }: FeedRoom,
  signal: AbortSignal,
): Promise<{ readonly kind: 'uploaded'; readonly feedDocumentId: string } | Failure> {
  const announced = await call(
    { method: 'POST', path: '/feeds/2021-06-30/documents', body: JSON.stringify({ contentType: CONTENT_TYPE }) },
    signal,
  );
  if (announced.kind === 'failed') return announced;
  const place = readAs(Announced, announced.text);
  if (place === undefined) return notAgreed('createFeedDocument');
  try {
    // The address is signed by itself: our token stays with us.
    const headers = { 'content-type': CONTENT_TYPE };
    const response = await fetch(place.url, { method: 'PUT', redirect: 'manual', signal, headers, body: document });
    const answer = await answerOf(response);
    if (!response.ok) return failureOf(answer, clock.now());
    return { kind: 'uploaded', feedDocumentId: place.feedDocumentId };
  } catch (error) {
    return { kind: 'failed', reply: replyOfError(error) as Failure['reply'] };
  }
}

function notAgreed(operation: string): Failure {
  return { kind: 'failed', reply: { kind: 'unavailable', reason: `${operation} did not answer as agreed` } };
}

/** A document that no feed names has no effect: what is unclear of it is no doubt about the quantities. */
function nothingApplied({ reply }: Failure): Reply {
  return reply.kind === 'unknown' ? { kind: 'unavailable', reason: reply.reason } : reply;
}
