// External Fulfillment Inventory 2024-09-11: up to ten updates or questions a call, each with an answer of its own. An
// update whose sequence number is below the last one changes nothing, and the answer says which number stands.
import { z } from 'zod';
import { errorList } from './dialect.ts';
import { OWN_NETWORK } from './listings.ts';
import { faultOf, invalid } from './listings-routes.ts';
import type { Room } from './room.ts';

const Requests = z.object({
  requests: z
    .array(
      z.object({
        method: z.enum(['GET', 'POST']),
        uri: z.string(),
        body: z.object({ quantity: z.int().min(0).optional(), clientSequenceNumber: z.int().optional() }).default({}),
      }),
    )
    .min(1),
});
type Request = z.infer<typeof Requests>['requests'][number];

const skuOf = ({ uri }: Request): string => new URL(uri, 'http://inventory').searchParams.get('skuId') ?? '';

export function addInventory(room: Room): void {
  const skusOf = (body: string) => Requests.parse(JSON.parse(body)).requests.map(skuOf);
  const path = '/externalFulfillment/inventory/2024-09-11/inventories';
  /** One address for both: what a call is for stands in it. */
  const kindOf = (body: string) => (body.includes('/inventory/update') ? 'publish' : 'read');
  room.app.post(path, ...room.before(kindOf, 'batchInventory', skusOf), async (call) => {
    const parsed = Requests.safeParse(await call.req.json().catch(() => undefined));
    if (!parsed.success) return invalid(call, 'Request has missing or invalid parameters and cannot be parsed.');
    const { requests } = parsed.data;
    if (requests.length > 10)
      return errorList(call, 400, 'BATCH_SIZE_EXCEED', 'Maximum number for requests supported in batch is 10.');
    const { refuseWholeBatch, refusedSkus } = room.misbehaving.faults;
    if (refuseWholeBatch && requests.some((request) => refusedSkus.includes(skuOf(request)))) {
      return invalid(call, 'Provided input contains an SKU that is not allowed.');
    }
    return call.json({ responses: requests.map((request) => answerOf(request, room)) }, 207);
  });
}

function answerOf(request: Request, room: Room) {
  const { searchParams, pathname } = new URL(request.uri, 'http://inventory');
  const [skuId, locationId] = [searchParams.get('skuId') ?? '', searchParams.get('locationId') ?? ''];
  if (faultOf(skuId, room) !== undefined) {
    const actionableErrors = [
      {
        errorType: 'INVALID_SKU',
        errorSubType: 'The requested Sku does not exist for the seller in requested marketplace.',
      },
    ];
    return {
      status: { statusCode: 400, reasonPhrase: 'Invalid Input' },
      body: { skuId, locationId, actionableErrors },
    };
  }
  const listing = room.listings.get(skuId)!;
  const { quantity, clientSequenceNumber } = request.body;
  const isNewer =
    listing.sequence === undefined || clientSequenceNumber === undefined || clientSequenceNumber >= listing.sequence;
  if (pathname === '/inventory/update' && quantity !== undefined && isNewer) {
    listing.sequence = clientSequenceNumber ?? listing.sequence;
    const value = [{ fulfillment_channel_code: OWN_NETWORK, quantity }];
    room.listings.change(skuId, { op: 'merge', value }, room.now());
  }
  return {
    status: { statusCode: 200, reasonPhrase: 'Success' },
    body: {
      ...{ skuId, locationId, actionableErrors: [], reservedQuantity: listing.reserved },
      sellableQuantity: room.listings.shown(skuId) ?? 0,
      ...(listing.sequence === undefined ? {} : { clientSequenceNumber: listing.sequence }),
    },
  };
}
