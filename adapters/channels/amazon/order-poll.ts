// Reads the orders that changed: searchOrders of the Orders API 2026-01-01, which Amazon allows once in three minutes. The
// watermark says from when on, and which page; a little is read twice, since Amazon's clock is not ours.
import { z } from 'zod';
import { type Clock, MINUTE, SECOND } from '../../../domain/time.ts';
import type { Poll, PollReply } from '../../inbound/inbound.ts';
import { unread } from './failure.ts';
import { type OrderRoom, translateOrder } from './order.ts';
import { type CallSellingPartner, readAs } from './selling-partner-api.ts';

const Watermark = z.strictObject({ lastUpdatedAfter: z.iso.datetime(), page: z.string().min(1).optional() });
type Watermark = z.infer<typeof Watermark>;
const Page = z.object({
  orders: z.array(z.unknown()),
  pagination: z.object({ nextToken: z.string().min(1).optional() }).optional(),
  lastUpdatedBefore: z.iso.datetime({ offset: true }).optional(),
});

/** 0.0056 requests a second. */
const EVERY_MS = 180 * SECOND;
const OVERLAP_MS = 2 * MINUTE;
export const ORDER_DATA = 'FULFILLMENT,PACKAGES,CANCELLATION';

export function pollOrders(room: OrderRoom & { readonly call: CallSellingPartner; readonly clock: Clock }): Poll {
  const { call, clock, settings } = room;
  return {
    everyMs: EVERY_MS,
    async read(text, signal): Promise<PollReply> {
      const askedAt = clock.now();
      const from =
        text === undefined ? { lastUpdatedAfter: iso(settings.ordersFrom ?? askedAt) } : readAs(Watermark, text);
      if (from === undefined) return { kind: 'denied', reason: 'the watermark is none of this channel' };
      const answer = await call(
        {
          method: 'GET',
          path: '/orders/2026-01-01/orders',
          query: {
            lastUpdatedAfter: from.lastUpdatedAfter,
            marketplaceIds: settings.marketplaceId,
            fulfilledBy: 'MERCHANT',
            includedData: ORDER_DATA,
            paginationToken: from.page,
          },
        },
        signal,
      );
      if (answer.kind === 'failed') {
        // A page's token lives a day; after that its orders are read from the start of the watermark.
        if (answer.status === 400 && from.page !== undefined)
          return page([], { lastUpdatedAfter: from.lastUpdatedAfter }, true);
        const reply = unread(answer);
        return reply.kind === 'later' ? { ...reply, afterMs: reply.afterMs ?? EVERY_MS } : reply;
      }
      const found = readAs(Page, answer.text);
      if (found === undefined)
        return { kind: 'later', reason: 'searchOrders did not answer as agreed', afterMs: EVERY_MS };
      const nextToken = found.pagination?.nextToken;
      if (nextToken !== undefined) return page(found.orders, { ...from, page: nextToken }, true);
      const until = found.lastUpdatedBefore === undefined ? askedAt : Date.parse(found.lastUpdatedBefore);
      // Never back: an answer that says less than was asked must not make orders be read again for ever.
      const lastUpdatedAfter = iso(Math.max(Date.parse(from.lastUpdatedAfter), Math.min(until, askedAt) - OVERLAP_MS));
      return page(found.orders, { lastUpdatedAfter }, false);
    },
  };

  function page(orders: readonly unknown[], watermark: Watermark, more: boolean): PollReply {
    const messages = orders.map((order) => translateOrder(order, room));
    return { kind: 'page', messages, watermark: JSON.stringify(watermark), more };
  }
}

const iso = (at: number): string => new Date(at).toISOString();
