// Orders API 2026-01-01: searchOrders and getOrder.
import type { Call } from '../../simulator/broken-answers.ts';
import { errorList } from './dialect.ts';
import { invalid } from './listings-routes.ts';
import { type Order, unshipped } from './orders.ts';
import type { Room } from './room.ts';

export function addOrders(room: Room): void {
  const { app, orders } = room;
  app.get('/orders/2026-01-01/orders', ...room.before('orders', 'searchOrders'), (call) => search(call, room));
  app.get('/orders/2026-01-01/orders/:id', ...room.before('orders', 'getOrder'), (call) => {
    const order = orders.get(call.req.param('id'));
    if (order === undefined) return errorList(call, 404, 'NotFound', 'The order does not exist.');
    return call.json({ order: orderOf(order, dataOf(call), room) });
  });
}

function search(call: Call, room: Room): Response {
  const after = Date.parse(call.req.query('lastUpdatedAfter') ?? '');
  if (Number.isNaN(after)) return invalid(call, 'Exactly one of createdAfter and lastUpdatedAfter must be given.');
  const token = call.req.query('paginationToken');
  const page = token === undefined ? { offset: 0, before: room.now() } : pageOf(token);
  if (page === undefined) return invalid(call, 'paginationToken is invalid or has expired.');
  const { offset, before } = page;
  const by = call.req.query('fulfilledBy')?.split(',');
  const found = room.orders.all
    .filter(
      ({ updatedAt, fulfilledBy }) => updatedAt >= after && updatedAt <= before && (by?.includes(fulfilledBy) ?? true),
    )
    .sort((a, b) => a.updatedAt - b.updatedAt);
  const size = Math.min(room.options.ordersPerPage, Number(call.req.query('maxResultsPerPage') ?? 100));
  const next = offset + size;
  const data = dataOf(call);
  return call.json({
    orders: found.slice(offset, next).map((order) => orderOf(order, data, room)),
    lastUpdatedBefore: new Date(before).toISOString(),
    ...(next < found.length ? { pagination: { nextToken: btoa(JSON.stringify({ offset: next, before })) } } : {}),
  });
}

function pageOf(token: string): { readonly offset: number; readonly before: number } | undefined {
  try {
    const { offset, before } = JSON.parse(atob(token));
    return Number.isInteger(offset) && Number.isInteger(before) ? { offset, before } : undefined;
  } catch {
    return undefined;
  }
}

const dataOf = (call: Call): ReadonlySet<string> => new Set((call.req.query('includedData') ?? '').split(','));
const iso = (at: number): string => new Date(at).toISOString();

function orderOf(order: Order, data: ReadonlySet<string>, { options }: Room) {
  const left = unshipped(order);
  const isCancelled = order.status === 'CANCELLED';
  return {
    ...{ orderId: order.id, createdTime: iso(order.createdAt), lastUpdatedTime: iso(order.updatedAt), programs: [] },
    salesChannel: { channelName: 'AMAZON', marketplaceId: options.marketplaceId },
    ...(data.has('FULFILLMENT')
      ? { fulfillment: { fulfillmentStatus: order.status, fulfilledBy: order.fulfilledBy } }
      : {}),
    orderItems: order.items.map(({ id, sku, quantity }) => ({
      ...{ orderItemId: id, quantityOrdered: quantity, product: { asin: 'B000000000', title: sku, sellerSku: sku } },
      ...(data.has('FULFILLMENT')
        ? {
            fulfillment: {
              quantityFulfilled: quantity - left.get(id)!,
              quantityUnfulfilled: isCancelled ? 0 : left.get(id)!,
            },
          }
        : {}),
      ...(data.has('CANCELLATION') && isCancelled
        ? { cancellation: { cancellationExecution: { cancelledBy: 'BUYER', cancelReason: 'no longer needed' } } }
        : {}),
    })),
    ...(data.has('PACKAGES')
      ? {
          packages: order.parcels.map(({ id, shippedAt, items }) => ({
            ...{ packageReferenceId: id, createdTime: iso(shippedAt), shipTime: iso(shippedAt), carrier: 'DHL' },
            packageStatus: { status: 'SHIPPED' },
            packageItems: items.map((item) => ({ orderItemId: item.id, quantity: item.quantity })),
          })),
        }
      : {}),
  };
}
