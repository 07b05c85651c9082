// Five channels as the product meets them: its own adapters over HTTP against the vendors' simulators, each listing every SKU
// and refusing what is above the vendor's limits, by the time that publishing lives in.
import { amazonVendor } from '../../adapters/channels/amazon/amazon.ts';
import { SIMULATED_SELLER } from '../../adapters/channels/amazon/simulator/app.ts';
import { startAmazon } from '../../adapters/channels/amazon/simulator/server.ts';
import type { Connector } from '../../adapters/channels/channel.ts';
import { startEbay } from '../../adapters/channels/ebay/simulator/server.ts';
import { ebayVendor } from '../../adapters/channels/ebay/vendor.ts';
import { type Identifiers, sameIdentifiers } from '../../adapters/channels/identifiers.ts';
import { createShopify } from '../../adapters/channels/shopify/simulator/app.ts';
import { createShop } from '../../adapters/channels/shopify/simulator/shop.ts';
import { shopifyVendor } from '../../adapters/channels/shopify/vendor.ts';
import type { CallLog } from '../../adapters/channels/simulator/call-log.ts';
import { serveSimulator } from '../../adapters/channels/simulator/serve.ts';
import { createSquare } from '../../adapters/channels/square/simulator/app.ts';
import { loadSdk } from '../../adapters/channels/square/square-api.ts';
import { squareVendor } from '../../adapters/channels/square/vendor.ts';
import type { Vendor } from '../../adapters/channels/vendor.ts';
import { createWooSimulator } from '../../adapters/channels/woocommerce/simulator/app.ts';
import { wooCommerceVendor } from '../../adapters/channels/woocommerce/woocommerce.ts';
import type { ChannelPolicy, PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { Clock } from '../../domain/time.ts';
import { WAREHOUSE } from './stocks.ts';

export interface Shop {
  readonly vendor: Vendor;
  /** Of a policy, under `connector`. */
  readonly connector: NonNullable<NonNullable<PolicyDocumentJson['channels']>[number]['connector']>;
  readonly identifiers: Identifiers;
  readonly log: CallLog;
  /** Calls that it refused for their pace. */
  readonly throttled: () => number;
  readonly shown: (sku: string) => number | undefined;
  close(): Promise<void>;
}

export interface Listing {
  readonly skus: readonly string[];
  /** That each shows. */
  readonly units: number;
  readonly now: () => number;
}

/** One secret for all: the simulators are told the same. */
export const SECRET = 'a-secret-of-the-benchmark';
const secret = () => SECRET;
const credentials = { clientId: SECRET, clientSecret: SECRET, refreshToken: SECRET };
const common = { secretEnv: 'BENCH', timeoutMs: 60_000 };

const START: Readonly<Record<string, (listing: Listing) => Promise<Shop>>> = {
  amazon: startAmazonShop,
  ebay: startEbayShop,
  shopify: startShopifyShop,
  woocommerce: startWooShop,
  square: startSquareShop,
};
export const SHOPS: readonly string[] = Object.keys(START);

export async function startShops(listing: Listing): Promise<ReadonlyMap<string, Shop>> {
  const shops = new Map<string, Shop>();
  for (const [id, start] of Object.entries(START)) shops.set(id, await start(listing));
  return shops;
}

/** Every shop sells all of the warehouse. */
export function policyOf(shops: ReadonlyMap<string, Shop>): PolicyDocumentJson {
  const channels = [...shops].map(([id, { connector }]) => ({ id, locations: [WAREHOUSE], connector }));
  return { version: 'bench', locations: [{ id: WAREHOUSE }], channels };
}

export function connectTo({ vendor, identifiers }: Shop, { id, connector }: ChannelPolicy, clock: Clock): Connector {
  return vendor.connect({ channel: id, connector: connector!, identifiers, clock, secret });
}

/** A patch is shown after 3 seconds, a feed is worked through in 5 minutes; its usage plans are Amazon's own. */
async function startAmazonShop({ skus, units, now }: Listing): Promise<Shop> {
  const shop = await startAmazon({ credentials, now, pacedBy: now, speed: 1, applyMs: 3_000, feedMs: 300_000 });
  for (const sku of skus) shop.listings.list(sku, units);
  const settings = { ...SIMULATED_SELLER, tokenUrl: shop.tokenUrl, orders: 'none' };
  return {
    ...{ vendor: amazonVendor, identifiers: sameIdentifiers, log: shop.misbehaving.log, close: shop.close },
    connector: { ...common, type: 'amazon', url: shop.url, settings },
    throttled: () => shop.paces.throttled.values().reduce((sum, calls) => sum + calls, 0),
    shown: shop.listings.shown,
  };
}

async function startEbayShop({ skus, units, now }: Listing): Promise<Shop> {
  const limits = { publish: { ratePerSecond: 23, burst: 25 } };
  const shop = await startEbay({ credentials, skus, now, pacedBy: now, limits });
  for (const sku of skus) shop.items.drift(sku, units, now());
  return {
    ...{ vendor: ebayVendor, identifiers: sameIdentifiers, log: shop.misbehaving.log, close: shop.close },
    connector: { ...common, type: 'ebay', url: shop.url },
    throttled: () => shop.misbehaving.throttled,
    shown: shop.items.shown,
  };
}

/** On the smallest plan. */
async function startShopifyShop({ skus, units, now }: Listing): Promise<Shop> {
  const shop = createShop(now);
  const items = new Map(skus.map((sku) => [sku, shop.list(sku, { units }).item]));
  const { app, misbehaving, points } = createShopify({ token: SECRET, shop, pacedBy: now });
  const { url, close } = await serveSimulator(app);
  const settings = { location: shop.location, webhooks: false };
  return {
    ...{ vendor: shopifyVendor, identifiers: mapped(items), log: misbehaving.log, close },
    connector: { ...common, type: 'shopify', url, settings },
    throttled: () => points.throttled,
    shown: shop.available,
  };
}

/** Products without variations, which have addresses of their own; a shop whose host takes two calls a second. */
async function startWooShop({ skus, units, now }: Listing): Promise<Shop> {
  const rate = { ratePerSecond: 2, burst: 2 };
  const limits = { publish: rate };
  const { app, shop, log } = createWooSimulator({
    ...{ key: SECRET, secret: SECRET, webhookSecret: SECRET, now, pacedBy: now, limits },
  });
  const products = new Map(skus.map((sku) => [sku, String(shop.addProduct(units).id)]));
  const { url, close } = await serveSimulator(app);
  return {
    ...{ vendor: wooCommerceVendor, identifiers: mapped(products), log, close },
    connector: { ...common, type: 'woocommerce', url, ...rate },
    throttled: () => log.calls.filter(({ status }) => status === 429).length,
    shown: (sku) => shop.products.get(Number(products.get(sku)))?.stock ?? undefined,
  };
}

async function startSquareShop({ skus, units, now }: Listing): Promise<Shop> {
  await loadSdk();
  const limits = { publish: { ratePerSecond: 10, burst: 5 } };
  const { app, pos, misbehaving } = createSquare({ token: SECRET, now, pacedBy: now, limits });
  const variations = new Map(skus.map((sku) => [sku, pos.list(units)]));
  const { url, close } = await serveSimulator(app);
  const settings = { location: pos.location, webhooks: false };
  return {
    ...{ vendor: squareVendor, identifiers: mapped(variations), log: misbehaving.log, close },
    connector: { ...common, type: 'square', url, settings },
    throttled: () => misbehaving.throttled,
    shown: (sku) => pos.units(variations.get(sku)!),
  };
}

function mapped(ids: ReadonlyMap<string, string>): Identifiers {
  const skus = new Map([...ids].map(([sku, id]) => [id, sku]));
  return {
    ofSku(sku) {
      const id = ids.get(sku);
      return id === undefined ? undefined : { id };
    },
    skuOf: (id) => skus.get(id),
    ofLocation: () => undefined,
    locationOf: () => undefined,
  };
}
