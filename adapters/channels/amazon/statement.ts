// All that Amazon shows, in the order in which its listings were created. searchListingsItems pages through 1,000 of them
// at most; then the search begins anew from the last one's time of creation, so a few are told twice.
import { z } from 'zod';
import { Sku } from '../../../domain/stock/stream.ts';
import type { Clock, Instant } from '../../../domain/time.ts';
import type { ReadStatement, StatementReply } from '../statement.ts';
import { unread } from './failure.ts';
import { type ListingsRoom, listingPath } from './patch.ts';
import { SEARCH_IDS_MAX } from './read-back.ts';
import { readAs } from './selling-partner-api.ts';
import { type Listing, Listings, unitsOf } from './shown.ts';

const Cursor = z.strictObject({
  createdAfter: z.string().optional(),
  pageToken: z.string().optional(),
  /** Listings of this search so far. */
  seen: z.int().min(0),
});
type Cursor = z.infer<typeof Cursor>;

export function readListings({ call, settings, identifiers }: ListingsRoom, clock: Clock): ReadStatement {
  return async (text, signal): Promise<StatementReply> => {
    const cursor = text === undefined ? { seen: 0 } : readAs(Cursor, text);
    if (cursor === undefined) return { kind: 'malformed', reason: 'the page asked for is none of this statement' };
    const askedAt = clock.now();
    const answer = await call(
      {
        method: 'GET',
        path: listingPath(settings),
        query: {
          marketplaceIds: settings.marketplaceId,
          includedData: 'summaries,fulfillmentAvailability',
          sortBy: 'createdDate',
          sortOrder: 'ASC',
          pageSize: String(SEARCH_IDS_MAX),
          createdAfter: cursor.createdAfter,
          pageToken: cursor.pageToken,
        },
      },
      signal,
    );
    if (answer.kind === 'failed') return unread(answer);
    const page = readAs(Listings, answer.text);
    if (page === undefined) return { kind: 'malformed', reason: 'searchListingsItems did not answer as agreed' };
    const next = nextOf(cursor, page);
    if (next === 'stuck') {
      return {
        kind: 'malformed',
        reason: `too many listings were created at ${cursor.createdAfter}: upload the statement`,
      };
    }
    return {
      kind: 'page',
      asOf: askedAt,
      next: next && JSON.stringify(next),
      rows: page.items.flatMap((one) => rowsOf(one, askedAt)),
    };
  };

  function rowsOf(listing: Listing, asOf: Instant) {
    const units = unitsOf(listing, settings);
    // An id that could not be an SKU of ours, and a listing that Amazon fulfils, are nothing we publish.
    const sku = Sku.safeParse(identifiers.skuOf(listing.sku));
    return units === undefined || !sku.success ? [] : [{ sku: sku.data, units, asOf }];
  }
}

function nextOf(
  cursor: Cursor,
  { items, pagination, numberOfResults }: z.infer<typeof Listings>,
): Cursor | 'stuck' | undefined {
  const seen = cursor.seen + items.length;
  const pageToken = pagination?.nextToken;
  if (pageToken !== undefined) return { ...cursor, pageToken, seen };
  if (seen >= numberOfResults || items.length === 0) return undefined;
  const createdAfter = items.at(-1)!.summaries?.[0]?.createdDate;
  if (createdAfter === undefined || createdAfter === cursor.createdAfter) return 'stuck';
  return { createdAfter, seen: 0 };
}
