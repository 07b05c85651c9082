// The poll of eBay's orders, by the time they were changed last. Pages by number would step over orders: one that changes
// leaves its place, and all behind it move up. So every page is a span of time that is narrowed until it holds no more
// than one page, and the next begins where it ended. Each round goes back a little behind the beginning of the one before,
// for orders that eBay shows late; what is read twice is a repeat.
import { z } from 'zod';
import type { Clock, Instant } from '../../../domain/time.ts';
import type { InboundMessage, Poll, PollReply } from '../../inbound/inbound.ts';
import type { Identifiers } from '../identifiers.ts';
import { jsonOf } from '../json.ts';
import { type EbayApi, readingFailed } from './api.ts';
import { EbayOrder, type Fulfillment, Fulfillments, hasShipments, messageOf } from './order.ts';
import { narrowed, PAGE_ORDERS, type Round, roundAfter, roundOf, textOf } from './round.ts';

export interface PollOrdersOptions {
  readonly api: EbayApi;
  readonly channel: string;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
  readonly ordersSince?: Instant | undefined;
  readonly everyMs: number;
}

const FIRST_POLL_BACK_MS = 3_600_000;
/** Calls for shipments at the same time. */
const AT_ONCE = 4;

const Orders = z.object({
  orders: z
    .array(z.unknown())
    .nullish()
    .transform((orders) => orders ?? []),
  total: z.int().min(0),
});
interface Answered {
  readonly orders: readonly unknown[];
  readonly total: number;
  /** When eBay answered, by its own clock if it says so. */
  readonly at: Instant;
}
type Failed = Exclude<PollReply, { readonly kind: 'page' }>;

export function pollOrders(options: PollOrdersOptions): Poll {
  const { clock, ordersSince, everyMs } = options;
  return {
    everyMs,
    async read(watermark, signal) {
      let round = roundOf(watermark, ordersSince ?? clock.now() - FIRST_POLL_BACK_MS);
      for (;;) {
        const answered = await ordersIn(round, 0, options, signal);
        if ('kind' in answered) return answered;
        const startedAt = round.startedAt ?? answered.at;
        if (answered.total <= PAGE_ORDERS) return pageOf(answered.orders, { ...round, startedAt }, options, signal);
        if (round.until === round.from) {
          // More than a page in one millisecond: they can only be told apart by their place.
          return inPlaces(answered, { ...round, startedAt }, options, signal);
        }
        round = narrowed({ ...round, startedAt }, answered.total, answered.at);
      }
    },
  };
}

async function ordersIn(
  { from, until }: Round,
  offset: number,
  { api, clock }: PollOrdersOptions,
  signal: AbortSignal,
): Promise<Answered | Failed> {
  const end = until === undefined ? '' : new Date(until).toISOString();
  const filter = encodeURIComponent(`lastmodifieddate:[${new Date(from).toISOString()}..${end}]`);
  const path = `/sell/fulfillment/v1/order?filter=${filter}&limit=${PAGE_ORDERS}&offset=${offset}`;
  const reply = await api.ask(path, undefined, signal);
  if (reply.kind !== 'answered') return readingFailed(reply);
  const body = Orders.safeParse(jsonOf(reply.answer.text));
  if (!body.success) return { kind: 'later', reason: 'the answer is not the JSON that was agreed' };
  const at = Date.parse(reply.answer.headers.get('date') ?? '');
  return { ...body.data, at: Number.isNaN(at) ? clock.now() : at };
}

async function inPlaces(
  first: Answered,
  round: Round,
  options: PollOrdersOptions,
  signal: AbortSignal,
): Promise<PollReply> {
  const orders = [...first.orders];
  while (orders.length < first.total) {
    const next = await ordersIn(round, orders.length, options, signal);
    if ('kind' in next) return next;
    if (next.orders.length === 0) break;
    orders.push(...next.orders);
  }
  return pageOf(orders, round, options, signal);
}

async function pageOf(
  raws: readonly unknown[],
  round: Round,
  options: PollOrdersOptions,
  signal: AbortSignal,
): Promise<PollReply> {
  const messages: InboundMessage[] = [];
  for (let n = 0; n < raws.length; n += AT_ONCE) {
    const few = await Promise.all(raws.slice(n, n + AT_ONCE).map((raw) => read(raw, options, signal)));
    for (const message of few) {
      if ('kind' in message) return message;
      messages.push(message);
    }
  }
  const next = roundAfter(round);
  return { kind: 'page', messages, watermark: textOf(next), more: round.until !== undefined };
}

async function read(raw: unknown, options: PollOrdersOptions, signal: AbortSignal): Promise<InboundMessage | Failed> {
  const order = EbayOrder.safeParse(raw);
  if (!order.success) {
    const { path, message } = order.error.issues[0]!;
    const { orderId } = z
      .object({ orderId: z.string().max(200).catch('without an id') })
      .catch({ orderId: 'that is none' })
      .parse(raw);
    return {
      about: `order ${orderId}`,
      meaning: { kind: 'malformed', reason: `${path.join('.') || 'order'}: ${message}` },
    };
  }
  const shipments = hasShipments(order.data) ? await shipmentsOf(order.data.orderId, options.api, signal) : [];
  return 'kind' in shipments ? shipments : messageOf(order.data, shipments, options);
}

async function shipmentsOf(
  orderId: string,
  api: EbayApi,
  signal: AbortSignal,
): Promise<readonly Fulfillment[] | Failed> {
  const path = `/sell/fulfillment/v1/order/${encodeURIComponent(orderId)}/shipping_fulfillment`;
  const reply = await api.ask(path, undefined, signal);
  if (reply.kind !== 'answered') return readingFailed(reply);
  const body = Fulfillments.safeParse(jsonOf(reply.answer.text));
  return body.success
    ? body.data.fulfillments
    : { kind: 'later', reason: `the shipments of ${orderId} are not the JSON that was agreed` };
}
