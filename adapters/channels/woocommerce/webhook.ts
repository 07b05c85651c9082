// WooCommerce's webhooks of orders (topics order.created, order.updated, order.deleted, order.restored): the order as the
// REST API gives it, signed with base64(HMAC-SHA256(secret, raw body)). No time is signed, so an old delivery cannot be
// told from a new one: its commands have the order's own ids, and a repeat of them changes nothing.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { InboundMessage, InboundReply, Webhook, WebhookRequest } from '../../inbound/inbound.ts';
import { fieldsOf } from '../../inbound/read-fields.ts';
import { webhookSecrets } from '../../inbound/webhook-secrets.ts';
import { jsonOf } from '../json.ts';
import { isOneOf } from '../signature.ts';
import type { VendorSpecificChannel } from '../vendor.ts';
import type { WooApi } from './api.ts';
import { malformed, messageOf, messageOfDeleted, WooOrder } from './orders.ts';
import { readRefunds } from './refunds.ts';

export const WOO_SIGNATURE_HEADER = 'x-wc-webhook-signature';
export const WOO_TOPIC_HEADER = 'x-wc-webhook-topic';

export function wooSignature(secret: string, rawBody: Uint8Array | string): string {
  return createHmac('sha256', secret).update(rawBody).digest('base64');
}

const WEBHOOK = 'WEBHOOK';
/** Its id comes as WordPress handed it on: a number, or a text with one. */
const Deleted = z.object({ id: z.coerce.number<string | number>().int().positive() });

const FIELDS = fieldsOf(WooOrder, Deleted);

/** @throws MissingSecret */
export function createWooWebhook(api: WooApi, given: VendorSpecificChannel): Webhook {
  const { channel, identifiers, clock } = given;
  webhookSecrets(given, WEBHOOK);
  return {
    fields: FIELDS,
    verify({ rawBody, headers }) {
      const signature = Buffer.from(headers.get(WOO_SIGNATURE_HEADER) ?? '');
      const expected = webhookSecrets(given, WEBHOOK).map((secret) => Buffer.from(wooSignature(secret, rawBody)));
      return isOneOf(signature, expected);
    },
    translate,
  };

  async function translate({ rawBody, headers }: WebhookRequest, signal: AbortSignal): Promise<InboundReply> {
    const topic = headers.get(WOO_TOPIC_HEADER) ?? '';
    const json = jsonOf(new TextDecoder().decode(rawBody));
    const order = topic.startsWith('order.') && topic !== 'order.deleted' ? WooOrder.safeParse(json) : undefined;
    if (order?.success !== true) return { kind: 'messages', messages: [message(json, topic, order?.error)] };
    const refunds = await readRefunds(api, order.data, clock.now(), signal);
    if ('kind' in refunds) return refunds;
    return { kind: 'messages', messages: [messageOf(order.data, channel, identifiers, refunds)] };
  }

  function message(json: unknown, topic: string, error: z.ZodError | undefined): InboundMessage {
    if (error !== undefined) return unreadable(topic, error);
    if (topic !== 'order.deleted') return { about: topic, meaning: { kind: 'ignored', why: `it tells of ${topic}` } };
    const deleted = Deleted.safeParse(json);
    return deleted.success ? messageOfDeleted(deleted.data.id, channel) : unreadable(topic, deleted.error);
  }
}

function unreadable(topic: string, { issues }: z.ZodError): InboundMessage {
  const { path, message } = issues[0]!;
  return malformed(topic, `${path.join('.') || 'the body'}: ${message}`);
}
