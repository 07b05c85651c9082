// The poll of eBay's orders: none is stepped over, however many change at once, however often the poll is cut short.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimulatedOrder } from '../../../../adapters/channels/ebay/simulator/orders.ts';
import { ebayVendor } from '../../../../adapters/channels/ebay/vendor.ts';
import { about, aShop, commandsOf, never, page, round, START } from '../../../support/ebay/shop.ts';
import { channelAt, type EbayWorld } from '../../../support/ebay/world.ts';

describe("eBay's orders, polled", () => {
  it('starts an hour back, or where the settings say', async () => {
    const shop = await aShop();
    shop.ebay.orders.buy([{ sku: 'A', quantity: 1 }]);
    shop.time.now += 3_700_000;
    expect((await page(shop)).messages).toEqual([]);
    const settings = { ordersSince: '2026-11-23T11:00:00Z' };
    const { poll } = ebayVendor.inbound!(channelAt(shop.ebay.url, { settings, now: () => shop.time.now }));
    expect(await poll!.read(undefined, never)).toMatchObject({ messages: [{ about: 'order 27-00001-10001' }] });
  });

  it('reads more than a page in spans of time, each order at least once, with shipments', async () => {
    const shop = await aShop();
    for (let n = 0; n < 180; n += 1) {
      const { orderId } = shop.ebay.orders.buy([{ sku: 'A', quantity: 1 }])!;
      if (n % 3 === 0) shop.ebay.orders.ship(orderId);
      shop.time.now += 100;
    }
    const { messages, pages } = await round(shop);
    expect(new Set(about(messages)).size).toBe(180);
    expect(messages.flatMap(commandsOf).filter(({ type }) => type === 'fulfil')).toHaveLength(60);
    expect(pages).toBeGreaterThan(3);
  });

  it('reads more than a page of one millisecond', async () => {
    const shop = await aShop();
    for (let n = 0; n < 130; n += 1) shop.ebay.orders.buy([{ sku: 'A', quantity: 1 }]);
    shop.time.now += 5_000;
    expect(new Set(about((await round(shop)).messages)).size).toBe(130);
  });

  // Seen failing with a round that goes back from its own end instead of its start.
  it('finds what eBay showed late also when the round took long', async () => {
    const shop = await aShop({ settings: { ordersSince: '2026-11-23T12:00:00Z' } });
    const { orders } = shop.ebay;
    for (let n = 0; n < 20; n += 1) orders.buy([{ sku: 'A', quantity: 1 }]);
    shop.time.now = START + 50_000;
    const late = orders.buy([{ sku: 'B', quantity: 1 }])!;
    const hidden = hideFor(0, shop, (order) => order !== late);
    shop.time.now = START + 150_000;
    for (let n = 0; n < 80; n += 1) orders.buy([{ sku: 'A', quantity: 1 }]);
    shop.time.now = START + 200_000;
    const first = await page(shop);
    expect(first.more).toBe(true);
    hidden.restore();
    shop.time.now = START + 480_000;
    const rest = await round(shop, first.watermark);
    const next = await round(shop, rest.watermark);
    expect(about([...first.messages, ...rest.messages, ...next.messages])).toContain(`order ${late.orderId}`);
  });

  // Seen failing without going back behind the last round, and with the first page taken for all there is.
  it('steps over no change, whenever orders change between its pages and however late eBay shows them', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('buy' as const), n: fc.constantFrom(1, 30, 55) }),
      fc.record({ do: fc.constant('ship' as const), n: fc.nat() }),
      fc.record({ do: fc.constant('wait' as const), n: fc.constantFrom(1_000, 60_000, 280_000) }),
      fc.record({ do: fc.constant('page' as const), n: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 6, maxLength: 14 }),
        fc.constantFrom(0, 100_000, 280_000),
        async (steps, lateMs) => {
          const shop = await aShop();
          const shown = hideFor(lateMs, shop);
          const told = new Map<string, number>();
          let mark: string | undefined;
          const read = async () => {
            const next = await page(shop, mark);
            for (const message of next.messages)
              told.set(message.about, Math.max(told.get(message.about) ?? 0, commandsOf(message).length));
            mark = next.watermark;
            return next.more;
          };
          await read();
          for (const { do: what, n } of steps) {
            if (what === 'buy') for (let i = 0; i < n; i += 1) shop.ebay.orders.buy([{ sku: 'A', quantity: 1 }]);
            if (what === 'ship') {
              const all = shop.ebay.orders.all();
              if (all.length > 0) shop.ebay.orders.ship(all[n % all.length]!.orderId);
            }
            if (what === 'wait') shop.time.now += n;
            if (what === 'page') await read();
            shop.time.now += 1;
          }
          shop.time.now += lateMs;
          while (await read());
          // A round that began before the last change may end before it is shown: the next round has it.
          while (await read());
          shown.restore();
          const wanted = shop.ebay.orders
            .all()
            .map(({ orderId, parcels }) => [`order ${orderId}`, 1 + parcels.length] as const);
          expect(told).toEqual(new Map(wanted));
          await shop.close();
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  it.each([
    ['429', { kind: 'throttle' as const }, 'later'],
    ['500', { kind: 'error' as const }, 'later'],
    ['403', { kind: 'forbidden' as const }, 'denied'],
    ['JSON of something else', { kind: 'answer' as const, answer: { body: '{}' } }, 'later'],
    ['no answer', { kind: 'timeout' as const }, 'later'],
  ])('gives no watermark at %s', async (_, faults, expected) => {
    const shop = await aShop({ faults, timeoutMs: 300 });
    expect((await shop.poll.read(undefined, never)).kind).toBe(expected);
  });

  it('gives no watermark where the shipments of one order cannot be had', async () => {
    // The first call of each reading passes, the second fails.
    const draws = [0.9, 0.1];
    const shop = await aShop({ random: () => draws.shift()!, faults: { kind: 'error', share: 0.5 } });
    const { orderId } = shop.ebay.orders.buy([{ sku: 'A', quantity: 1 }])!;
    shop.ebay.orders.ship(orderId);
    expect((await shop.poll.read(undefined, never)).kind).toBe('later');
    expect(shop.ebay.misbehaving.log.calls.map(({ status }) => status)).toEqual([200, 200, 500]);
  });

  /** Orders show their last change only so long after it. */
  function hideFor(
    lateMs: number,
    { ebay: { orders }, time }: { ebay: EbayWorld['ebay']; time: { now: number } },
    but: (order: SimulatedOrder) => boolean = () => true,
  ) {
    const { all } = orders;
    orders.all = () => all().filter((order) => but(order) && Date.parse(order.lastModifiedDate) + lateMs <= time.now);
    return {
      restore: () => {
        orders.all = all;
      },
    };
  }
});
