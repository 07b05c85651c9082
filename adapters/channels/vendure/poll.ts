// Finds what changed by asking: orders by the time of their last change, from a watermark on. Each round begins a little
// before the end of the last one, since a transaction that took long shows up with a time that has passed already.
import { z } from 'zod';
import type { Poll, PollReply } from '../../inbound/inbound.ts';
import type { AdminApi } from './admin-api.ts';
import { unread } from './failure.ts';
import { readChangedOrders } from './read-orders.ts';
import { type TranslateOptions, translateOrder } from './translate.ts';

const EVERY_MS = 30_000;
const OVERLAP_MS = 60_000;
const PAGE_ORDERS = 50;

/**
 * `<ms>`: seen up to a change at that time. `<ms>+<n>`: in the middle of a round, of which `n` orders that changed at just
 * that time are seen.
 */
const Watermark = z
  .string()
  .regex(/^\d{1,15}(\+\d{1,9})?$/)
  .transform((text) => {
    const [at, seen] = text.split('+').map(Number);
    return { at: at!, seen };
  });

export interface PollOptions extends TranslateOptions {
  readonly api: AdminApi;
}

export function createPoll(options: PollOptions): Poll {
  return {
    everyMs: EVERY_MS,
    async read(watermark, signal): Promise<PollReply> {
      const { at, seen } = watermark === undefined ? { at: options.ordersSince } : Watermark.parse(watermark);
      const inside = seen !== undefined;
      // `after` excludes its time, and databases round times differently.
      const after = inside ? at - 1 : at - OVERLAP_MS;
      const told = await readChangedOrders(options.api, { after, take: PAGE_ORDERS, skip: seen ?? 0 }, signal);
      if (told.kind !== 'data') return unread(told);
      const messages = told.data.map((order) => translateOrder(order, options));
      const times = told.data.map(changeOf);
      const last = times.reduce((latest, time) => Math.max(latest, time), at);
      if (told.data.length < PAGE_ORDERS) return { kind: 'page', messages, watermark: String(last), more: false };
      const same = times.filter((time) => time === last).length + (inside && last === at ? seen : 0);
      return { kind: 'page', messages, watermark: `${last}+${same}`, more: true };
    },
  };
}

const Changed = z.object({ updatedAt: z.iso.datetime({ offset: true }) });

function changeOf(order: unknown): number {
  const parsed = Changed.safeParse(order);
  return parsed.success ? Date.parse(parsed.data.updatedAt) : 0;
}
