// The operations of /v1/orders and the shapes of their answers.
import { z } from 'zod';
import { OrderCommandBody, OrderId, OrderLine, PlaceOrder } from '../../../domain/order/commands.ts';
import { OrderFlow } from '../../../domain/order/flow.ts';
import { OPEN_STATUSES, ORDER_STATUSES } from '../../../domain/order/machine.ts';
import { ChannelId, LocationId, Sku } from '../../../domain/stock/stream.ts';
import { OrdersQuery } from '../orders.ts';
import { AFTER, BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const kind = z.enum(['request', 'commitment']);
const placedAt = z.iso.datetime({ offset: true });
const owed = count.meta({ description: 'Commands that stocks have not answered; 0: what it says is settled' });

const ExplodedLineDocument = OrderLine.extend({
  bundle: z
    .strictObject({
      sku: Sku,
      quantity: count.meta({ description: 'Bundles ordered' }),
      version: z.string().meta({ description: 'Of the definition' }),
      line: count.meta({ description: 'Index of the line that was ordered, from 0' }),
    })
    .optional()
    .meta({ description: 'What this is a component of (docs/bundles.md)' }),
}).meta({ id: 'ExplodedOrderLine' });

export const OrderDocument = z
  .strictObject({
    id: OrderId,
    status: z.enum(ORDER_STATUSES),
    kind,
    channel: ChannelId,
    lines: z.array(ExplodedLineDocument),
    flow: OrderFlow,
    placedAt,
    expiresAt: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'While it is held: until when, if it is neither confirmed nor renewed' }),
    reservations: z.array(
      z.strictObject({
        reservationId: z.string(),
        sku: Sku,
        location: LocationId,
        quantity: count,
        fulfilled: count,
        state: z.enum(['asked', 'held', 'committed', 'releasing', 'done']),
      }),
    ),
    short: z.array(OrderLine).meta({ description: 'Units that no reservation covers' }),
    cancelled: z.array(OrderLine).meta({ description: 'Units that are not ordered any more' }),
    returned: z.array(OrderLine),
    owed,
    revision: count.meta({ description: 'Number of its last event, from 0' }),
  })
  .meta({ id: 'Order' });

export const OrderAnswerDocument = z
  .strictObject({
    commandId: z.string(),
    outcome: z.literal('accepted'),
    duplicate: z.boolean().meta({ description: 'true: it was taken before; the order is as it is now' }),
    settled: z.boolean().meta({ description: 'false (status 202): a stock could not be asked yet, and will be' }),
    revision: count,
    position: Position.optional(),
    order: OrderDocument,
  })
  .meta({ id: 'OrderAnswer' });

export const OrderList = z
  .strictObject({
    orders: z.array(
      z.strictObject({
        id: OrderId,
        status: z.enum(OPEN_STATUSES),
        kind,
        channel: ChannelId,
        placedAt,
        short: count.meta({ description: 'Units that no reservation covers' }),
        owed,
      }),
    ),
    next: Position.optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
    asOf: Position,
  })
  .meta({ id: 'OrderList' });

const TAKEN = {
  200: ['Taken, and every stock has answered', JSON_TYPE, OrderAnswerDocument],
  202: ['Taken; a stock could not be asked yet', JSON_TYPE, OrderAnswerDocument],
} as const;
const UNDECIDED = ['conflict', 'unavailable', 'unknown-outcome', 'disk-full', 'invalid-command', 'not-owner'] as const;

export const ORDERS_OPERATIONS = [
  {
    method: 'post',
    path: '/v1/orders',
    id: 'postOrder',
    tag: 'Orders',
    summary: 'Place an order',
    description:
      'A request is reserved whole over the locations of its channel, or refused whole (409 insufficient-available). A ' +
      'commitment has been sold already: it is always taken, and what cannot be reserved is short.',
    scopes: ['orders:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: PlaceOrder },
    answers: TAKEN,
    problems: [
      ...BODY,
      ...UNDECIDED,
      ...(['order-exists', 'insufficient-available', 'expiry-not-in-future', 'hold-too-long', 'read-behind'] as const),
      ...(['unknown-sku', 'unknown-location', 'unknown-sales-channel', 'outside-pool'] as const),
    ],
  },
  {
    method: 'get',
    path: '/v1/orders',
    id: 'getOrders',
    tag: 'Orders',
    summary: 'Orders that are open, the oldest first',
    scopes: ['orders:read'],
    query: OrdersQuery,
    answers: { 200: ['A page; it may be short and have a next one', JSON_TYPE, OrderList] },
    problems: AFTER,
  },
  {
    method: 'get',
    path: '/v1/orders/{orderId}',
    id: 'getOrder',
    tag: 'Orders',
    summary: 'One order, open or ended',
    scopes: ['orders:read'],
    answers: { 200: ['As it is now', JSON_TYPE, OrderDocument] },
    problems: [...READ, 'unknown-order'],
  },
  {
    method: 'post',
    path: '/v1/orders/{orderId}/commands',
    id: 'postOrderCommand',
    tag: 'Orders',
    summary: 'Renew, confirm, fulfil, cancel, return, source',
    scopes: ['orders:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: OrderCommandBody },
    answers: TAKEN,
    problems: [
      ...BODY,
      ...UNDECIDED,
      ...(['unknown-order', 'not-in-this-status', 'hold-expired', 'hold-too-long', 'expiry-not-in-future'] as const),
      ...(['exceeds-reserved', 'exceeds-open', 'exceeds-fulfilled', 'not-short'] as const),
      ...(['insufficient-available', 'read-behind'] as const),
      ...(['unknown-location', 'outside-window'] as const),
    ],
  },
] as const satisfies readonly Operation[];
