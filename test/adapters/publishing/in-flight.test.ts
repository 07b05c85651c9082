// What is under way: one call per SKU, no more calls at once than the channel takes, none beyond its deadline.
import { expect, it } from 'vitest';
import { callWithDeadline } from '../../../adapters/publishing/call.ts';
import { createVirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { createWorld } from '../../support/marketplace/world.ts';

// Planted: #pump without its limit of calls; Sender.changed that puts back an SKU which is under way.
it('has one call per SKU and no more calls than the channel takes at once', async () => {
  const world = await createWorld();
  const channel = createVirtualChannel(world.time, { concurrency: 3 });
  channel.latencyMs = 900;
  const underWay = new Set<string>();
  let calls = 0;
  let most = 0;
  const connector = {
    ...channel.connector,
    publish: async (...call: Parameters<typeof channel.connector.publish>) => {
      calls += 1;
      most = Math.max(most, calls);
      for (const { sku } of call[0].updates) {
        expect(underWay.has(sku)).toBe(false);
        underWay.add(sku);
      }
      const reply = await channel.connector.publish(...call);
      for (const { sku } of call[0].updates) underWay.delete(sku);
      calls -= 1;
      return reply;
    },
  };
  const publishing = world.start({ shop: connector }, { ratePerSecond: 100, burst: 100, batchSize: 2 });
  for (let round = 0; round < 30; round += 1) {
    for (let n = 0; n < 8; n += 1) await world.set('shop', `S-${n}`, round * 8 + n);
    await world.time.advance(170);
  }
  expect(publishing.status('shop')!.inFlight).toBe(6);
  await world.time.advance(20_000);
  expect(most).toBe(3);
  expect(publishing.status('shop')).toMatchObject({ backlog: 0, inFlight: 0, lastError: undefined });
  expect(channel.listings.get('S-7')!.units).toBe(29 * 8 + 7);
  world.end();
});

// Planted: not aborting the call at its deadline.
it('ends a call at its deadline as unknown even if the connector never does, and takes a throw for unknown', async () => {
  const { connector } = createVirtualChannel((await createWorld()).time);
  const batch = { batchId: 'b', version: 1n, updates: [{ sku: 'A', units: 1 }] };
  const world = await createWorld();
  let aborted = false;
  const deaf = {
    ...connector,
    publish: (_: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<never>(() => {});
    },
  };
  const closing = new AbortController().signal;
  const call = callWithDeadline(deaf, batch, 1_000, world.time.timers, closing);
  await world.time.advance(1_000);
  expect(await call).toEqual({ kind: 'unknown', reason: 'no answer within 1000 ms' });
  expect(aborted).toBe(true);
  const throwing = {
    ...connector,
    publish: () => {
      throw new Error('bug');
    },
  };
  expect(await callWithDeadline(throwing, batch, 1_000, world.time.timers, closing)).toEqual({
    kind: 'unknown',
    reason: 'bug',
  });
  world.end();
});

// Planted: ordering the backlog by arrival.
it('lets a stock-out overtake a whole catalogue that waits for its first publication', async () => {
  const world = await createWorld();
  const channel = createVirtualChannel(world.time);
  await world.set('shop', 'HOT', 5);
  const publishing = world.start({ shop: channel.connector }, { batchSize: 10 });
  await world.time.advance(3_000);
  for (let n = 0; n < 1_000; n += 1) await world.set('shop', `S-${n}`, n % 3);
  await world.time.advance(5_000);
  expect(publishing.status('shop')!.backlog).toBeGreaterThan(500);
  const soldOutAt = world.time.now();
  await world.set('shop', 'HOT', 0);
  await world.time.advance(5_000);
  const told = channel.calls.find(({ updates }) => updates.some(({ sku, units }) => sku === 'HOT' && units === 0));
  expect(told!.at - soldOutAt).toBeLessThanOrEqual(250);
  world.end();
});

// Planted: #delayMs without its case for the order of arrival.
it('rests an SKU after an unknown outcome where the last call to arrive wins', async () => {
  const world = await createWorld();
  const channel = createVirtualChannel(world.time, { ordering: 'arrival' });
  await world.set('shop', 'A', 1);
  channel.behave = () => 'lost';
  world.start({ shop: channel.connector }, { timeoutMs: 8_000 });
  await world.time.advance(60_000);
  const times = channel.calls.map(({ at }) => at);
  expect(times.length).toBeGreaterThan(2);
  for (let n = 1; n < times.length; n += 1) expect(times[n]! - times[n - 1]!).toBeGreaterThanOrEqual(8_000);
  world.end();
});
