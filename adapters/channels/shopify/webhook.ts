// Shopify's webhooks: signed with the app's client secret over the raw body, delivered at least once, in any order, up to a
// day late. An order's own payload is translated as it stands; a refund or a fulfilment names its order, which is then read.
// Duplicates (`X-Shopify-Event-Id`) need no memory here: what they say has the same command ids.

import { createHmac } from 'node:crypto';
import type { InboundMessage, InboundReply, Webhook } from '../../inbound/inbound.ts';
import { fieldsOf } from '../../inbound/read-fields.ts';
import type { FailedReply } from '../http-reply.ts';
import { isOneOf } from '../signature.ts';
import { type AdminApi, notNow } from './admin-api.ts';
import { messageOf, type OrderNames, type ShopOrder } from './order.ts';
import { OrderPayload, orderOfPayload, PartPayload } from './order-payload.ts';
import { readOrder } from './order-read.ts';
import type { Variants } from './variants.ts';

export const SIGNATURE_HEADER = 'x-shopify-hmac-sha256';
export const TOPIC_HEADER = 'x-shopify-topic';

export interface InboundRoom {
  readonly api: AdminApi;
  readonly variants: Variants;
  readonly names: Omit<OrderNames, 'skuOfVariant'>;
}

const FIELDS = fieldsOf(OrderPayload, PartPayload);

/** `secrets`: any may have signed, while the app's secret is being replaced. */
export function createWebhook(room: InboundRoom, secrets: () => readonly string[]): Webhook {
  return {
    fields: FIELDS,
    verify({ rawBody, headers }) {
      const signature = Buffer.from(headers.get(SIGNATURE_HEADER) ?? '', 'base64');
      return isOneOf(
        signature,
        secrets().map((secret) => createHmac('sha256', secret).update(rawBody).digest()),
      );
    },
    async translate({ rawBody, headers }, signal) {
      const topic = headers.get(TOPIC_HEADER) ?? '';
      if (!/^(orders|refunds|fulfillments)\//.test(topic)) {
        return only({ about: `topic ${topic}`.slice(0, 80), meaning: { kind: 'ignored', why: 'moves no stock' } });
      }
      let payload: unknown;
      try {
        payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
      } catch {
        return malformed(topic, 'not JSON');
      }
      const part = PartPayload.safeParse(payload);
      if (part.success) return ofPart(part.data.order_id, room, signal);
      if (topic === 'orders/edited' || topic === 'orders/delete') {
        return only({ about: topic, meaning: { kind: 'ignored', why: 'orders/updated tells what is left of it' } });
      }
      const order = OrderPayload.safeParse(payload);
      if (order.success) return translated(orderOfPayload(order.data), room, signal);
      const { path, message } = order.error.issues[0]!;
      return malformed(topic, `${path.join('.') || 'order'}: ${message}`);
    },
  };
}

async function ofPart(orderId: string, room: InboundRoom, signal: AbortSignal): Promise<InboundReply> {
  const told = await readOrder(room.api, orderId, signal);
  if (told.kind === 'batchRefused') return malformed(`order ${orderId}`, told.reason);
  if (told.kind !== 'data') return notNow(told);
  if (told.data !== undefined) return translated(told.data, room, signal);
  return only({ about: `order ${orderId}`, meaning: { kind: 'ignored', why: 'the shop has no such order' } });
}

async function translated(order: ShopOrder, room: InboundRoom, signal: AbortSignal): Promise<InboundReply> {
  const message = await translateOrder(order, room, signal);
  return 'about' in message ? only(message) : notNow(message);
}

/** The message; or why the shop could not be asked for what is missing. */
export async function translateOrder(
  order: ShopOrder,
  { variants, names }: InboundRoom,
  signal: AbortSignal,
): Promise<InboundMessage | FailedReply> {
  const named = order.lines.flatMap(({ variant, isNoStock }) => (variant === undefined || isNoStock ? [] : [variant]));
  const told = await variants.learn(named, signal);
  return told.kind === 'data' ? messageOf(order, { ...names, skuOfVariant: told.data }) : told;
}

function only(message: InboundMessage): InboundReply {
  return { kind: 'messages', messages: [message] };
}

function malformed(about: string, reason: string): InboundReply {
  return only({ about, meaning: { kind: 'malformed', reason } });
}
