// ORDER_CHANGE notifications. Amazon delivers them to a queue or an event bus of the seller, never to an address of ours: a
// forwarder there posts each to our webhook, signed as adapters/channels/signature.ts says. What has changed is then asked
// of Amazon, so a notification that comes late or twice tells what is true now.
import { z } from 'zod';
import { SECOND } from '../../../domain/time.ts';
import type { InboundMessage, InboundReply, Webhook } from '../../inbound/inbound.ts';
import { fieldsOf } from '../../inbound/read-fields.ts';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from '../signature.ts';
import { unread } from './failure.ts';
import { type OrderRoom, translateOrder } from './order.ts';
import { ORDER_DATA } from './order-poll.ts';
import { type CallSellingPartner, readAs } from './selling-partner-api.ts';

/** As it lies in a queue, or in the envelope of an event bus. */
const Envelope = z.object({ detail: z.unknown() });
const Notification = z.object({ NotificationType: z.string() });
const OrderChange = z.object({
  Payload: z.object({
    OrderChangeNotification: z.object({
      SellerId: z.string(),
      AmazonOrderId: z.string().regex(/^[A-Za-z0-9-]{1,50}$/),
      OrderChangeType: z.string(),
      Summary: z.object({ MarketplaceId: z.string(), FulfillmentType: z.string() }),
    }),
  }),
});
const FIELDS = fieldsOf(Envelope, Notification, OrderChange);
type OrderChange = z.infer<typeof OrderChange>['Payload']['OrderChangeNotification'];
const Found = z.object({ order: z.unknown() });

/** getOrder: 0.5 requests a second, burst 30. */
const AGAIN_MS = 2 * SECOND;
/** An order can be told before it can be read. */
const NOT_THERE_YET_MS = 60 * SECOND;

export interface NotificationRoom extends OrderRoom {
  readonly call: CallSellingPartner;
  /** Any of them may have signed. */
  readonly secrets: () => readonly string[];
}

export function orderNotifications(room: NotificationRoom): Webhook {
  return {
    fields: FIELDS,
    verify({ rawBody, headers }, nowMs) {
      const timestamp = headers.get(TIMESTAMP_HEADER) ?? undefined;
      const signature = headers.get(SIGNATURE_HEADER) ?? undefined;
      return verify(room.secrets(), { timestamp, signature }, rawBody, nowMs);
    },
    async translate({ rawBody }, signal): Promise<InboundReply> {
      const change = changeOf(new TextDecoder().decode(rawBody), room);
      return 'meaning' in change ? { kind: 'messages', messages: [change] } : ask(change, room, signal);
    },
  };
}

/** Which order changed, or why that need not be asked. */
function changeOf(text: string, { settings }: OrderRoom): OrderChange | InboundMessage {
  const json = readAs(z.unknown(), text);
  const envelope = Envelope.safeParse(json);
  const inner = envelope.success && envelope.data.detail !== undefined ? envelope.data.detail : json;
  const notification = Notification.safeParse(inner);
  if (!notification.success) return malformed('the body is no notification of Amazon');
  const type = notification.data.NotificationType;
  if (type !== 'ORDER_CHANGE') return ignored(`notification ${type.slice(0, 60)}`, 'only ORDER_CHANGE concerns stock');
  const parsed = OrderChange.safeParse(inner);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return malformed(`the notification's ${path.join('.')}: ${message}`);
  }
  const change = parsed.data.Payload.OrderChangeNotification;
  const about = `order ${change.AmazonOrderId}`;
  if (change.SellerId !== settings.sellerId) return ignored(about, 'it is of another seller');
  if (change.Summary.MarketplaceId !== settings.marketplaceId) return ignored(about, 'it is of another marketplace');
  if (change.Summary.FulfillmentType !== 'MFN') return ignored(about, 'Amazon fulfils it from its own stock');
  if (change.OrderChangeType === 'DeliveryTipChange') return ignored(about, 'a tip moves no stock');
  return change;
}

async function ask(
  { AmazonOrderId: id }: OrderChange,
  room: NotificationRoom,
  signal: AbortSignal,
): Promise<InboundReply> {
  const path = `/orders/2026-01-01/orders/${encodeURIComponent(id)}`;
  const answer = await room.call({ method: 'GET', path, query: { includedData: ORDER_DATA } }, signal);
  if (answer.kind === 'failed') {
    if (answer.status === 404 && answer.code !== undefined) {
      return { kind: 'later', reason: `Amazon does not know order ${id} yet`, afterMs: NOT_THERE_YET_MS };
    }
    const reply = unread(answer);
    return reply.kind === 'later' ? { ...reply, afterMs: reply.afterMs ?? AGAIN_MS } : reply;
  }
  const found = readAs(Found, answer.text);
  if (found === undefined) return { kind: 'later', reason: 'getOrder did not answer as agreed', afterMs: AGAIN_MS };
  return { kind: 'messages', messages: [translateOrder(found.order, room)] };
}

function malformed(reason: string): InboundMessage {
  return { about: 'notification', meaning: { kind: 'malformed', reason } };
}

function ignored(about: string, why: string): InboundMessage {
  return { about, meaning: { kind: 'ignored', why } };
}
