// eBay, simulated: the token endpoint, the parts of the Inventory and Fulfillment APIs that the adapter calls, a shop that
// sells what is shown, and misbehaviour on request. For the demo, the scenario and tests. Knows nothing of Evenstock.
import type { HttpBindings } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { CallKind, FaultsJson } from '../../simulator/faults.ts';
import {
  addAdministration,
  createMisbehaving,
  type Misbehaving,
  type SimulatorApp,
} from '../../simulator/misbehaving.ts';
import type { RateLimit } from '../../simulator/rate-limit.ts';
import { getOrders, getShippingFulfillments } from './fulfillment-api.ts';
import { getItemsBySku, getItemsPage, skusIn, updatePriceQuantity } from './inventory-api.ts';
import { createItems, type Items } from './items.ts';
import { type Credentials, createOAuth, type OAuth } from './oauth.ts';
import { createOrders, type Orders } from './orders.ts';
import { dialect, INVALID_TOKEN, refuse } from './refusals.ts';

export interface EbaySimulatorOptions {
  readonly credentials: Credentials;
  /** Listed from the start, with nothing to sell. */
  readonly skus?: readonly string[];
  readonly revisionsDailyMax?: number;
  readonly tokenLifeSeconds?: number;
  readonly limits?: Partial<Readonly<Record<CallKind, RateLimit>>>;
  /** By which clock the limits hold, ms. */
  readonly pacedBy?: () => number;
  readonly faults?: FaultsJson;
  readonly random?: () => number;
  /** Milliseconds since 1970; eBay's own clock. */
  readonly now?: () => number;
}

export interface EbaySimulator {
  readonly app: SimulatorApp;
  readonly items: Items;
  readonly orders: Orders;
  readonly oauth: OAuth;
  readonly misbehaving: Misbehaving;
}

const BODY_BYTES_MAX = 1024 * 1024;
const REVISIONS_DAILY_MAX = 250;
const TOKEN_LIFE_SECONDS = 7_200;

export function createEbaySimulator(options: EbaySimulatorOptions): EbaySimulator {
  const { faults, random, limits, pacedBy, now = Date.now } = options;
  const app: SimulatorApp = new Hono<{ Bindings: HttpBindings }>();
  const items = createItems(options.revisionsDailyMax ?? REVISIONS_DAILY_MAX);
  for (const sku of options.skus ?? []) items.list(sku, now());
  const orders = createOrders(items, now);
  const oauth = createOAuth(options.credentials, options.tokenLifeSeconds ?? TOKEN_LIFE_SECONDS, now);
  const misbehaving = createMisbehaving(dialect, { faults, random, limits, pacedBy });
  const room = { items, now, faults: () => misbehaving.faults };

  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX }));
  app.use(async (call, next) => {
    await next();
    if (!call.res.headers.has('x-hono-already-sent')) call.header('date', new Date(now()).toUTCString());
  });
  const allowed: MiddlewareHandler<{ Bindings: HttpBindings }> = async (call, next) => {
    if (oauth.allows(call)) await next();
    else call.res = refuse(call, 401, INVALID_TOKEN);
  };
  app.post('/identity/v1/oauth2/token', misbehaving.guard({ kind: 'token' }), (call) => oauth.grant(call));
  const publish = misbehaving.guard({ kind: 'publish', skusOf: skusIn });
  app.post('/sell/inventory/v1/bulk_update_price_quantity', publish, allowed, (call) =>
    updatePriceQuantity(call, room),
  );
  const read = misbehaving.guard({ kind: 'read', skusOf: skusIn });
  app.post('/sell/inventory/v1/bulk_get_inventory_item', read, allowed, (call) => getItemsBySku(call, room));
  app.get('/sell/inventory/v1/inventory_item', read, allowed, (call) => getItemsPage(call, room));
  const polled = misbehaving.guard({ kind: 'orders' });
  app.get('/sell/fulfillment/v1/order', polled, allowed, (call) => getOrders(call, orders, now));
  app.get('/sell/fulfillment/v1/order/:orderId/shipping_fulfillment', polled, allowed, (call) =>
    getShippingFulfillments(call, orders),
  );
  addShop(app, items, orders, now);
  addAdministration(app, misbehaving);
  return { app, items, orders, oauth, misbehaving };
}

const Purchase = z.strictObject({
  lines: z
    .array(z.strictObject({ sku: z.string(), quantity: z.int().min(1).max(1_000_000) }))
    .min(1)
    .max(100),
});

/** What buyers see and do, and the seller's own clicks. */
function addShop(app: SimulatorApp, items: Items, orders: Orders, now: () => number): void {
  app.get('/shop/listings', (call) =>
    call.json({ listings: items.all().map(({ sku, offerId }) => ({ sku, offerId, units: items.shown(sku) })) }),
  );
  app.get('/shop/listings/:sku', (call) => {
    const sku = call.req.param('sku');
    const units = items.shown(sku);
    if (units === undefined) return call.json({ error: 'not listed' }, 404);
    return call.json({ sku, units, offerId: items.get(sku)!.offerId, revisionsToday: items.revisions(sku, now()) });
  });
  app.post('/shop/orders', async (call) => {
    const wanted = Purchase.safeParse(await call.req.json().catch(() => undefined));
    if (!wanted.success) return call.json({ error: z.prettifyError(wanted.error) }, 400);
    const order = orders.buy(wanted.data.lines);
    return order === undefined ? call.json({ error: 'not that many are shown' }, 409) : call.json(order, 201);
  });
  for (const what of ['ship', 'cancel', 'refund'] as const) {
    app.post(`/shop/orders/:orderId/${what}`, (call) => {
      const orderId = call.req.param('orderId');
      if (orders.get(orderId) === undefined) return call.json({ error: 'no such order' }, 404);
      return call.json(orders[what](orderId));
    });
  }
}
