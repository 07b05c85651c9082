// Listings Items 2021-08-01, as far as quantities go: patchListingsItem, getListingsItem, searchListingsItems.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Call } from '../../simulator/broken-answers.ts';
import { errorList } from './dialect.ts';
import type { Listing } from './listings.ts';
import type { Room } from './room.ts';

const PatchBody = z.object({
  productType: z.string().min(1),
  patches: z
    .array(
      z.object({
        op: z.enum(['add', 'replace', 'merge', 'delete']),
        path: z.literal('/attributes/fulfillment_availability'),
        value: z
          .array(
            z.object({
              fulfillment_channel_code: z.string().min(1),
              quantity: z.int().min(0).optional(),
              lead_time_to_ship_max_days: z.int().min(0).optional(),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});
export type PatchBody = z.infer<typeof PatchBody>;

/** Why a listing cannot be changed, in Amazon's words; undefined: it can. */
export function faultOf(sku: string, { listings, misbehaving }: Room) {
  if (listings.get(sku) === undefined) {
    return {
      code: '13013',
      message: 'This SKU does not exist in the Amazon catalog. Your inventory data was not processed.',
    };
  }
  if (!misbehaving.faults.refusedSkus.includes(sku)) return undefined;
  return { code: '99022', message: "A value is not allowed for 'fulfillment_availability' of this listing." };
}

export function applyPatches(sku: string, { patches }: PatchBody, at: number, { listings }: Room): void {
  for (const { op, value } of patches) listings.change(sku, { op, value }, at);
}

export function readPatches(value: unknown): PatchBody | undefined {
  return PatchBody.safeParse(value).data;
}

export function addListings(room: Room): void {
  const { app, options, listings, now } = room;
  const item = `/listings/2021-08-01/items/:sellerId/:sku`;
  const skuOf = (_body: string, call: Call) => [call.req.param('sku')!];

  app.patch(item, ...room.before('publish', 'patchListingsItem', skuOf), async (call) => {
    const wrong = wrongSeller(call, room);
    if (wrong !== undefined) return wrong;
    const sku = call.req.param('sku')!;
    const body = readPatches(await call.req.json().catch(() => undefined));
    if (body === undefined) return invalid(call, 'Request has missing or invalid parameters and cannot be parsed.');
    const submission = { sku, submissionId: randomUUID().replaceAll('-', '') };
    const fault = faultOf(sku, room);
    if (fault !== undefined) {
      const issue = {
        ...fault,
        severity: 'ERROR',
        attributeNames: ['fulfillment_availability'],
        categories: ['INVALID_ATTRIBUTE'],
      };
      return call.json({ ...submission, status: 'INVALID', issues: [issue] });
    }
    applyPatches(sku, body, now() + options.applyMs, room);
    return call.json({ ...submission, status: 'ACCEPTED', issues: [] });
  });

  app.get(item, ...room.before('read', 'getListingsItem', skuOf), (call) => {
    const listing = listings.get(call.req.param('sku')!);
    const wrong = wrongSeller(call, room);
    if (wrong !== undefined) return wrong;
    if (listing === undefined) return errorList(call, 404, 'NOT_FOUND', `SKU '${call.req.param('sku')}' not found`);
    return call.json(itemOf(listing, dataOf(call), room));
  });

  app.get(
    '/listings/2021-08-01/items/:sellerId',
    ...room.before('read', 'searchListingsItems'),
    (call) => wrongSeller(call, room) ?? search(call, room),
  );
}

/** Pages go through 1,000 listings at most; then the search must be another. */
const PAGED_MAX = 1_000;

function search(call: Call, room: Room): Response {
  const pageSize = Number(call.req.query('pageSize') ?? 10);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 20) return invalid(call, 'pageSize must be 1 to 20');
  const identifiers = call.req.query('identifiers')?.split(',');
  if (identifiers !== undefined && identifiers.length > 20) return invalid(call, 'at most 20 identifiers');
  if (identifiers !== undefined && call.req.query('identifiersType') !== 'SKU') return invalid(call, 'identifiersType');
  const after = Date.parse(call.req.query('createdAfter') ?? '1970-01-01T00:00:00Z');
  const ascending = call.req.query('sortOrder') === 'ASC';
  const found = (identifiers === undefined ? room.listings.all() : named(identifiers, room)).filter(
    ({ createdAt }) => createdAt >= after,
  );
  if (!ascending) found.reverse();
  const offset = Number(atob(call.req.query('pageToken') ?? btoa('0')));
  if (!Number.isInteger(offset)) return invalid(call, 'pageToken is invalid');
  const items = found.slice(offset, offset + pageSize);
  const next = offset + items.length;
  const more = next < Math.min(found.length, PAGED_MAX);
  const data = dataOf(call);
  return call.json({
    numberOfResults: found.length,
    pagination: more ? { nextToken: btoa(String(next)) } : {},
    items: items.map((listing) => itemOf(listing, data, room)),
  });
}

/** In the order of creation, as all are. */
function named(skus: readonly string[], { listings }: Room): readonly Listing[] {
  const found = [...new Set(skus)].map((sku) => listings.get(sku)).filter((listing) => listing !== undefined);
  return found.sort((a, b) => a.createdAt - b.createdAt);
}

function itemOf(listing: Listing, data: ReadonlySet<string>, { options }: Room) {
  const { sku, availability, createdAt, updatedAt, issues } = listing;
  const summary = {
    ...{ marketplaceId: options.marketplaceId, productType: 'PRODUCT', itemName: sku, status: ['BUYABLE'] },
    createdDate: new Date(createdAt).toISOString(),
    lastUpdatedDate: new Date(updatedAt).toISOString(),
  };
  return {
    sku,
    ...(data.has('summaries') ? { summaries: [summary] } : {}),
    ...(data.has('issues') ? { issues: issues.map((issue) => ({ ...issue, categories: ['INVALID_ATTRIBUTE'] })) } : {}),
    ...(data.has('fulfillmentAvailability')
      ? {
          fulfillmentAvailability: Array.from(availability, ([fulfillmentChannelCode, { quantity }]) => ({
            fulfillmentChannelCode,
            quantity,
          })),
        }
      : {}),
  };
}

const dataOf = (call: Call): ReadonlySet<string> => new Set((call.req.query('includedData') ?? 'summaries').split(','));

function wrongSeller(call: Call, { options }: Room): Response | undefined {
  if (call.req.param('sellerId') !== options.sellerId) return invalid(call, 'Invalid sellerId provided.');
  if (call.req.query('marketplaceIds') !== options.marketplaceId)
    return invalid(call, 'Invalid marketplaceIds provided.');
  return undefined;
}

export function invalid(call: Call, message: string): Response {
  return errorList(call, 400, 'InvalidInput', message);
}
