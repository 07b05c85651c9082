// The Amazon connector over Listings Items and Feeds: patches for what is urgent, feeds for many, read back because an
// accepted value is not a shown one. Limits are those of Amazon's published usage plans.
import type { Clock } from '../../../domain/time.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { Connector, Declaration } from '../channel.ts';
import { FEED_MESSAGES_MAX, publishFeed } from './feed.ts';
import { createFeedWatch } from './feed-watch.ts';
import { type ListingsRoom, patchListing } from './patch.ts';
import { readBackListings, SEARCH_IDS_MAX } from './read-back.ts';
import { readListings } from './statement.ts';

export const LISTINGS_DECLARES: Declaration = {
  batchSizeMax: 1,
  ratePerSecondMax: 5,
  burstMax: 5,
  concurrency: 5,
  semantics: 'set',
  ordering: 'arrival',
  idempotent: false,
  acknowledgement: 'accepted',
  settlesMsMax: 5 * MINUTE,
  isolation: 'per-update',
  readBack: { batchSizeMax: SEARCH_IDS_MAX, ratePerSecondMax: 5, burstMax: 5, concurrency: 2 },
};

/** Amazon advises one feed of a type each 20 minutes; one can be stuck for hours, so it is given up long before. */
export const FEEDS_DECLARE: Declaration['bulk'] = {
  batchSizeMax: FEED_MESSAGES_MAX,
  ratePerSecondMax: 1 / (20 * 60),
  burstMax: 1,
  concurrency: 1,
  settlesMsMax: 30 * MINUTE,
};

export function createListingsConnector(room: ListingsRoom, clock: Clock): Connector {
  const feeds = createFeedWatch(room.call, clock);
  const withFeeds = { ...room, feeds, clock };
  const base: Connector = {
    declares: LISTINGS_DECLARES,
    publish(batch, signal) {
      for (const { sku } of batch.updates) feeds.told(sku);
      return patchListing(batch, room, signal);
    },
    readBack: (skus, signal) => readBackListings(skus, withFeeds, signal),
    readStatement: readListings(room, clock),
  };
  if (!room.settings.feeds) return base;
  return {
    ...base,
    declares: { ...LISTINGS_DECLARES, bulk: FEEDS_DECLARE },
    publishBulk: (batch, signal) => publishFeed(batch, withFeeds, signal),
  };
}
