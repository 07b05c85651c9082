// What a Vendure shop tells by itself, through a plugin of the shop's (docs/channels/vendure.md): which orders changed. What
// they are now is asked for, so a delivery that is late or repeated says nothing that is out of date. Signed as Evenstock
// signs, over the raw bytes, with a time.
import { z } from 'zod';
import type { InboundMessage, InboundReply, Webhook, WebhookRequest } from '../../inbound/inbound.ts';
import { fieldsOf } from '../../inbound/read-fields.ts';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from '../signature.ts';
import type { AdminApi } from './admin-api.ts';
import { unread } from './failure.ts';
import { readNamedOrders } from './read-orders.ts';
import { type TranslateOptions, translateOrder } from './translate.ts';

const Notice = z.object({
  event: z.string().min(1).max(100),
  /** Of Vendure; none: no order is concerned, as when somebody types in a stock figure. */
  orderIds: z.array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)).max(100),
});

const FIELDS = fieldsOf(Notice);

export interface WebhookOptions extends TranslateOptions {
  readonly api: AdminApi;
  readonly secrets: () => readonly string[];
}

export function createWebhook(options: WebhookOptions): Webhook {
  return {
    fields: FIELDS,
    verify({ headers, rawBody }, nowMs) {
      const timestamp = headers.get(TIMESTAMP_HEADER) ?? undefined;
      const signature = headers.get(SIGNATURE_HEADER) ?? undefined;
      return verify(options.secrets(), { timestamp, signature }, rawBody, nowMs);
    },
    async translate(request, signal): Promise<InboundReply> {
      const notice = noticeOf(request);
      if (typeof notice === 'string')
        return only({ about: 'a webhook', meaning: { kind: 'malformed', reason: notice } });
      const ids = [...new Set(notice.orderIds)];
      if (ids.length === 0) {
        const why = 'no order is concerned: figures typed in at the shop are found by reconciliation';
        return only({ about: notice.event, meaning: { kind: 'ignored', why } });
      }
      const told = await readNamedOrders(options.api, ids, signal);
      if (told.kind !== 'data') return unread(told);
      const messages = told.data.map((order) => translateOrder(order, options));
      if (messages.length > 0) return { kind: 'messages', messages };
      return only({ about: `order ${ids[0]}`, meaning: { kind: 'malformed', reason: 'the shop has no such order' } });
    },
  };
}

const only = (message: InboundMessage): InboundReply => ({ kind: 'messages', messages: [message] });

/** Or what is wrong with it. */
function noticeOf({ rawBody }: WebhookRequest): z.output<typeof Notice> | string {
  try {
    const parsed = Notice.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody)));
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    return `${path.join('.') || 'the body'}: ${message}`;
  } catch {
    return 'the body is not JSON';
  }
}
