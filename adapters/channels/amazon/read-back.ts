// Asks Amazon what it shows of some SKUs: searchListingsItems takes up to 20 by name. It takes them as a list with
// commas, so an id with a comma in it is asked for by itself, with getListingsItem.

import type { ReadBack } from '../channel.ts';
import { type Failure, statedLimit, unread } from './failure.ts';
import type { FeedWatch } from './feed-watch.ts';
import { type ListingsRoom, listingPath } from './patch.ts';
import { readAs } from './selling-partner-api.ts';
import { faultOf, Listing, Listings, unitsOf } from './shown.ts';

/** `identifiers` of searchListingsItems, and the most it gives in a page. */
export const SEARCH_IDS_MAX = 20;
const DATA = 'fulfillmentAvailability,issues';

type Found = { readonly kind: 'found'; readonly listings: readonly Listing[]; readonly headers: Headers | undefined };

export async function readBackListings(
  skus: readonly string[],
  room: ListingsRoom & { readonly feeds: FeedWatch },
  signal: AbortSignal,
): Promise<ReadBack> {
  const { identifiers, settings, feeds } = room;
  const skuById = new Map<string, string>();
  for (const sku of skus) {
    const id = identifiers.ofSku(sku)?.id;
    if (id !== undefined) skuById.set(id, sku);
  }
  const searched = [...skuById.keys()].filter((id) => !id.includes(','));
  const units = new Map<string, number>();
  const refused = new Map<string, string>();
  let limit: ReturnType<typeof statedLimit>;
  const asked = [...skuById.keys()].filter((id) => id.includes(','));
  for (const ask of [
    ...(searched.length > 0 ? [() => search(searched, room, signal)] : []),
    ...asked.map((id) => () => get(id, room, signal)),
  ]) {
    const found = await ask();
    if (found.kind !== 'found') return found;
    limit = (found.headers && statedLimit(found.headers)) ?? limit;
    for (const listing of found.listings) {
      const sku = skuById.get(listing.sku);
      if (sku === undefined) continue;
      const shown = unitsOf(listing, settings);
      if (shown !== undefined) units.set(sku, shown);
      const fault = faultOf(listing);
      if (fault !== undefined) refused.set(sku, fault);
    }
  }
  for (const [sku, reason] of await feeds.refused(skus, signal)) refused.set(sku, reason);
  return { kind: 'shown', units, refused, limit };
}

async function search(
  ids: readonly string[],
  { call, settings }: ListingsRoom,
  signal: AbortSignal,
): Promise<Found | Exclude<ReadBack, { kind: 'shown' }>> {
  const answer = await call(
    {
      method: 'GET',
      path: listingPath(settings),
      query: {
        marketplaceIds: settings.marketplaceId,
        identifiers: ids.join(','),
        identifiersType: 'SKU',
        includedData: DATA,
        pageSize: String(SEARCH_IDS_MAX),
      },
    },
    signal,
  );
  if (answer.kind === 'failed') return isNone(answer) ? NONE : unread(answer);
  const found = readAs(Listings, answer.text);
  if (found === undefined) return { kind: 'later', reason: 'searchListingsItems did not answer as agreed' };
  return { kind: 'found', listings: found.items, headers: answer.headers };
}

async function get(
  id: string,
  { call, settings }: ListingsRoom,
  signal: AbortSignal,
): Promise<Found | Exclude<ReadBack, { kind: 'shown' }>> {
  const query = { marketplaceIds: settings.marketplaceId, includedData: DATA };
  const answer = await call({ method: 'GET', path: listingPath(settings, id), query }, signal);
  if (answer.kind === 'failed') return isNone(answer) ? NONE : unread(answer);
  const listing = readAs(Listing, answer.text);
  if (listing === undefined) return { kind: 'later', reason: 'getListingsItem did not answer as agreed' };
  return { kind: 'found', listings: [listing], headers: answer.headers };
}

const NONE: Found = { kind: 'found', listings: [], headers: undefined };

/** Amazon says itself that there is no such listing; a bare 404 comes from another address. */
function isNone({ status, code }: Failure): boolean {
  return status === 404 && code !== undefined;
}
