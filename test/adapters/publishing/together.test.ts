// Channels with one address for some SKUs and another for others: a batch is one call, and nothing waits for ever.
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

let world: World | undefined;
afterEach(() => world?.end());

const kindOf = (sku: string) => sku.split('-')[0];
const ofOneKind = (skus: readonly string[]) => skus.filter((sku) => kindOf(sku) === kindOf(skus[0]!));

describe('a channel with several addresses', () => {
  // Planted: leaving what was put back without its time held it for ever; taking `together` for all sent mixed batches.
  it('is told in batches of one kind, each as full as it can be, and everything arrives', async () => {
    world = await createWorld();
    const channel = createVirtualChannel(world.time, { together: ofOneKind });
    for (let n = 0; n < 30; n += 1) await world.set('shop', `${'ABC'[n % 3]}-${n}`, n + 1);
    world.start({ shop: channel.connector }, { ratePerSecond: 5, burst: 3 });
    await world.time.advance(5_000);
    expect(channel.listings.size).toBe(30);
    for (const { updates } of channel.calls) expect(new Set(updates.map(({ sku }) => kindOf(sku))).size).toBe(1);
    expect(channel.calls.map(({ updates }) => updates.length)).toEqual([10, 10, 10]);
  });

  it('hears of a stock-out first, whatever is due besides', async () => {
    world = await createWorld();
    const channel = createVirtualChannel(world.time, { together: ofOneKind });
    for (let n = 0; n < 12; n += 1) await world.set('shop', `${'ABC'[n % 3]}-${n}`, 5);
    world.start({ shop: channel.connector }, { ratePerSecond: 5, burst: 3 });
    await world.time.advance(5_000);
    const before = channel.calls.length;
    for (let n = 0; n < 12; n += 1) await world.set('shop', `${'ABC'[n % 3]}-${n}`, n === 11 ? 0 : 9);
    await world.time.advance(5_000);
    expect(channel.calls[before]!.updates[0]).toEqual({ sku: 'C-11', units: 0 });
    expect(channel.calls).toHaveLength(before + 3);
  });
});
