// How often a channel may be told of one SKU in a day: never more, stock-outs first, over crashes too.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBudget } from '../../../adapters/publishing/budget.ts';
import { createOutstanding } from '../../../adapters/publishing/outstanding.ts';
import { type Behaviour, createVirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { createWorld } from '../../support/marketplace/world.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';

const HOUR = 3_600_000;
const FAST = { ratePerSecond: 10, burst: 10 };

// Seen failing with KEPT_PART 0 for increases: they use it up, and the stock-out waits for a day.
it('keeps some for stock-outs: increases wait first, then decreases', async () => {
  const world = await createWorld();
  const channel = createVirtualChannel(world.time, { perSkuDailyMax: 20 });
  await world.set('shop', 'A', 1);
  const publishing = world.start({ shop: channel.connector }, FAST);
  for (let units = 2; units < 60; units += 1) {
    await world.time.advance(2_000);
    await world.set('shop', 'A', units);
  }
  await world.time.advance(60_000);
  expect(channel.calls).toHaveLength(12);
  expect(publishing.status('shop')).toMatchObject({ backlog: 1, budget: { perSkuDailyMax: 20, leastLeft: 8 } });
  for (let units = 11; units > 1; units -= 1) {
    await world.set('shop', 'A', units);
    await world.time.advance(2_000);
  }
  expect(channel.calls).toHaveLength(18);
  await world.set('shop', 'A', 0);
  await world.time.advance(2_000);
  expect(channel.listings.get('A')!.units).toBe(0);
  await world.set('shop', 'A', 9);
  await world.time.advance(23 * HOUR);
  expect(channel.listings.get('A')!.units).toBe(0);
  await world.time.advance(3 * HOUR);
  expect(channel.listings.get('A')!.units).toBe(9);
  world.end();
});

// Seen failing with every outcome spending (a day without a word after half an hour of throttling), before a restart and after.
it.each(['throttled', 'unavailable'] as const)(
  'is not spent by calls that are %s, over a restart too',
  async (fault) => {
    const world = await createWorld();
    const channel = createVirtualChannel(world.time, { perSkuDailyMax: 10 });
    channel.behave = () => fault;
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector }, FAST);
    await world.time.advance(HOUR / 2);
    expect(channel.calls.length).toBeGreaterThan(12);
    expect(publishing.status('shop')!.budget).toEqual({ perSkuDailyMax: 10, leastLeft: 10, thin: 0 });
    await publishing.close(0);
    await world.restart();
    const again = world.start({ shop: channel.connector }, FAST);
    await world.time.advance(HOUR / 2);
    channel.behave = () => 'ok';
    await world.time.advance(60_000);
    expect(channel.listings.get('A')!.units).toBe(5);
    expect(again.status('shop')!.budget).toEqual({ perSkuDailyMax: 10, leastLeft: 9, thin: 0 });
    world.end();
  },
);

// Seen failing with `unknown` not spending: what it has counted is told beyond its limit.
it('is spent by what the channel may have counted: unknown and refused', async () => {
  const world = await createWorld();
  const channel = createVirtualChannel(world.time, { perSkuDailyMax: 10 });
  channel.behave = () => 'applied-but-silent';
  channel.refused.add('B');
  await world.set('shop', 'A', 5);
  const publishing = world.start({ shop: channel.connector }, FAST);
  await world.time.advance(2 * HOUR);
  expect(channel.calls).toHaveLength(6);
  expect(publishing.status('shop')!.budget).toMatchObject({ leastLeft: 4 });
  channel.behave = () => 'ok';
  await world.set('shop', 'B', 1);
  await world.time.advance(60_000);
  expect(channel.calls).toHaveLength(7);
  for (let units = 2; units < 20; units += 1) {
    await world.set('shop', 'B', units);
    await world.time.advance(60_000);
  }
  expect(channel.calls).toHaveLength(12);
  world.end();
});

// Seen failing without `told` counting in what is being read anew: the calls made meanwhile are forgotten.
it('counts what is told while it is read anew', async () => {
  const { clock, timers } = createVirtualTime();
  const outstanding = createOutstanding({
    known: { difference: () => 'increase' },
    riskOf: () => undefined,
    clock,
    timers,
  });
  await outstanding.recount(createBudget(10), async () => {});
  const read = Promise.withResolvers<void>();
  const recounted = outstanding.recount(createBudget(10), () => read.promise);
  outstanding.told('A', 'confirmed');
  expect(outstanding.budget?.status(clock.now()).leastLeft).toBe(9);
  read.resolve();
  await recounted;
  expect(outstanding.budget?.status(clock.now()).leastLeft).toBe(9);
});

// Seen failing without reading what was spent (each restart begins anew), and without `spendOnAll` (calls that a crash left unrecorded).
it('is never exceeded in any 24 hours, whatever changes and crashes come', async () => {
  const step = fc.record({
    sku: fc.constantFrom('A', 'B'),
    units: fc.nat(6),
    waitMs: fc.constantFrom(30, 700, 5_000, HOUR, 5 * HOUR),
    crash: fc.boolean(),
    latencyMs: fc.constantFrom(10, 3_000),
    behaviour: fc.constantFrom<Behaviour>('ok', 'ok', 'throttled', 'unavailable', 'applied-but-silent', 'partial'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (script) => {
      const world = await createWorld();
      const channel = createVirtualChannel(world.time, { perSkuDailyMax: 6 });
      for (const sku of ['A', 'B']) await world.set('shop', sku, 3);
      world.start({ shop: channel.connector }, FAST);
      const counted: { sku: string; at: number }[] = [];
      let behaviour: Behaviour = 'ok';
      channel.behave = ({ updates }) => {
        if (behaviour === 'throttled' || behaviour === 'unavailable') return behaviour;
        for (const { sku } of updates) counted.push({ sku, at: world.time.now() });
        return behaviour;
      };
      for (const { sku, units, waitMs, crash, latencyMs, ...step } of script) {
        channel.latencyMs = latencyMs;
        behaviour = step.behaviour;
        await world.set('shop', sku, units);
        await world.time.advance(waitMs);
        if (!crash) continue;
        world.crash();
        await world.restart();
        world.start({ shop: channel.connector }, FAST);
      }
      behaviour = 'ok';
      await world.time.advance(3 * 24 * HOUR);
      for (const sku of ['A', 'B']) {
        const times = counted.filter((one) => one.sku === sku).map(({ at }) => at);
        for (const from of times) {
          const inDay = times.filter((at) => at >= from && at < from + 24 * HOUR);
          expect(inDay.length).toBeLessThanOrEqual(6);
        }
        expect(channel.listings.get(sku)!.units).toBe(world.units('shop', sku));
      }
      world.end();
    }),
    { numRuns: 25 },
  );
});

it('forgets what is older than a day', () => {
  const budget = createBudget(1);
  budget.spend('A', 10 * HOUR + 1);
  expect(budget.heldUntil('A', 'to-zero', 11 * HOUR)).toBe(35 * HOUR);
  expect(budget.heldUntil('A', 'to-zero', 35 * HOUR)).toBeUndefined();
  expect(budget.status(35 * HOUR)).toEqual({ perSkuDailyMax: 1, leastLeft: 1, thin: 0 });
});
