// The Amazon connector over Listings Items and Feeds: patches for what is urgent, feeds for many, read back because an
// accepted value is not a shown one. Limits are those of Amazon's published usage plans.
import { type Clock, MINUTE, SECOND } from '../../../domain/time.ts';
import type { Connector, Declaration } from '../channel.ts';
import { FEED_MESSAGES_MAX, publishFeed } from './feed.ts';
import { createFeedWatch } from './feed-watch.ts';
import { type ListingsRoom, patchListing } from './patch.ts';
import { readBackListings, SEARCH_IDS_MAX } from './read-back.ts';
import type { AmazonSettings } from './settings.ts';
import { readListings } from './statement.ts';

export function declarationOf(settings: AmazonSettings): Declaration {
  const { feeds, feedEveryMinutes, feedSettlesMinutes, patchSettlesMinutes } = settings;
  return {
    batchSizeMax: 1,
    ratePerSecondMax: 5,
    burstMax: 5,
    concurrency: 5,
    semantics: 'set',
    ordering: 'arrival',
    idempotent: false,
    acknowledgement: 'accepted',
    settlesMsMax: patchSettlesMinutes * MINUTE,
    isolation: 'per-update',
    readBack: { batchSizeMax: SEARCH_IDS_MAX, ratePerSecondMax: 5, burstMax: 5, concurrency: 2 },
    bulk: feeds
      ? {
          batchSizeMax: FEED_MESSAGES_MAX,
          ratePerSecondMax: SECOND / (feedEveryMinutes * MINUTE),
          burstMax: 1,
          concurrency: 1,
          settlesMsMax: feedSettlesMinutes * MINUTE,
        }
      : undefined,
  };
}

export function createListingsConnector(room: ListingsRoom, clock: Clock): Connector {
  const feeds = createFeedWatch(room.call, clock);
  const withFeeds = { ...room, feeds, clock };
  const declares = declarationOf(room.settings);
  const base: Connector = {
    declares,
    publish(batch, signal) {
      for (const { sku } of batch.updates) feeds.told(sku);
      return patchListing(batch, room, signal);
    },
    readBack: (skus, signal) => readBackListings(skus, withFeeds, signal),
    readStatement: readListings(room, clock),
  };
  if (declares.bulk === undefined) return base;
  return { ...base, publishBulk: (batch, signal) => publishFeed(batch, withFeeds, signal) };
}
