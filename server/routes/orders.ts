// /v1/orders: placing an order, what follows, and which are open. What a key may do is judged here; everything else is
// the order's own decision (domain/order).
import { z } from 'zod';
import { START } from '../../domain/event-log.ts';
import { orderedLine } from '../../domain/order/bundled.ts';
import { OrderCommandBody, OrderId, PlaceOrder } from '../../domain/order/commands.ts';
import { OPEN_STATUSES } from '../../domain/order/machine.ts';
import type { Order } from '../../domain/order/order.ts';
import { ChannelId } from '../../domain/stock/stream.ts';
import { mayUseChannel, requireChannel } from '../auth.ts';
import type { OrderAnswer } from '../orders/order-process.ts';
import { HttpProblem, problem, problemResponse } from '../problems.ts';
import { type Api, type ApiContext, admit, json, parsePosition, type Route, traceparentOf } from './api.ts';
import { answerJson } from './intake/json-request.ts';
import { readQuery, segmentBy, waitForPosition } from './intake/query.ts';
import { workflowResponse } from './intake/workflow-answer.ts';
import { countTo, Position } from './openapi/parameters.ts';
import { requirePlaces, requireUnits } from './order-limits.ts';
import { requirePlacingOwner, requireUnitsOwner } from './order-ownership.ts';
import { orderSummary, orderView } from './order-view.ts';

async function postOrder(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  return answerJson(api, c, { scope: 'orders:write', schema: PlaceOrder }, async (client, order) => {
    requireChannel(client, order.channel);
    requirePlaces(client, order.flow);
    requirePlacingOwner(api.policy(), client, order.channel);
    // A commitment is always taken: sold by old figures it may be short, and found again.
    if (!(await isOfNow(api)) && order.kind === 'request') throw behind(api);
    const sender = { source: client.id, traceparent };
    const answer = await api.processes.orders.submit(order.orderId, { type: 'place', ...order }, sender);
    return endedInstead(answer, order.id, 'place') ?? workflowResponse(answer, order.id, 'order', orderView);
  });
}

async function postOrderCommand(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const id = segmentBy(c, 'orderId', OrderId);
  return answerJson(api, c, { scope: 'orders:write', schema: OrderCommandBody }, async (client, command) => {
    const { state } = await orderOf(api, id);
    requireChannel(client, state.channel);
    if (command.type === 'fulfil' || command.type === 'return') {
      requireUnits(client, command.units);
      requireUnitsOwner(api.policy(), client, state, command.type, command.units);
    }
    if (command.type === 'source' && !(await isOfNow(api))) throw behind(api);
    const answer = await api.processes.orders.submit(id, command, { source: client.id, traceparent });
    return endedInstead(answer, command.id, command.type) ?? workflowResponse(answer, command.id, 'order', orderView);
  });
}

async function getOrder(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'orders:read');
  const { state, revision } = await orderOf(api, segmentBy(c, 'orderId', OrderId));
  requireChannel(client, state.channel);
  return json(orderView(state, revision));
}

export const OrdersQuery = z.strictObject({
  status: z.enum(OPEN_STATUSES).optional(),
  channel: ChannelId.optional(),
  after: Position.optional(),
  cursor: Position.optional().meta({ description: '`next` of a page' }),
  limit: countTo(1_000, 1).default(100).meta({ description: 'Orders a page at most' }),
});

async function getOrders(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'orders:read');
  const { status, channel, after, cursor, limit } = readQuery(c, OrdersQuery);
  if (channel !== undefined) requireChannel(client, channel);
  await waitForPosition(api, after);
  const from = cursor === undefined ? START : parsePosition(cursor, 'cursor');
  const mayList = (row: { readonly channel: string }) => mayUseChannel(client, row.channel);
  const { rows, next } = api.processes.orders.page({ status, channel, after: from, limit }, mayList);
  return json({ orders: rows.map(orderSummary), next, asOf: api.availability.position() });
}

export const ORDERS_ROUTES: readonly Route[] = [
  ['post', '/v1/orders', postOrder],
  ['get', '/v1/orders', getOrders],
  ['get', '/v1/orders/:orderId', getOrder],
  ['post', '/v1/orders/:orderId/commands', postOrderCommand],
];

/** @throws HttpProblem `unknown-order` */
async function orderOf(api: Api, id: string): Promise<{ readonly state: Order; readonly revision: number }> {
  const found = await api.processes.orders.state(id);
  if (found === undefined) throw new HttpProblem('unknown-order', `There is no order ${id}`);
  return found;
}

/** Orders are sourced by figures: by old ones, units that just came in would be refused to a buyer. */
async function isOfNow({ log, availability, limits }: Api): Promise<boolean> {
  const head = await log.head();
  return availability.position() >= head || availability.waitFor(head, limits.readWaitMsMax);
}

function behind({ availability }: Api): HttpProblem {
  const detail = `The figures are at ${availability.position()}, behind the log`;
  return new HttpProblem('read-behind', detail, { retryAfterMs: 1_000 });
}

/** What was asked for did not come about, though the command was taken: whoever looks at the status alone must see it. */
function endedInstead(answer: OrderAnswer, commandId: string, type: string): Response | undefined {
  if (answer.outcome !== 'accepted') return undefined;
  const { id, status, short, lines } = answer.state;
  if (type === 'place' && status === 'refused') {
    const errors = short.map(({ sku, quantity }) => {
      const line = lines.findIndex((one) => one.sku === sku);
      const path = `/lines/${orderedLine(lines, line)}/quantity`;
      return { path, rule: 'insufficient-available', message: `${quantity} of ${sku} cannot be reserved` };
    });
    const detail = `order ${id} was refused whole: ${errors.map(({ message }) => message).join(', ')}`;
    return problemResponse(problem('insufficient-available', detail, { commandId, errors }));
  }
  if ((type === 'confirm' || type === 'renew') && status === 'expired') {
    const detail = `order ${id} has expired: not all of its units were held any more`;
    return problemResponse(problem('hold-expired', detail, { commandId }));
  }
  return undefined;
}
