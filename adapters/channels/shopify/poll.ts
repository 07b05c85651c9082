// Orders by the time of their last change, for what no webhook told. The watermark is the latest change that was read, less
// an overlap, for the search behind `updated_at` runs behind the orders themselves; what is read twice counts once.
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { InboundMessage, Poll, PollReply } from '../../inbound/inbound.ts';
import { notNow, type Told } from './admin-api.ts';
import { numberOf } from './gid.ts';
import { readOrder } from './order-read.ts';
import { type InboundRoom, translateOrder } from './webhook.ts';

const CHANGED = `query EvenstockChangedOrders($first: Int!, $after: String, $filter: String!) {
  orders(first: $first, after: $after, query: $filter, sortKey: UPDATED_AT) {
    edges { cursor node { id updatedAt } }
    pageInfo { hasNextPage }
  }
}`;
const Changed = z.object({
  orders: z.object({
    edges: z.array(
      z.object({
        cursor: z.string().max(1_000),
        node: z.object({ id: z.string(), updatedAt: z.iso.datetime({ offset: true }) }),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
});

const OVERLAP_MS = 5 * MINUTE;
/** Each order is read by itself, so a page is small: what was read is not lost to a throttle. */
const ORDERS_PER_PAGE = 20;
/** Cursors end at 25,000 objects (shopify.dev/docs/api/usage/limits); before that, a new search begins where this one is. */
const PAGES_MAX = 1_000;

/** Inside a search: from when it is, behind which order it goes on, and the latest change it has read. */
const Watermark = z.strictObject({
  since: z.iso.datetime({ offset: true }),
  after: z.string().optional(),
  seen: z.iso.datetime({ offset: true }).optional(),
  pages: z.int().min(0).default(0),
});
type Watermark = z.output<typeof Watermark>;

export interface PollOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** From when the first poll ever reads; undefined: from now. */
  readonly since: number | undefined;
}

export function createPoll(room: InboundRoom, options: PollOptions): Poll {
  return {
    everyMs: options.everyMs,
    async read(text, signal): Promise<PollReply> {
      const at = watermarkOf(text, options.since ?? options.clock.now());
      if (at === undefined) return { kind: 'denied', reason: 'the watermark is not one of this adapter' };
      const variables = { first: ORDERS_PER_PAGE, after: at.after ?? null, filter: `updated_at:>='${at.since}'` };
      const told = await room.api.ask({ query: CHANGED, variables, schema: Changed }, signal);
      if (told.kind !== 'data') return startedOver(told, at) ?? notNow(told);
      const { edges, pageInfo } = told.data.orders;
      const messages: InboundMessage[] = [];
      let next: Watermark = at;
      for (const { cursor, node } of edges) {
        const message = await read(node.id, room, signal);
        if (message !== undefined && !('about' in message)) {
          // What was read before is kept; the rest is asked for again.
          if (messages.length === 0) return notNow(message);
          return { kind: 'page', messages, watermark: JSON.stringify(next), more: true };
        }
        if (message !== undefined) messages.push(message);
        next = { ...next, after: cursor, seen: node.updatedAt };
      }
      const watermark = JSON.stringify(pageInfo.hasNextPage ? turned(next) : ended(next));
      return { kind: 'page', messages, watermark, more: pageInfo.hasNextPage };
    },
  };
}

/** The shop does not know its own cursor any more: the search goes on from the last change that it had read. */
function startedOver(told: Exclude<Told<never>, { readonly kind: 'data' }>, at: Watermark): PollReply | undefined {
  const isCursor = 'reason' in told && /invalid cursor|INVALID_CURSOR/i.test(told.reason);
  if (at.after === undefined || !isCursor) return undefined;
  return { kind: 'page', messages: [], watermark: JSON.stringify(ended(at)), more: true };
}

async function read(id: string, room: InboundRoom, signal: AbortSignal) {
  const told = await readOrder(room.api, id, signal);
  if (told.kind === 'batchRefused') {
    const about = `order ${numberOf(id)}`;
    return { about, meaning: { kind: 'malformed', reason: told.reason } } satisfies InboundMessage;
  }
  if (told.kind !== 'data') return told;
  return told.data === undefined ? undefined : await translateOrder(told.data, room, signal);
}

/** The first poll ever begins now, or as settings say: orders from before are in the stock that was taken on. */
function watermarkOf(text: string | undefined, start: number): Watermark | undefined {
  if (text === undefined) return { since: new Date(start).toISOString(), pages: 0 };
  try {
    return Watermark.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function turned({ pages, ...watermark }: Watermark): Watermark {
  if (pages + 1 < PAGES_MAX || watermark.seen === undefined) return { ...watermark, pages: pages + 1 };
  return { since: watermark.seen, pages: 0 };
}

function ended({ since, seen }: Watermark): Watermark {
  if (seen === undefined) return { since, pages: 0 };
  const from = Math.max(Date.parse(since), Date.parse(seen) - OVERLAP_MS);
  return { since: new Date(from).toISOString(), pages: 0 };
}
