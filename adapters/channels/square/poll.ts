// Orders by the time of their last change, for what no webhook told. The watermark is the latest change that was read, less
// an overlap; what is read twice counts once. Tills that were offline tell up to three days late: their orders change when
// Square hears of them, so they are found by that.
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { InboundMessage, Poll, PollReply } from '../../inbound/inbound.ts';
import type { FailedReply } from '../http-reply.ts';
import { messageOf, type SaleNames, SquareOrder } from './sale.ts';
import { notNow } from './square-api.ts';
import type { InboundRoom } from './webhook.ts';

const OVERLAP_MS = 5 * MINUTE;
/** Square gives up to 1,000; a page is taken whole or not at all. */
const ORDERS_PER_PAGE = 100;

const Page = z.strictObject({
  orders: z.array(z.unknown()).nullish(),
  orderEntries: z.array(z.unknown()).nullish(),
  errors: z.array(z.unknown()).max(0).nullish(),
  cursor: z.string().max(3_500).nullish(),
});

/** Inside a search: from when it is, its cursor, and the latest change it has read. */
const Watermark = z.strictObject({
  since: z.iso.datetime({ offset: true }),
  cursor: z.string().optional(),
  seen: z.iso.datetime({ offset: true }).optional(),
});
type Watermark = z.output<typeof Watermark>;

export interface PollOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** From when the first poll ever reads; undefined: from now. */
  readonly since: number | undefined;
}

export function createPoll({ api, names }: InboundRoom, options: PollOptions): Poll {
  return {
    everyMs: options.everyMs,
    async read(text, signal): Promise<PollReply> {
      const at = watermarkOf(text, options.since ?? options.clock.now());
      if (at === undefined) return { kind: 'denied', reason: 'the watermark is not one of this adapter' };
      const request = {
        locationIds: [names.location],
        limit: ORDERS_PER_PAGE,
        returnEntries: false,
        query: {
          filter: { dateTimeFilter: { updatedAt: { startAt: at.since } } },
          sort: { sortField: 'UPDATED_AT' as const, sortOrder: 'ASC' as const },
        },
        ...(at.cursor !== undefined && { cursor: at.cursor }),
      };
      const told = await api.ask((client, options) => client.orders.search(request, options), Page, signal);
      if (told.kind !== 'data') return startedOver(told, at) ?? notNow(told);
      const { cursor } = told.data;
      const orders = told.data.orders ?? [];
      const messages = orders.map((order) => translated(order, names));
      const seen = orders.reduce<string | undefined>(laterOf, at.seen);
      const more = cursor != null && cursor !== '';
      const watermark: Watermark = more ? { since: at.since, cursor, seen } : { since: ended(at.since, seen) };
      return { kind: 'page', messages, watermark: JSON.stringify(watermark), more };
    },
  };
}

/** A cursor of Square's lives five minutes: a search that was left lying goes on from the last change it had read. */
function startedOver(told: FailedReply, { since, cursor, seen }: Watermark): PollReply | undefined {
  if (cursor === undefined || told.kind !== 'batchRefused') return undefined;
  return { kind: 'page', messages: [], watermark: JSON.stringify({ since: ended(since, seen) }), more: true };
}

const Changed = z.object({ updatedAt: z.iso.datetime({ offset: true }) });

function laterOf(seen: string | undefined, order: unknown): string | undefined {
  const at = Changed.safeParse(order).data?.updatedAt;
  return at === undefined || (seen !== undefined && Date.parse(seen) >= Date.parse(at)) ? seen : at;
}

const Id = z.object({ id: z.string().max(200) });

/** One order that is not as agreed holds up no other. */
function translated(raw: unknown, names: SaleNames): InboundMessage {
  const order = SquareOrder.safeParse(raw);
  if (order.success) return messageOf(order.data, names);
  const { path, message } = order.error.issues[0]!;
  const about = `order ${Id.safeParse(raw).data?.id ?? 'without an id'}`;
  return { about, meaning: { kind: 'malformed', reason: `${path.join('.') || 'order'}: ${message}` } };
}

/** The first poll ever begins now, or as settings say: sales from before are in the stock that was taken on. */
function watermarkOf(text: string | undefined, start: number): Watermark | undefined {
  if (text === undefined) return { since: new Date(start).toISOString() };
  try {
    return Watermark.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function ended(since: string, seen: string | undefined): string {
  if (seen === undefined) return since;
  return new Date(Math.max(Date.parse(since), Date.parse(seen) - OVERLAP_MS)).toISOString();
}
