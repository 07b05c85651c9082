// Square's webhooks: signed over the address and the raw body, repeated for a day or more until they are answered. They name
// an order and not what is in it, so it is read; a count is set aside by its type, for ours come back there too.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { InboundReply, Webhook } from '../../inbound/inbound.ts';
import { fieldsOf } from '../../inbound/read-fields.ts';
import { isOneOf } from '../signature.ts';
import { messageOf, type SaleNames, SquareOrder } from './sale.ts';
import { notNow, type SquareApi } from './square-api.ts';

export const SIGNATURE_HEADER = 'x-square-hmacsha256-signature';

export interface InboundRoom {
  readonly api: SquareApi;
  readonly names: SaleNames;
}

export interface WebhookSecrets {
  /** Signature keys: any may have signed, while one is being replaced. */
  readonly keys: () => readonly string[];
  /** The address as it stands in the subscription; undefined: as it was called. */
  readonly notificationUrl: string | undefined;
}

const Event = z.object({
  type: z.string().max(100),
  data: z.object({ object: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});
/** By the type of the event: where its object names the order. */
const ORDER_IN: Readonly<Record<string, string>> = {
  'order.created': 'order_created',
  'order.updated': 'order_updated',
  'order.fulfillment.updated': 'order_fulfillment_updated',
  'payment.created': 'payment',
  'payment.updated': 'payment',
  'refund.created': 'refund',
  'refund.updated': 'refund',
};
const Named = z.object({ order_id: z.string().min(1).max(200) });
const FIELDS = new Set([...fieldsOf(Event, Named), ...Object.values(ORDER_IN)]);

export function createWebhook({ api, names }: InboundRoom, { keys, notificationUrl }: WebhookSecrets): Webhook {
  return {
    fields: FIELDS,
    verify({ rawBody, headers, url }) {
      const signature = Buffer.from(headers.get(SIGNATURE_HEADER) ?? '', 'base64');
      const signed = (key: string) =>
        createHmac('sha256', key)
          .update(notificationUrl ?? url)
          .update(rawBody)
          .digest();
      return isOneOf(signature, keys().map(signed));
    },
    async translate({ rawBody }, signal) {
      let body: unknown;
      try {
        body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
      } catch {
        return malformed('an event', 'not JSON');
      }
      const event = Event.safeParse(body);
      if (!event.success) return malformed('an event', event.error.issues[0]!.message);
      const { type, data } = event.data;
      const place = ORDER_IN[type];
      if (place === undefined) return ignored(`event ${type}`, WHY[type] ?? 'moves no stock');
      const named = Named.safeParse(data?.object?.[place]);
      if (!named.success) return ignored(`event ${type}`, 'names no order');
      return readOrder(api, names, named.data.order_id, signal);
    },
  };
}

const WHY: Readonly<Record<string, string>> = {
  'inventory.count.updated': 'a count: ours come back here too; reconciliation compares them, and sales come as orders',
};

const Answer = z.object({ order: SquareOrder });

async function readOrder(
  api: SquareApi,
  names: SaleNames,
  orderId: string,
  signal: AbortSignal,
): Promise<InboundReply> {
  const told = await api.ask((client, options) => client.orders.get({ orderId }, options), Answer, signal);
  if (told.kind === 'data') return { kind: 'messages', messages: [messageOf(told.data.order, names)] };
  // It is not there, or not for us to see: asking again brings nothing.
  if (told.kind === 'batchRefused') return ignored(`order ${orderId}`, told.reason);
  return notNow(told);
}

const malformed = (about: string, reason: string): InboundReply => ({
  kind: 'messages',
  messages: [{ about, meaning: { kind: 'malformed', reason } }],
});
const ignored = (about: string, why: string): InboundReply => ({
  kind: 'messages',
  messages: [{ about: about.slice(0, 100), meaning: { kind: 'ignored', why } }],
});
