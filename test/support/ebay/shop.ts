// The eBay world as its poll sees it, with a clock that tests move and shelves that never end.
import { afterEach } from 'vitest';
import type { InboundMessage, PollReply } from '../../../adapters/inbound/inbound.ts';
import { anEbayWorld, type EbayWorld, type EbayWorldOptions } from './world.ts';

export const START = Date.parse('2026-11-23T12:00:00.000Z');
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

export async function aShop(options: EbayWorldOptions = {}) {
  const time = { now: START };
  const world = await anEbayWorld({ now: () => time.now, timeoutMs: 5_000, ...options });
  opened.push(world);
  for (const sku of ['A', 'B']) world.ebay.items.get(sku)!.quantity = 100_000;
  return { ...world, time };
}
export const never = new AbortController().signal;

export async function page(world: EbayWorld, watermark?: string): Promise<Extract<PollReply, { kind: 'page' }>> {
  const reply = await world.poll.read(watermark, never);
  if (reply.kind !== 'page') throw new Error(`${reply.kind}: ${reply.reason}`);
  return reply;
}

/** All pages of a round. */
export async function round(world: EbayWorld, watermark?: string) {
  const messages: InboundMessage[] = [];
  let pages = 0;
  for (let mark = watermark; ; ) {
    const next = await page(world, mark);
    messages.push(...next.messages);
    pages += 1;
    mark = next.watermark;
    if (!next.more) return { messages, watermark: mark, pages };
    if (pages > 1_000) throw new Error('the round does not end');
  }
}
export const commandsOf = ({ meaning }: InboundMessage) => {
  if (meaning.kind !== 'commands') throw new Error(meaning.kind);
  return meaning.commands.map((asked) => {
    if (asked.to !== 'order') throw new Error('an order moves no stock by itself');
    return { orderId: asked.orderId, ...asked.command };
  });
};
export const about = (messages: readonly InboundMessage[]) => messages.map((message) => message.about);
