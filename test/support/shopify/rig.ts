// A Shopify channel for tests: the simulator served on loopback, the adapter's connector and inbound side over it, and the
// mapping between our SKUs and the shop's items.

import type { Identifiers } from '../../../adapters/channels/identifiers.ts';
import { createShopify, type ShopifyOptions } from '../../../adapters/channels/shopify/simulator/app.ts';
import { deliveryOf, type Topic } from '../../../adapters/channels/shopify/simulator/payload.ts';
import { shopifyVendor } from '../../../adapters/channels/shopify/vendor.ts';
import { serveSimulator } from '../../../adapters/channels/simulator/serve.ts';
import type { WebhookRequest } from '../../../adapters/inbound/inbound.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { MissingSecret } from '../../../adapters/secrets.ts';

export const TOKEN = 'shpat_0123456789abcdef0123456789abcdef';
export const WEBHOOK_SECRET = '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';
export const CHANNEL = 'dtc';

export async function startShopifyRig(options: Partial<ShopifyOptions> = {}, timeoutMs = 300) {
  const simulator = createShopify({ token: TOKEN, pointsPerSecond: 2_000, ...options });
  const { shop } = simulator;
  const served = await serveSimulator(simulator.app);
  const skus = new Map<string, string>();
  const identifiers: Identifiers = {
    ofSku(sku) {
      const item = shop.itemOf(sku);
      return item !== undefined && skus.has(item.item) ? { id: item.item } : undefined;
    },
    skuOf: (id) => skus.get(id),
    ofLocation: () => undefined,
    locationOf: () => undefined,
  };
  const given = {
    channel: CHANNEL,
    connector: {
      ...{ type: 'shopify', url: served.url, secretEnv: 'DTC', timeoutMs },
      settings: { location: shop.location },
    },
    secret: (suffix?: string) => {
      if (suffix === undefined) return TOKEN;
      if (suffix === 'WEBHOOK') return WEBHOOK_SECRET;
      throw new MissingSecret(`there is no ${suffix}`);
    },
    identifiers,
    clock: systemClock,
  };
  let listed = 0;
  let delivered = 0;
  return {
    ...simulator,
    identifiers,
    given,
    connector: shopifyVendor.connect(given),
    inbound: shopifyVendor.inbound!(given),
    url: served.url,
    /** Lists items and maps them. */
    seed: (count: number, units: number, how: Parameters<typeof shop.list>[1] = {}) =>
      Array.from({ length: count }, () => {
        listed += 1;
        const sku = `TEE-${listed}`;
        skus.set(shop.list(sku, { ...how, units }).item, sku);
        return sku;
      }),
    deliver(
      order: string,
      { topic = 'orders/updated' as Topic, secret = WEBHOOK_SECRET, body = undefined as string | undefined } = {},
    ): WebhookRequest {
      delivered += 1;
      const eventId = `event-${delivered}`;
      const delivery = deliveryOf({ shop, order: shop.orders.get(order)!, topic, secret, eventId, body });
      return {
        rawBody: new TextEncoder().encode(delivery.body),
        headers: new Headers(delivery.headers),
        url: 'https://evenstock.example/v1/hooks/dtc',
      };
    },
    close: served.close,
  };
}
