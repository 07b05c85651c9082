// Shadow mode and republishing: what a channel in shadow mode is told (nothing at all), and telling a figure again.
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { channelPolicy, createWorld, policyOf, type World } from '../../support/marketplace/world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.end();
});
async function aWorld(): Promise<World> {
  const world = await createWorld();
  worlds.push(world);
  return world;
}

describe('a channel in shadow mode', () => {
  // Seen failing with the connector given to the publisher in spite of the mode.
  it('is never called and leaves no event, however its figures change', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector }, { mode: 'shadow' });
    await world.time.advance(5_000);
    await world.set('shop', 'A', 0);
    await world.sold('shop', 'A', 1, true);
    expect(publishing.republish('shop', 'A')).toBe(false);
    await world.time.advance(60_000);
    expect(channel.calls).toEqual([]);
    expect(await world.log.read('channel-shop', 0, 10)).toEqual([]);
    expect(publishing.status('shop')).toMatchObject({ state: 'shadow', backlog: 0, inFlight: 0 });
  });

  it('is told everything when it goes live, and nothing more when it goes back', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector }, { mode: 'shadow' });
    await world.time.advance(5_000);
    void publishing.setPolicy(policyOf([channelPolicy('shop', { mode: 'live' })], '2'));
    await world.time.advance(5_000);
    expect(channel.listings.get('A')?.units).toBe(5);
    void publishing.setPolicy(policyOf([channelPolicy('shop', { mode: 'shadow' })], '3'));
    await world.time.advance(1_000);
    const calls = channel.calls.length;
    await world.set('shop', 'A', 2);
    await world.time.advance(60_000);
    expect(channel.calls).toHaveLength(calls);
  });
});

describe('republishing', () => {
  // Seen failing without `suspect` in `republish`: what is known says that nothing is to be told.
  it('puts right what the channel changed by itself, once', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(5_000);
    const { version } = channel.listings.get('A')!;
    channel.listings.drift('A', 3);
    expect(publishing.isInFlight('shop', 'A')).toBe(false);
    expect(publishing.republish('shop', 'A')).toBe(true);
    expect(publishing.isInFlight('shop', 'A')).toBe(true);
    expect(publishing.republish('shop', 'A')).toBe(false);
    await world.time.advance(5_000);
    expect(channel.listings.get('A')!.units).toBe(5);
    expect(channel.listings.get('A')!.version).toBeGreaterThan(version);
    expect(publishing.isInFlight('shop', 'A')).toBe(false);
    const calls = channel.calls.length;
    await world.time.advance(60_000);
    expect(channel.calls).toHaveLength(calls);
  });
});
