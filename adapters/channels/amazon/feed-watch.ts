// Remembers the feeds of this process until Amazon has worked through them, and which SKUs their reports refuse. A cache:
// after a restart, or when a report cannot be had, an SKU that Amazon refused in a feed just does not settle, is told again
// by a patch, and refused there.
import { z } from 'zod';
import { type Clock, MINUTE, SECOND } from '../../../domain/time.ts';
import { readFeedReport } from './feed-report.ts';
import { type CallSellingPartner, readAs } from './selling-partner-api.ts';

export interface FeedWatch {
  /** Message n of this feed was of `skus[n - 1]`. What was refused of them before is no longer true. */
  created(feedId: string, skus: readonly string[]): void;
  /** One was told in another way: what a feed said of it is no longer true. */
  told(sku: string): void;
  /** SKU → why Amazon did not take it after all. Asks at most one feed, and not too often; never rejects. */
  refused(skus: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

const Feed = z.object({ processingStatus: z.string(), resultFeedDocumentId: z.string().optional() });

/** getFeed allows 2 a second, getFeedDocument one in 45 s; a feed takes minutes. */
const ASK_EVERY_MS = 45 * SECOND;
/** Older feeds are forgotten: their SKUs were told again meanwhile. */
const WATCH_MS_MAX = 6 * 60 * MINUTE;
const FEEDS_MAX = 16;

export function createFeedWatch(call: CallSellingPartner, clock: Clock): FeedWatch {
  const open = new Map<string, { readonly skus: readonly string[]; readonly since: number }>();
  const refusals = new Map<string, string>();
  let nextAskAt = 0;

  async function ask(signal: AbortSignal): Promise<void> {
    const now = clock.now();
    for (const [feedId, { since }] of open) if (now - since > WATCH_MS_MAX) open.delete(feedId);
    const [oldest] = open;
    if (oldest === undefined || now < nextAskAt) return;
    nextAskAt = now + ASK_EVERY_MS;
    const [feedId, watched] = oldest;
    // Next time it is another's turn: one feed that is stuck must not hide the others.
    open.delete(feedId);
    open.set(feedId, watched);
    const answer = await call({ method: 'GET', path: `/feeds/2021-06-30/feeds/${encodeURIComponent(feedId)}` }, signal);
    const feed = answer.kind === 'ok' ? readAs(Feed, answer.text) : undefined;
    if (feed === undefined || !ENDED.has(feed.processingStatus)) return;
    if (feed.resultFeedDocumentId === undefined) {
      open.delete(feedId);
      return;
    }
    const report = await readFeedReport(feed.resultFeedDocumentId, call, signal);
    if (report === undefined) return;
    open.delete(feedId);
    for (const [message, reason] of report) {
      const sku = watched.skus[message - 1];
      if (sku !== undefined) refusals.set(sku, reason);
    }
  }

  return {
    created(feedId, skus) {
      for (const sku of skus) refusals.delete(sku);
      open.set(feedId, { skus, since: clock.now() });
      for (const oldest of open.keys()) {
        if (open.size <= FEEDS_MAX) break;
        open.delete(oldest);
      }
    },
    told: (sku) => void refusals.delete(sku),
    async refused(skus, signal) {
      if (open.size > 0) await ask(signal);
      const found = new Map<string, string>();
      for (const sku of skus) {
        const reason = refusals.get(sku);
        if (reason !== undefined) found.set(sku, reason);
      }
      return found;
    },
  };
}

/** FATAL and CANCELLED applied nothing of it, or nobody knows what. */
const ENDED: ReadonlySet<string> = new Set(['DONE', 'FATAL', 'CANCELLED']);
