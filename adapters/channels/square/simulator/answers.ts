// What the simulated Square answers and tells, as JSON of its API: counts, orders, errors, and the events of webhooks with
// their signature over the address and the raw body.
import { createHmac } from 'node:crypto';
import { SIGNATURE_HEADER } from '../webhook.ts';
import type { Pos, PosLine, PosOrder } from './pos.ts';

export interface SquareError {
  readonly category: 'INVALID_REQUEST_ERROR' | 'AUTHENTICATION_ERROR' | 'RATE_LIMIT_ERROR' | 'API_ERROR';
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
}

const iso = (at: number) => new Date(at).toISOString();

export function countJson(pos: Pos, variation: string) {
  return {
    catalog_object_id: variation,
    catalog_object_type: 'ITEM_VARIATION',
    state: 'IN_STOCK',
    location_id: pos.location,
    quantity: String(pos.units(variation) ?? 0),
    calculated_at: iso(pos.changedAt(variation)),
  };
}

const NO_MONEY = { amount: 0, currency: 'USD' };

export function orderJson(order: PosOrder) {
  const { id, location, state, createdAt, updatedAt, closedAt, paidAt, lines, returns } = order;
  const line = ({ uid, variation, quantity }: PosLine) => ({
    uid,
    catalog_object_id: variation,
    quantity: String(quantity),
    item_type: 'ITEM',
  });
  return {
    id,
    location_id: location,
    state,
    version: 1,
    created_at: iso(createdAt),
    updated_at: iso(updatedAt),
    ...(closedAt !== undefined && { closed_at: iso(closedAt) }),
    ...(lines.length > 0 && { line_items: lines.map(line) }),
    ...(returns.length > 0 && {
      returns: [{ uid: `${id}-returns`, source_order_id: 'ORDER-BEFORE', return_line_items: returns.map(line) }],
    }),
    ...(paidAt !== undefined && { tenders: [{ id: `${id}-tender`, type: 'CASH', created_at: iso(paidAt) }] }),
    net_amount_due_money: paidAt === undefined ? { ...NO_MONEY, amount: 100 } : NO_MONEY,
  };
}

export interface EventOptions {
  readonly order: PosOrder;
  readonly type: 'order.created' | 'order.updated' | 'payment.updated' | 'inventory.count.updated';
  readonly eventId: string;
  /** Signature key of the subscription, and the address it is for. */
  readonly key: string;
  readonly url: string;
  readonly at?: number | undefined;
  /** Instead of what it would say, rightly signed. */
  readonly body?: string | undefined;
}

export function eventOf({ order, type, eventId, key, url, at = Date.now(), body: instead }: EventOptions) {
  const body =
    instead ??
    JSON.stringify({
      merchant_id: 'ML82H4QPKMGXY',
      type,
      event_id: eventId,
      created_at: iso(at),
      data: { type: type.replace('.', '_'), id: order.id, object: objectOf(type, order) },
    });
  const signature = createHmac('sha256', key)
    .update(url + body)
    .digest('base64');
  return { body, headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature } };
}

function objectOf(type: EventOptions['type'], order: PosOrder): object {
  const { id, location, state, createdAt, updatedAt } = order;
  const what = { order_id: id, version: 1, location_id: location, state, created_at: iso(createdAt) };
  switch (type) {
    case 'order.created':
      return { order_created: what };
    case 'order.updated':
      return { order_updated: { ...what, updated_at: iso(updatedAt) } };
    case 'payment.updated':
      return { payment: { id: `${id}-payment`, order_id: id, location_id: location, status: 'COMPLETED' } };
    case 'inventory.count.updated':
      return {
        inventory_counts: order.lines.map(({ variation }) => ({ catalog_object_id: variation, location_id: location })),
      };
  }
}
