// A channel that sells lowers what it shows by itself and tells us later: what it shows is uncertain as of its report, and
// is told again by a value that was read after it. In virtual time, over the real projection.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Publishing } from '../../../adapters/publishing/publisher.ts';
import { createVirtualChannel, type VirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

let world: World;
let publishing: Publishing;
afterEach(() => world.end());

/** Publishing of one SKU to a channel that has acknowledged and shows it. */
async function aChannelShowing(units: number): Promise<VirtualChannel> {
  world = await createWorld();
  const channel = createVirtualChannel(world.time);
  await world.set('shop', 'A', units);
  publishing = world.start({ shop: channel.connector });
  await world.time.advance(2_000);
  expect(channel.listings.get('A')?.units).toBe(units);
  return channel;
}
const buy = (channel: VirtualChannel, sku = 'A') => channel.listings.order(sku, 1, world.time.now()) !== undefined;
const unitsTold = (channel: VirtualChannel) => channel.calls.map(({ updates }) => updates[0]!.units);

describe('a channel that sold by itself', () => {
  it('is told the figure again although it is the one that it acknowledged', async () => {
    const channel = await aChannelShowing(5);
    buy(channel);
    await world.set('shop', 'A', 6);
    await world.sold('shop', 'A', 1);
    await world.time.advance(2_000);
    expect(unitsTold(channel)).toEqual([5, 5]);
    expect(channel.listings.get('A')?.units).toBe(5);
  });

  // Planted: no onDoubt listeners in the projection.
  it('is told it again when no figure changed at all', async () => {
    const channel = await aChannelShowing(5);
    buy(channel);
    await world.sold('shop', 'A', 1, true);
    await world.time.advance(2_000);
    expect(unitsTold(channel)).toEqual([5, 5]);
  });

  it('is told once when the sale changed the figure too, and nothing for a sale that is of another channel', async () => {
    const channel = await aChannelShowing(5);
    buy(channel);
    await world.sold('shop', 'A', 1);
    await world.sold('other', 'A', 1);
    await world.time.advance(60_000);
    expect(unitsTold(channel)).toEqual([5, 4]);
    expect(world.published.shown('other', 'A')).toBeUndefined();
  });

  it('is told once after many sales', async () => {
    const channel = await aChannelShowing(5);
    for (let n = 0; n < 4; n += 1) {
      buy(channel);
      await world.sold('shop', 'A', 1, true);
    }
    await world.time.advance(60_000);
    expect(unitsTold(channel)).toEqual([5, 5]);
  });

  // Planted: any acknowledgement clears `doubtedAt` in afterUpdate.
  it('is told it again when the sale was recorded while an older value was on its way', async () => {
    const channel = await aChannelShowing(5);
    channel.applyFirst = true;
    channel.latencyMs = 900;
    await world.set('shop', 'A', 7);
    await world.time.advance(300);
    buy(channel);
    await world.sold('shop', 'A', 1, true);
    await world.time.advance(10_000);
    expect(unitsTold(channel)).toEqual([5, 7, 7]);
    expect(channel.listings.get('A')?.units).toBe(7);
  });

  // Planted: a sale of a SKU without a record of a call is forgotten.
  it('is told it again when the sale was recorded before the record of its very first call', async () => {
    world = await createWorld();
    const channel = createVirtualChannel(world.time);
    channel.applyFirst = true;
    channel.latencyMs = 900;
    await world.set('shop', 'A', 5);
    world.start({ shop: channel.connector });
    await world.time.advance(500);
    expect(buy(channel)).toBe(true);
    await world.sold('shop', 'A', 1, true);
    await world.time.advance(10_000);
    expect(channel.listings.get('A')?.units).toBe(5);
  });

  it('is told it again after a restart, from the log alone', async () => {
    const channel = await aChannelShowing(5);
    const closing = publishing.close();
    await world.time.advance(10);
    await closing;
    buy(channel);
    await world.sold('shop', 'A', 1, true);
    await world.restart();
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    expect(unitsTold(channel)).toEqual([5, 5]);
  });

  it('gets no call for a value it refused, sold or not, until the value changes', async () => {
    const channel = await aChannelShowing(5);
    channel.refused.add('A');
    await world.set('shop', 'A', 6);
    await world.time.advance(2_000);
    await world.sold('shop', 'A', 1, true);
    await world.time.advance(60_000);
    expect(unitsTold(channel)).toEqual([5, 6]);
  });
});

// P10 planted: channelSale never answering; any acknowledgement clearing `doubtedAt`; only SKUs with a record counting;
// no onDoubt listeners. Calls here are slow, so that sales happen and are reported while they are under way.
it('P10: whatever buyers take and whenever it is reported, in the end the channel shows every figure', async () => {
  const skus = ['A', 'B', 'C'];
  const sku = fc.constantFrom(...skus);
  const move = fc.oneof(
    fc.record({ do: fc.constant('set' as const), sku, units: fc.nat(3) }),
    fc.record({ do: fc.constant('buy' as const), sku }),
    fc.record({ do: fc.constant('report' as const), which: fc.nat(9), figureStays: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(30, 250, 700, 5_000) }),
    fc.record({ do: fc.constant('latency' as const), ms: fc.constantFrom(10, 900), applyFirst: fc.boolean() }),
    fc.record({ do: fc.constant('crash' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 30 }), fc.integer({ min: 1 }), async (moves, seed) => {
      world = await createWorld(seed);
      const channel = createVirtualChannel(world.time);
      channel.applyFirst = true;
      channel.latencyMs = 900;
      const policy = { ratePerSecond: 10, burst: 5, batchSize: 2, timeoutMs: 1_500 };
      for (const one of skus) await world.set('shop', one, 2);
      world.start({ shop: channel.connector }, policy);
      await world.time.advance(600);
      const unreported: string[] = [];
      const report = async (which: number, figureStays: boolean) => {
        const [one] = unreported.splice(which % Math.max(1, unreported.length), 1);
        if (one !== undefined) await world.sold('shop', one, 1, figureStays);
      };
      for (const now of moves) {
        if (now.do === 'set') await world.set('shop', now.sku, now.units);
        else if (now.do === 'wait') await world.time.advance(now.ms);
        else if (now.do === 'report') await report(now.which, now.figureStays);
        else if (now.do === 'latency') Object.assign(channel, { latencyMs: now.ms, applyFirst: now.applyFirst });
        else if (now.do === 'buy') {
          if (buy(channel, now.sku)) unreported.push(now.sku);
        } else {
          world.crash();
          await world.restart();
          world.start({ shop: channel.connector }, policy);
        }
      }
      while (unreported.length > 0) await report(seed, seed % 2 === 0);
      await world.time.advance(60_000);
      const shown = skus.map((one) => [one, channel.listings.get(one)?.units]);
      expect(shown).toEqual(skus.map((one) => [one, world.units('shop', one)]));
      expect(channel.listings.violations).toBe(0);
      world.end();
    }),
    { numRuns: 120 },
  );
});
