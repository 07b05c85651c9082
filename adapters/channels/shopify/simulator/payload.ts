// What the simulated shop says of an order by webhook: the JSON of the REST resource, its signature over the raw body, and
// the headers that come with it (shopify.dev/docs/apps/build/webhooks).
import { createHmac } from 'node:crypto';
import { SIGNATURE_HEADER, TOPIC_HEADER } from '../webhook.ts';
import type { Shop, ShopOrderRecord } from './shop.ts';

export interface Delivery {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Topic = 'orders/create' | 'orders/updated' | 'orders/cancelled' | 'refunds/create' | 'fulfillments/create';

export interface DeliveryOptions {
  readonly shop: Shop;
  readonly order: ShopOrderRecord;
  readonly topic: Topic;
  /** The app's client secret. */
  readonly secret: string;
  /** A delivery that is repeated keeps it. */
  readonly eventId: string;
  /** Instead of what it would say, rightly signed. */
  readonly body?: string | undefined;
}

export function deliveryOf({ shop, order, topic, secret, eventId, body: instead }: DeliveryOptions): Delivery {
  const body = instead ?? JSON.stringify(bodyOf(topic, payloadOf(order, shop)));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      [TOPIC_HEADER]: topic,
      [SIGNATURE_HEADER]: createHmac('sha256', secret).update(body).digest('base64'),
      'x-shopify-event-id': eventId,
      'x-shopify-shop-domain': 'simulated.myshopify.com',
      'x-shopify-triggered-at': iso(order.updatedAt),
      'x-shopify-api-version': '2026-10',
    },
  };
}

const iso = (at: number) => new Date(at).toISOString();

function bodyOf(topic: Topic, payload: ReturnType<typeof payloadOf>): object {
  if (topic === 'refunds/create') return { ...payload.refunds.at(-1), order_id: payload.id };
  if (topic === 'fulfillments/create') return { ...payload.fulfillments.at(-1), order_id: payload.id };
  return payload;
}

export function payloadOf(order: ShopOrderRecord, shop: Shop) {
  return {
    id: Number(order.id),
    admin_graphql_api_id: `gid://shopify/Order/${order.id}`,
    test: order.test,
    created_at: iso(order.createdAt),
    updated_at: iso(order.updatedAt),
    cancelled_at: order.cancelledAt === undefined ? null : iso(order.cancelledAt),
    line_items: order.lines.map(({ id, item, quantity, unfulfilled }) => ({
      id: Number(id),
      variant_id: item === undefined ? null : Number(item.variant),
      product_id: item === undefined ? null : Number(item.variant),
      sku: item?.sku ?? '',
      quantity,
      fulfillable_quantity: unfulfilled,
      gift_card: false,
      requires_shipping: true,
    })),
    fulfillments: order.fulfilments.map(({ id, status, createdAt, units }) => ({
      id: Number(id),
      status,
      created_at: iso(createdAt),
      location_id: Number(shop.location),
      line_items: Array.from(units, ([line, quantity]) => ({ id: Number(line), quantity })),
    })),
    refunds: order.refunds.map(({ id, createdAt, restock, units }) => ({
      id: Number(id),
      created_at: iso(createdAt),
      refund_line_items: Array.from(units, ([line, quantity]) => ({
        line_item_id: Number(line),
        quantity,
        restock_type: restock,
        location_id: restock === 'no_restock' ? null : Number(shop.location),
      })),
    })),
  };
}
