// How WooCommerce words products, orders and errors in JSON, as far as stock is concerned. Its times are to the second,
// without an offset.

import { jsonOf } from '../../json.ts';
import type { Call } from '../../simulator/broken-answers.ts';
import type { CallKind } from '../../simulator/faults.ts';
import { type Dialect, REFUSAL_STATUS, type Refusal } from '../../simulator/misbehaving.ts';
import type { Product, Refund, Shop, ShopOrder } from './shop.ts';

export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

const time = (at: number) => new Date(at).toISOString().slice(0, 19);

export function productJson({ id, type, parent, manageStock, stock, modifiedAt }: Product) {
  return {
    id,
    type,
    ...(type === 'variation' ? { parent_id: parent } : {}),
    manage_stock: manageStock,
    stock_quantity: stock,
    stock_status: !manageStock || (stock ?? 0) > 0 ? 'instock' : 'outofstock',
    date_modified_gmt: time(modifiedAt),
  };
}

export function orderJson(order: ShopOrder, { products }: Shop) {
  const { id, status, createdAt, modifiedAt, completedAt, lines } = order;
  return {
    id,
    number: String(id),
    status,
    date_created_gmt: time(createdAt),
    date_modified_gmt: time(modifiedAt),
    date_completed_gmt: completedAt === null ? null : time(completedAt),
    line_items: lines.map((line, n) => lineJson(line, id * 100 + n, products, 1)),
    refunds: order.refunds.map((refund) => ({ id: refund.id, reason: '', total: '-1.00' })),
  };
}

export function refundJson({ id, createdAt, lines }: Refund, { products }: Shop) {
  const line_items = lines.map((line, n) => lineJson(line, id * 100 + n, products, -1));
  return { id, date_created_gmt: time(createdAt), amount: '1.00', line_items };
}

function lineJson(
  { product, quantity }: ShopOrder['lines'][number],
  id: number,
  products: Shop['products'],
  sign: 1 | -1,
) {
  const parent = products.get(product)?.parent ?? 0;
  const ids = parent === 0 ? { product_id: product, variation_id: 0 } : { product_id: parent, variation_id: product };
  return { id, ...ids, quantity: sign * quantity };
}

export function errorJson({ code, message, status }: Refused) {
  return { code, message, data: { status } };
}

const CODES: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  throttled: ['too_many_requests', 'Too many requests.'],
  unavailable: ['wp_maintenance', 'Briefly unavailable for scheduled maintenance. Check back in a minute.'],
  error: ['internal_server_error', 'There has been a critical error on this website.'],
  'gateway-timeout': ['gateway_timeout', 'The server did not answer in time.'],
  unauthenticated: ['woocommerce_rest_authentication_error', 'Consumer key is invalid.'],
  forbidden: ['woocommerce_rest_cannot_batch', 'Sorry, you are not allowed to batch manipulate this resource.'],
};

export const wooDialect: Dialect = {
  refuse(call, refusal, headers) {
    const [code, message] = CODES[refusal];
    const status = REFUSAL_STATUS[refusal];
    return call.json(errorJson({ code, message, status }), status, { ...headers });
  },
  async errorsInside(call: Call, kind: CallKind) {
    if (kind !== 'publish') return undefined;
    const [code, message] = CODES.error;
    const error = errorJson({ code, message, status: 500 });
    return call.json({ update: idsIn(await call.req.text()).map((id) => ({ id: Number(id), error })) });
  },
};

/** The products that a batch names. */
export function idsIn(body: string): readonly string[] {
  const { update } = jsonOf(body) as { update: readonly { id: number }[] };
  return update.map(({ id }) => String(id));
}
