// A WooCommerce shop as far as stock is concerned: the addresses of its REST API v3 that the adapter calls, with their own
// limits and errors, and its webhooks. Written after WooCommerce's own controllers. It keeps stock and orders, and
// misbehaves on request.
import { timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { FaultsJson } from '../../simulator/faults.ts';
import {
  addAdministration,
  createMisbehaving,
  type Misbehaving,
  type MisbehavingOptions,
  type SimulatorApp,
} from '../../simulator/misbehaving.ts';
import { WOO_SIGNATURE_HEADER, WOO_TOPIC_HEADER, wooSignature } from '../webhook.ts';
import { createShop, type Product, type Shop } from './shop.ts';
import { errorJson, idsIn, orderJson, productJson, type Refused, refundJson, wooDialect } from './wording.ts';

export interface WooSimulatorOptions extends MisbehavingOptions {
  readonly key: string;
  readonly secret: string;
  readonly webhookSecret: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface WooDelivery {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WooSimulator {
  readonly app: SimulatorApp;
  readonly shop: Shop;
  readonly log: Misbehaving['log'];
  setFaults(faults: FaultsJson): void;
  /** What its webhook tells of the order now. `change`: another body or secret, to see it refused. */
  deliveryOf(order: number, change?: { readonly body?: string; readonly secret?: string }): WooDelivery;
}

type Call = Context<{ Bindings: HttpBindings }>;

const ITEMS_MAX = 100;
const Query = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce.number().int().min(1).max(100).default(10),
  order: z.enum(['asc', 'desc']).default('desc'),
  orderby: z.enum(['date', 'id', 'include', 'title', 'slug', 'modified']).default('date'),
  modified_after: z.string().optional(),
  dates_are_gmt: z.enum(['true', 'false', '1', '0']).default('false'),
});
const Batch = z.object({
  update: z.array(z.object({ id: z.int(), manage_stock: z.boolean().optional(), stock_quantity: z.int().optional() })),
});

export function createWooSimulator(options: WooSimulatorOptions): WooSimulator {
  const app: SimulatorApp = new Hono<{ Bindings: HttpBindings }>();
  const shop = createShop(options.now ?? Date.now);
  const misbehaving = createMisbehaving(wooDialect, options);
  const credentials = Buffer.from(`Basic ${Buffer.from(`${options.key}:${options.secret}`).toString('base64')}`);

  app.use('/wp-json/*', async (call, next) => {
    const given = Buffer.from(call.req.header('authorization') ?? '');
    if (given.length === credentials.length && timingSafeEqual(given, credentials)) return next();
    return wooDialect.refuse(call, 'unauthenticated', {});
  });
  const publishing = misbehaving.guard({ kind: 'publish', skusOf: idsIn });
  app.post('/wp-json/wc/v3/products/batch', publishing, (call) => takeBatch(call, shop, misbehaving, 0));
  app.post('/wp-json/wc/v3/products/:parent/variations/batch', publishing, (call) =>
    takeBatch(call, shop, misbehaving, Number(call.req.param('parent'))),
  );
  const reading = misbehaving.guard({ kind: 'read' });
  const products = (isVariation: boolean) =>
    [...shop.products.values()].filter(({ type }) => (type === 'variation') === isVariation).map(productJson);
  app.get('/wp-json/wc/v3/products', reading, (call) => listed(call, products(false)));
  app.get('/wp-json/wc/v3/variations', reading, (call) => listed(call, products(true)));
  app.get('/wp-json/wc/v3/orders', misbehaving.guard({ kind: 'orders' }), (call) =>
    listed(
      call,
      [...shop.orders.values()].map((order) => orderJson(order, shop)),
    ),
  );
  app.get('/wp-json/wc/v3/orders/:order/refunds', misbehaving.guard({ kind: 'orders' }), (call) => {
    const order = shop.orders.get(Number(call.req.param('order')));
    if (order !== undefined) return call.json(order.refunds.map((refund) => refundJson(refund, shop)));
    return refused(call, { code: 'woocommerce_rest_shop_order_invalid_id', message: 'Invalid ID.', status: 404 });
  });
  addAdministration(app, misbehaving);
  app.notFound((call) => refused(call, { ...NO_ROUTE, status: 404 }));
  return {
    app,
    shop,
    log: misbehaving.log,
    setFaults: misbehaving.setFaults,
    deliveryOf(id, change = {}) {
      const order = shop.orders.get(id);
      if (order === undefined) throw new Error(`there is no order ${id}`);
      const body = change.body ?? JSON.stringify(orderJson(order, shop));
      const headers = {
        'content-type': 'application/json',
        [WOO_TOPIC_HEADER]: 'order.updated',
        [WOO_SIGNATURE_HEADER]: wooSignature(change.secret ?? options.webhookSecret, body),
      };
      return { body, headers };
    },
  };
}

const NO_ROUTE = { code: 'rest_no_route', message: 'No route was found matching the URL and request method.' };

function refused(call: Call, refusal: Refused): Response {
  return call.json(errorJson(refusal), refusal.status as 400);
}

async function takeBatch(call: Call, shop: Shop, { faults }: Misbehaving, parent: number): Promise<Response> {
  const batch = Batch.safeParse(await call.req.json().catch(() => undefined));
  if (!batch.success) {
    const message = `Invalid parameter(s): ${z.prettifyError(batch.error)}`;
    return refused(call, { code: 'rest_invalid_param', message, status: 400 });
  }
  const { update } = batch.data;
  if (update.length > ITEMS_MAX) {
    const message = `Unable to accept more than ${ITEMS_MAX} items for this request.`;
    return refused(call, { code: 'woocommerce_rest_request_entity_too_large', message, status: 413 });
  }
  const answers = update.map((one) => {
    const { id, stock_quantity: stock, manage_stock: managed } = one;
    const refusal = refusalOf(id, shop.products.get(id), parent, faults.refusedSkus);
    if (refusal !== undefined) return { id, error: errorJson(refusal) };
    const product = shop.products.get(id)!;
    if (managed !== undefined) product.manageStock = managed;
    if (stock !== undefined && product.manageStock) shop.setStock(id, stock);
    return productJson(product);
  });
  return call.json({ update: answers });
}

function refusalOf(
  id: number,
  product: Product | undefined,
  parent: number,
  refusedIds: readonly string[],
): Refused | undefined {
  const isVariation = product?.type === 'variation';
  if (parent === 0 && isVariation) {
    const message =
      'To manipulate product variations you should use the /products/<product_id>/variations/<id> endpoint.';
    return { code: 'woocommerce_rest_invalid_product_id', message, status: 404 };
  }
  if (product === undefined || (parent !== 0 && product.parent !== parent)) {
    const what = parent === 0 ? 'product' : 'product_variation';
    return { code: `woocommerce_rest_${what}_invalid_id`, message: 'Invalid ID.', status: 400 };
  }
  if (!refusedIds.includes(String(id))) return undefined;
  const message = 'Sorry, you are not allowed to edit this resource.';
  return { code: 'woocommerce_rest_cannot_edit', message, status: 403 };
}

function listed(call: Call, all: readonly { readonly id: number; readonly date_modified_gmt: string }[]): Response {
  const query = Query.safeParse(call.req.query());
  if (!query.success) {
    const message = `Invalid parameter(s): ${query.error.issues[0]!.path.join('.')}`;
    return refused(call, { code: 'rest_invalid_param', message, status: 400 });
  }
  const { page, per_page: rows, order, orderby, modified_after: after, dates_are_gmt: isGmt } = query.data;
  // The shop's own clock is not UTC: who forgets to say so misses orders, as at a real one.
  const from = after !== undefined && (isGmt === 'false' || isGmt === '0') ? inShopTime(after) : after;
  const sign = order === 'asc' ? 1 : -1;
  const found = all
    .filter(({ date_modified_gmt: modified }) => from === undefined || modified > from)
    .sort((a, b) => {
      const byTime = orderby === 'modified' ? compare(a.date_modified_gmt, b.date_modified_gmt) : 0;
      return sign * (byTime || a.id - b.id);
    });
  const headers = {
    'x-wp-total': String(found.length),
    'x-wp-totalpages': String(Math.ceil(found.length / rows)),
  };
  return call.json(found.slice((page - 1) * rows, page * rows), 200, headers);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const SHOP_OFFSET_MS = 2 * 3_600_000;

function inShopTime(text: string): string {
  return new Date(Date.parse(`${text}Z`) + SHOP_OFFSET_MS).toISOString().slice(0, 19);
}
