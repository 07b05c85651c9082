// Asks a WooCommerce shop for orders that were changed: what its webhooks missed (it switches them off after some failures).
// The watermark is a time of the shop's own clock, to the second; each poll looks a little further back, because an order
// may become visible after one that was changed later. What is read twice has the same command ids.
import { z } from 'zod';
import { SECOND } from '../../../domain/time.ts';
import type { InboundMessage, Poll, PollReply } from '../../inbound/inbound.ts';
import { unreadOf, unreadOfError } from '../http-reading.ts';
import { jsonOf } from '../json.ts';
import type { VendorSpecificChannel } from '../vendor.ts';
import { saidIn, type WooApi } from './api.ts';
import { malformed, messageOf, WooOrder } from './orders.ts';
import { readRefunds } from './refunds.ts';

const PAGE_ORDERS = 100;
const OVERLAP_MS = 30 * SECOND;

/** Orders changed after this second; and the page, where more than one page were changed within one second. */
const Watermark = z.tuple([z.int().min(0), z.int().min(1)]);
type Watermark = z.infer<typeof Watermark>;

const Page = z.array(z.unknown()).max(PAGE_ORDERS);

export interface WooPollOptions {
  readonly everyMs: number;
  /** Where the first poll ever begins. */
  readonly since: number | undefined;
}

export function createWooPoll(api: WooApi, given: VendorSpecificChannel, { everyMs, since }: WooPollOptions): Poll {
  const { channel, identifiers, clock } = given;
  const first = (): Watermark => [wholeSecond(since ?? clock.now() - OVERLAP_MS), 1];

  async function pageOf(text: string, at: Watermark, signal: AbortSignal): Promise<PollReply> {
    const page = Page.safeParse(jsonOf(text));
    if (!page.success) return { kind: 'later', reason: 'the answer is not a list of orders' };
    let newest = at[0];
    const messages: InboundMessage[] = [];
    for (const raw of page.data) {
      const order = WooOrder.safeParse(raw);
      if (!order.success) {
        messages.push(malformed(aboutOf(raw), whyNot(order.error)));
        continue;
      }
      newest = Math.max(newest, order.data.date_modified_gmt ?? 0);
      const refunds = await readRefunds(api, order.data, clock.now(), signal);
      if ('kind' in refunds) return refunds;
      messages.push(messageOf(order.data, channel, identifiers, refunds));
    }
    return { kind: 'page', messages, ...next(at, newest, page.data.length === PAGE_ORDERS) };
  }

  return {
    everyMs,
    async read(watermark, signal) {
      const at = watermark === undefined ? first() : Watermark.safeParse(jsonOf(watermark)).data;
      if (at === undefined) return { kind: 'denied', reason: `${watermark} is no watermark of this adapter` };
      const [after, page] = at;
      // Without an offset, as WordPress compares it to a column in UTC.
      const modifiedAfter = new Date(after).toISOString().slice(0, 19);
      const query = {
        ...{ modified_after: modifiedAfter, dates_are_gmt: 'true', orderby: 'modified', order: 'asc' },
        ...{ page: String(page), per_page: String(PAGE_ORDERS), status: 'any' },
      };
      try {
        const answer = await api.get('/orders', query, signal);
        return unreadOf(answer, clock.now(), saidIn(answer)) ?? (await pageOf(answer.text, at, signal));
      } catch (error) {
        return unreadOfError(error);
      }
    },
  };
}

/**
 * A full page goes on from its last order, so that an order that is changed meanwhile, and moves to the end, shifts no other
 * past us. `modified_after` excludes its own second, which may hold more: one second further back.
 */
function next([after, page]: Watermark, newest: number, isFull: boolean): { watermark: string; more: boolean } {
  const text = (watermark: Watermark) => JSON.stringify(watermark);
  if (!isFull) return { watermark: text([Math.max(after, newest - OVERLAP_MS), 1]), more: false };
  const from = newest - SECOND;
  return { watermark: text(from > after ? [from, 1] : [after, page + 1]), more: true };
}

const wholeSecond = (at: number) => Math.floor(at / SECOND) * SECOND;

function aboutOf(raw: unknown): string {
  const known = z.object({ id: z.number() }).safeParse(raw);
  return known.success ? `order ${known.data.id}` : 'an order';
}

function whyNot({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return `${path.join('.') || 'it'}: ${message}`;
}
