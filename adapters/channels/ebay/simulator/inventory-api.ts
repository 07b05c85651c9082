// The simulated Inventory API: what the adapter calls of it, answered as eBay's reference says (version 1.17): limits of a
// call, a status per SKU and offer, 207 where they differ.
import { z } from 'zod';
import type { Call } from '../../simulator/broken-answers.ts';
import type { Faults } from '../../simulator/faults.ts';
import type { Item, Items } from './items.ts';
import { inventoryError, refuse, type SimulatedError } from './refusals.ts';

export interface InventoryRoom {
  readonly items: Items;
  readonly now: () => number;
  readonly faults: () => Faults;
}

const REQUESTS_MAX = 25;
const OFFERS_MAX = 25;
const QUANTITY_MAX = 2_147_483_647;

const PriceQuantities = z.object({
  requests: z
    .array(
      z.object({
        sku: z.string().min(1).max(50),
        shipToLocationAvailability: z.object({ quantity: z.int().min(0).max(QUANTITY_MAX) }).optional(),
        offers: z
          .array(z.object({ offerId: z.string(), availableQuantity: z.int().min(0).max(QUANTITY_MAX) }))
          .max(OFFERS_MAX)
          .optional(),
      }),
    )
    .min(1),
});
type PriceQuantity = z.infer<typeof PriceQuantities>['requests'][number];

interface Answer {
  readonly sku: string;
  readonly offerId?: string;
  readonly statusCode: number;
  readonly errors?: readonly SimulatedError[];
}

/** The SKUs that a call names, for the log; throws on a body that is none of eBay's. */
export const skusIn = (body: string): readonly string[] =>
  (JSON.parse(body) as { requests: { sku: string }[] }).requests.map(({ sku }) => sku);

export async function updatePriceQuantity(call: Call, { items, now, faults }: InventoryRoom): Promise<Response> {
  const parsed = PriceQuantities.safeParse(await call.req.json().catch(() => undefined));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return refuse(call, 400, inventoryError(25709, `Invalid value for ${path.join('.')}. ${message}`));
  }
  const { requests } = parsed.data;
  const wrong = wrongOf(requests);
  if (wrong !== undefined) return refuse(call, 400, wrong);
  const { refusedSkus, refuseWholeBatch } = faults();
  const refused = new Set(refusedSkus);
  if (refuseWholeBatch && requests.some(({ sku }) => refused.has(sku))) {
    return refuse(call, 400, inventoryError(25002, 'Any User error. The request holds something that cannot be sold.'));
  }
  const responses = requests.flatMap((request) => {
    const item = refused.has(request.sku) ? undefined : items.get(request.sku);
    return item === undefined ? [unknownSku(request.sku)] : updated(request, item, items, now());
  });
  return call.json({ responses }, responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207);
}

function wrongOf(requests: readonly { readonly sku: string }[]): SimulatedError | undefined {
  if (requests.length > REQUESTS_MAX) {
    return inventoryError(25727, `The number of InventoryItems in the request cannot exceed ${REQUESTS_MAX}.`);
  }
  return new Set(requests.map(({ sku }) => sku)).size < requests.length
    ? inventoryError(25734, 'SKU should be unique in the request.')
    : undefined;
}

const unknownSku = (sku: string): Answer => ({
  ...{ sku, statusCode: 404 },
  errors: [inventoryError(25702, `SKU ${sku} is not available in the system`)],
});

function updated(request: PriceQuantity, item: Item, items: Items, at: number): readonly Answer[] {
  const { sku, shipToLocationAvailability, offers = [] } = request;
  const stranger = offers.find(({ offerId }) => items.offer(offerId)?.sku !== sku);
  if (stranger !== undefined) {
    const { offerId } = stranger;
    return [
      { sku, offerId, statusCode: 404, errors: [inventoryError(25713, `This Offer is not available : ${offerId}.`)] },
    ];
  }
  if (!items.revise(item, at)) {
    const message = 'Cannot revise listing. The listing was revised the maximum number of times today.';
    const errors = [inventoryError(25019, message)];
    return offers.length === 0
      ? [{ sku, statusCode: 400, errors }]
      : offers.map(({ offerId }) => ({ sku, offerId, statusCode: 400, errors }));
  }
  if (shipToLocationAvailability !== undefined) item.quantity = shipToLocationAvailability.quantity;
  for (const { availableQuantity } of offers) item.available = availableQuantity;
  item.updatedAt = at;
  return offers.length === 0
    ? [{ sku, statusCode: 200 }]
    : offers.map(({ offerId }) => ({ sku, offerId, statusCode: 200 }));
}

const bodyOf = ({ sku, quantity }: Item) => ({
  sku,
  locale: 'en_US',
  condition: 'NEW',
  product: { title: sku },
  availability: { shipToLocationAvailability: { quantity, allocationByFormat: { auction: 0, fixedPrice: quantity } } },
});

export async function getItemsBySku(call: Call, { items }: InventoryRoom): Promise<Response> {
  const Asked = z.object({ requests: z.array(z.object({ sku: z.string() })).min(1) });
  const parsed = Asked.safeParse(await call.req.json().catch(() => undefined));
  if (!parsed.success)
    return refuse(call, 400, inventoryError(25709, 'Invalid request. Invalid value for field requests'));
  const wrong = wrongOf(parsed.data.requests);
  if (wrong !== undefined) return refuse(call, 400, wrong);
  const responses = parsed.data.requests.map(({ sku }) => {
    const item = items.get(sku);
    return item === undefined ? unknownSku(sku) : { sku, statusCode: 200, inventoryItem: bodyOf(item) };
  });
  return call.json({ responses }, responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207);
}

/** `offset` counts pages here, as the reference says. */
export function getItemsPage(call: Call, { items }: InventoryRoom): Response {
  const Query = z.object({
    limit: z.coerce.number().int().min(1).max(200).default(25),
    offset: z.coerce.number().int().min(0).default(0),
  });
  const query = Query.safeParse(call.req.query());
  if (!query.success) return refuse(call, 400, inventoryError(25706, 'You have provided invalid pagination values.'));
  const { limit, offset } = query.data;
  const all = items.all();
  const size = Math.ceil(all.length / limit);
  const link = (page: number) => `/sell/inventory/v1/inventory_item?limit=${limit}&offset=${page}`;
  return call.json({
    ...{ href: link(offset), limit, size, total: all.length },
    ...(offset + 1 < size ? { next: link(offset + 1) } : {}),
    ...(offset > 0 ? { prev: link(offset - 1) } : {}),
    inventoryItems: all.slice(offset * limit, (offset + 1) * limit).map(bodyOf),
  });
}
