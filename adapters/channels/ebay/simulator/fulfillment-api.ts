// The simulated Fulfillment API: orders by the time of their last change, and the shipments of one order.
import type { Call } from '../../simulator/broken-answers.ts';
import { type Orders, type SimulatedOrder, shippedOf } from './orders.ts';
import { fulfillmentError, refuse } from './refusals.ts';

const LIMIT_MAX = 200;
const PATH = '/sell/fulfillment/v1/order';
const SPAN = /^lastmodifieddate:\[([^\].]+(?:\.\d+)?Z)\.\.([^\]]*)\]$/;

export function getOrders(call: Call, orders: Orders, now: () => number): Response {
  const { filter = '', limit: limitText = '50', offset: offsetText = '0' } = call.req.query();
  const limit = Number(limitText);
  const offset = Number(offsetText);
  if (!(limit >= 1 && limit <= LIMIT_MAX))
    return refuse(call, 400, fulfillmentError(31100, `Invalid limit: ${limitText}`));
  if (!(offset >= 0)) return refuse(call, 400, fulfillmentError(31000, `Invalid offset: ${offsetText}`));
  const span = SPAN.exec(filter);
  if (span === null) return refuse(call, 400, fulfillmentError(30700, `Invalid filter name: ${filter.slice(0, 40)}`));
  const from = Date.parse(span[1]!);
  const until = span[2] === '' ? Number.POSITIVE_INFINITY : Date.parse(span[2]!);
  if (Number.isNaN(from) || Number.isNaN(until))
    return refuse(call, 400, fulfillmentError(30810, 'Invalid date format'));
  if (from > until) return refuse(call, 400, fulfillmentError(30840, 'Start date should be before end date'));
  if (from > now() || (until !== Number.POSITIVE_INFINITY && until > now())) {
    return refuse(call, 400, fulfillmentError(30850, "Start and end dates can't be in the future"));
  }
  const found = orders.all().filter(({ lastModifiedDate }) => {
    const at = Date.parse(lastModifiedDate);
    return at >= from && at <= until;
  });
  const page = found.slice(offset, offset + limit);
  const link = (at: number) => `${PATH}?filter=${encodeURIComponent(filter)}&limit=${limit}&offset=${at}`;
  return call.json({
    ...{ href: link(offset), total: found.length, limit, offset },
    ...(offset + limit < found.length ? { next: link(offset + limit) } : {}),
    orders: page.map(orderBody),
  });
}

export function getShippingFulfillments(call: Call, orders: Orders): Response {
  const orderId = call.req.param('orderId') ?? '';
  const order = orders.get(orderId);
  if (order === undefined) return refuse(call, 400, fulfillmentError(32100, `Invalid order ID: ${orderId}`));
  return call.json({ fulfillments: order.parcels, total: order.parcels.length });
}

function orderBody(order: SimulatedOrder) {
  const { orderId, creationDate, lastModifiedDate, lines, parcels, cancelled, refunded } = order;
  const statusOf = (shipped: number, quantity: number) =>
    shipped === 0 ? 'NOT_STARTED' : shipped < quantity ? 'IN_PROGRESS' : 'FULFILLED';
  const all = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const gone = lines.reduce((sum, { lineItemId }) => sum + shippedOf(order, lineItemId), 0);
  return {
    ...{ orderId, legacyOrderId: orderId, creationDate, lastModifiedDate, sellerId: 'simulated-seller' },
    orderFulfillmentStatus: statusOf(gone, all),
    orderPaymentStatus: refunded || cancelled ? 'FULLY_REFUNDED' : 'PAID',
    // Always empty in this call, as the reference says.
    cancelStatus: { cancelState: cancelled ? 'CANCELED' : 'NONE_REQUESTED', cancelRequests: [] },
    fulfillmentHrefs: parcels.map(({ fulfillmentId }) => `${PATH}/${orderId}/shipping_fulfillment/${fulfillmentId}`),
    fulfillmentStartInstructions: [{ fulfillmentInstructionsType: 'SHIP_TO', ebaySupportedFulfillment: false }],
    lineItems: lines.map(({ lineItemId, sku, quantity, listingId }) => ({
      ...{ lineItemId, legacyItemId: listingId, sku, quantity, soldFormat: 'FIXED_PRICE', title: sku },
      lineItemFulfillmentStatus: statusOf(shippedOf(order, lineItemId), quantity),
      refunds: [],
    })),
  };
}
