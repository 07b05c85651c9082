// An order as webhooks carry it: the JSON of Shopify's REST resource (shopify.dev/docs/api/admin-rest → Order), of which
// only what moves stock is read.
import { z } from 'zod';
import type { ShopOrder } from './order.ts';

const Number_ = z.union([z.int().positive(), z.string().regex(/^\d{1,20}$/)]).transform(String);
const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Units = z.int().min(0).max(1_000_000);

const LineItem = z.object({
  id: Number_,
  variant_id: Number_.nullish(),
  product_id: Number_.nullish(),
  sku: z.string().nullish(),
  quantity: Units,
  fulfillable_quantity: Units,
  gift_card: z.boolean().default(false),
});

export const OrderPayload = z.object({
  id: Number_,
  test: z.boolean().default(false),
  cancelled_at: z.string().nullish(),
  line_items: z.array(LineItem).max(100),
  fulfillments: z
    .array(
      z.object({
        id: Number_,
        status: z.string().nullish(),
        created_at: Time,
        location_id: Number_.nullish(),
        line_items: z.array(z.object({ id: Number_, quantity: Units })).default([]),
      }),
    )
    .default([]),
  refunds: z
    .array(
      z.object({
        id: Number_,
        created_at: Time,
        refund_line_items: z
          .array(
            z.object({
              line_item_id: Number_,
              quantity: Units,
              restock_type: z.string().default('no_restock'),
              location_id: Number_.nullish(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

/** A refund or a fulfilment: it says of which order it is. */
export const PartPayload = z.object({ order_id: Number_ });

export function orderOfPayload(payload: z.output<typeof OrderPayload>): ShopOrder {
  return {
    id: payload.id,
    isTest: payload.test,
    isCancelled: payload.cancelled_at != null,
    lines: payload.line_items.map((line) => ({
      id: line.id,
      variant: line.variant_id ?? undefined,
      quantity: line.quantity,
      unfulfilled: line.fulfillable_quantity,
      isNoStock: line.gift_card || (line.variant_id == null && line.product_id == null && !line.sku),
    })),
    fulfilments: payload.fulfillments.map((one) => ({
      id: one.id,
      state: stateOf(one.status ?? 'pending'),
      at: one.created_at,
      location: one.location_id ?? undefined,
      lines: one.line_items.map(({ id, quantity }) => ({ line: id, quantity })),
    })),
    refunds: payload.refunds.map((one) => ({
      id: one.id,
      at: one.created_at,
      returned: one.refund_line_items
        .filter(({ restock_type }) => isReturned(restock_type))
        .map((line) => ({ line: line.line_item_id, quantity: line.quantity, location: line.location_id ?? undefined })),
    })),
  };
}

/** Of a fulfilment, in the words of REST or of GraphQL. */
export function stateOf(status: string): 'success' | 'underway' | 'void' {
  switch (status.toLowerCase()) {
    case 'success':
      return 'success';
    case 'pending':
    case 'open':
      return 'underway';
    default:
      return 'void';
  }
}

/** `cancel` puts back what had not left, `no_restock` is money alone. */
export function isReturned(restockType: string): boolean {
  return restockType.toLowerCase() === 'return';
}
