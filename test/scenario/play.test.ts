// The play over toy worlds: one whose shops always show what is there, and one whose shops show the morning's figures all
// day. So what is measured is a matter of the world, not of the play.
import { describe, expect, it } from 'vitest';
import { scriptOf } from './day.ts';
import { fastTime } from './fast-time.ts';
import { playDay } from './play.ts';
import { createRetailer, FULL_SCALE, ONLINE_CHANNELS } from './retailer.ts';
import { createTruth, type Truth } from './truth.ts';
import type { World } from './world.ts';

const scale = { ...FULL_SCALE, skus: 40, stores: 4, walkIns: 150, orders: 200, promoted: 5 };
const retailer = createRetailer(2, scale);

function toyWorld(shown: (sku: string) => number, truth: Truth): World {
  let orders = 0;
  const shop = (channel: (typeof ONLINE_CHANNELS)[number]) => ({
    ...{
      channel,
      connector: { type: 'toy', url: 'http://x', secretEnv: 'X', timeoutMs: 1_000 },
      env: {},
      ids: new Map(),
    },
    shown,
    buy: (sku: string, units: number) => {
      orders += 1;
      return shown(sku) >= units ? `toy-${orders}` : undefined;
    },
    ...{ cancel() {}, throttle() {}, notify() {}, calls: () => ({ made: 0, updates: 0 }), close: async () => {} },
  });
  return {
    ...{ name: 'toy', erp: 'none' },
    shops: new Map(ONLINE_CHANNELS.map((channel) => [channel, shop(channel)])),
    known: (sku) => ({ ...truth.pool(sku), figure: () => Math.max(0, truth.free(sku)) }),
    ...{ ordered() {}, sold() {}, returned() {}, delivered() {}, trouble() {}, minute() {} },
    whereToPick: ({ id }) => Promise.resolve(truth.whereToPick(id)[0]),
    ...{ sent: async () => {}, cancelled: async () => {}, settle: async () => {}, close: async () => {} },
    ...{ figures: async () => [], manualWork: async () => [] },
  };
}

/** Far more buyers than the shelves are filled for. */
const script = scriptOf(retailer, { ...scale, orders: 800 });

const play = (shown: (truth: Truth) => (sku: string) => number) => {
  const truth = createTruth(retailer);
  const world = toyWorld(shown(truth), truth);
  const time = fastTime([{ from: 0, speed: 144_000 }]);
  time.begin();
  return playDay(world, truth, script, time, () => {});
};

describe('a day', () => {
  it('has no oversold order, nobody turned away and no wrong figure where shops show what is there', async () => {
    const measures = await play((truth) => (sku) => Math.max(0, truth.free(sku)));
    expect(measures).toMatchObject({ oversold: 0, lost: 0, lagMs: [] });
    expect(measures.accepted).toBeGreaterThan(50);
    expect(measures.moments.every(({ overshown, undershown }) => overshown === 0 && undershown === 0)).toBe(true);
  });

  it('has many where shops show the figures of the morning', async () => {
    const measures = await play((truth) => {
      const morning = new Map(retailer.articles.map(({ sku }) => [sku, truth.free(sku)]));
      return (sku) => morning.get(sku) ?? 0;
    });
    expect(measures.oversold).toBeGreaterThan(10);
    expect(measures.cancelled).toBeGreaterThan(0);
    expect(measures.lagMs.length).toBeGreaterThan(50);
    expect(measures.moments.at(-1)!.overshown).toBeGreaterThan(10);
  });
});
