// Publishing as a whole, in virtual time against a channel that misbehaves: what is told, in which order, and what is
// left after failures, refusals, policy changes and restarts.
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { appendForeign, channelPolicy, createWorld, policyOf, type World } from '../../support/marketplace/world.ts';

const worlds: World[] = [];
async function aWorld(): Promise<World> {
  const world = await createWorld();
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world.end();
});

const shownBy = (channel: ReturnType<typeof createVirtualChannel>) =>
  Object.fromEntries([...channel.listings.entries()].map(([sku, { units }]) => [sku, units]));

describe('publishing', () => {
  it('tells a new channel every figure, zeros too, and records it', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 3);
    await world.set('shop', 'B', 0);
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    expect(shownBy(channel)).toEqual({ A: 3, B: 0 });
    expect(publishing.status('shop')).toMatchObject({
      state: 'running',
      backlog: 0,
      inFlight: 0,
      lastError: undefined,
    });
    const events = await world.log.read('channel-shop', 0, 10);
    expect(events.map(({ type }) => type)).toEqual(['PublishingStarted', 'AvailabilityPublished']);
    expect(events[1]!.data['updates']).toEqual([
      ['B', 0, 'confirmed'],
      ['A', 3, 'confirmed'],
    ]);
    expect(world.published.channel('shop')).toMatchObject({ confirmed: 2, refused: 0 });
  });

  it('tells the latest value once when it changes many times, and nothing when it changes back', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 10);
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    for (let units = 9; units >= 4; units -= 1) await world.set('shop', 'A', units);
    await world.time.advance(2_000);
    expect(channel.calls.map(({ updates }) => updates[0]!.units)).toEqual([10, 4]);
    await world.set('shop', 'A', 3);
    await world.set('shop', 'A', 4);
    await world.time.advance(2_000);
    expect(channel.calls).toHaveLength(2);
  });

  it('continues after a restart from the log alone', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    for (const sku of ['A', 'B', 'C']) await world.set('shop', sku, 5);
    const first = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    const closing = first.close();
    await world.time.advance(10);
    await closing;
    await world.set('shop', 'B', 2);
    await world.restart();
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    expect(channel.calls.slice(1).flatMap(({ updates }) => updates)).toEqual([{ sku: 'B', units: 2 }]);
  });

  it('tells nothing more while the log does not take the record, then goes on', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    world.logFault = 'unavailable';
    await world.set('shop', 'A', 4);
    await world.time.advance(2_000);
    await world.set('shop', 'B', 4);
    await world.time.advance(60_000);
    expect(channel.calls).toHaveLength(2);
    expect(publishing.status('shop')!.lastError).toMatch(/cannot record/);
    world.logFault = 'lost-answer';
    await world.time.advance(30_000);
    world.logFault = 'none';
    await world.time.advance(30_000);
    expect(shownBy(channel)).toEqual({ A: 4, B: 4 });
    const events = await world.log.read('channel-shop', 0, 100);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.filter(({ type }) => type === 'AvailabilityPublished')).toHaveLength(3);
    expect(publishing.status('shop')!.lastError).toBeUndefined();
  });

  it('goes on when another process wrote to the channel', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    await appendForeign(world.log, 'shop', { startedAt: 1, policy: 'other' });
    await world.set('shop', 'A', 4);
    await world.time.advance(3_000);
    expect(shownBy(channel)).toEqual({ A: 4 });
    expect((await world.log.read('channel-shop', 0, 100)).map(({ type }) => type)).toEqual([
      'PublishingStarted',
      'AvailabilityPublished',
      'PublishingStarted',
      'AvailabilityPublished',
    ]);
  });

  it('parks a refused value until it changes, is retried, or the policy changes', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    channel.refused.add('A');
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(60_000);
    expect(channel.calls).toHaveLength(1);
    expect(publishing.status('shop')).toMatchObject({ deadLetters: 1, backlog: 0 });
    expect(publishing.deadLetters('shop', 10)).toEqual([{ sku: 'A', units: 5, reason: 'unknown SKU' }]);
    await world.set('shop', 'A', 6);
    await world.time.advance(2_000);
    expect(channel.calls).toHaveLength(2);
    expect(publishing.retryDeadLetter('shop', 'A')).toBe(1);
    await world.time.advance(2_000);
    expect(channel.calls).toHaveLength(3);
    channel.refused.clear();
    const changed = publishing.setPolicy(policyOf([channelPolicy('shop')], '2'));
    await world.time.advance(2_000);
    await changed;
    expect(shownBy(channel)).toEqual({ A: 6 });
    expect(publishing.status('shop')).toMatchObject({ deadLetters: 0 });
    expect(publishing.retryDeadLetter('shop', 'A')).toBe(0);
  });

  it('does not try a refused value again after a restart', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    channel.refused.add('A');
    await world.set('shop', 'A', 5);
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    world.crash();
    await world.restart();
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(60_000);
    expect(channel.calls).toHaveLength(1);
    expect(publishing.status('shop')).toMatchObject({ deadLetters: 1 });
  });

  // Planted bug: sending a refused batch again whole never confirms its other 63 updates.
  it('finds the one bad update of a batch that is refused as a whole', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    channel.wholeBatch = true;
    channel.refused.add('S-41');
    for (let n = 0; n < 64; n += 1) await world.set('shop', `S-${n}`, n);
    const publishing = world.start({ shop: channel.connector }, { ratePerSecond: 10, burst: 5 });
    await world.time.advance(10_000);
    expect(channel.listings.size).toBe(63);
    expect(publishing.deadLetters('shop', 10).map(({ sku }) => sku)).toEqual(['S-41']);
    expect(publishing.status('shop')).toMatchObject({ backlog: 0, deadLetters: 1, state: 'running' });
    expect(channel.calls.length).toBeLessThanOrEqual(1 + 2 * 6);
  });

  it('leaves other channels untouched when one is down, and probes it once in 30 s at most', async () => {
    const world = await aWorld();
    const down = createVirtualChannel(world.time);
    const well = createVirtualChannel(world.time);
    for (const id of ['down', 'well']) for (let n = 0; n < 50; n += 1) await world.set(id, `S-${n}`, n);
    const publishing = world.start({ down: down.connector, well: well.connector });
    await world.time.advance(2_000);
    down.behave = () => 'unavailable';
    for (const id of ['down', 'well']) for (let n = 0; n < 50; n += 1) await world.set(id, `S-${n}`, n + 1);
    await world.time.advance(60_000);
    expect(well.listings.get('S-49')!.units).toBe(50);
    expect(publishing.status('well')).toMatchObject({ state: 'running', backlog: 0 });
    expect(publishing.status('down')).toMatchObject({ state: 'open', backlog: 50 });
    const outage = down.calls.length;
    await world.time.advance(30 * 60_000);
    const probes = down.calls.slice(outage).map(({ at }) => at);
    expect(probes.length).toBeGreaterThan(40);
    for (let n = 1; n < probes.length; n += 1) expect(probes[n]! - probes[n - 1]!).toBeGreaterThanOrEqual(30_000);
    down.behave = () => 'ok';
    await world.time.advance(60_000);
    expect(publishing.status('down')).toMatchObject({ state: 'running', backlog: 0 });
  });

  it('says that a channel which denies us has failed, and comes back when it lets us in', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 1);
    channel.behave = () => 'denied';
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(10_000);
    expect(publishing.status('shop')).toMatchObject({ state: 'failed', backlog: 1, lastError: 'HTTP 401' });
    expect(channel.calls).toHaveLength(1);
    channel.behave = () => 'ok';
    await world.time.advance(60_000);
    expect(publishing.status('shop')).toMatchObject({ state: 'running', backlog: 0, lastError: undefined });
  });

  it('waits as long as a throttling channel asks, but not for an absurd time, and slows down', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 1);
    channel.behave = () => 'throttled';
    channel.retryAfterMs = 20_000;
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(15_000);
    expect(channel.calls).toHaveLength(1);
    expect(publishing.status('shop')).toMatchObject({ state: 'throttled' });
    channel.retryAfterMs = 1e300;
    await world.time.advance(10_000);
    expect(channel.calls).toHaveLength(2);
    channel.behave = () => 'ok';
    await world.time.advance(6 * 60_000);
    expect(channel.calls).toHaveLength(3);
    expect(publishing.status('shop')).toMatchObject({ backlog: 0 });
  });

  it('publishes 0 for an SKU the channel no longer sells', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    world.crash();
    await world.restart();
    (world.figures('shop') as Map<string, number>).delete('A');
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    expect(shownBy(channel)).toEqual({ A: 0 });
  });

  it('lets calls under way end when it is closed, records them, and sends no more', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    channel.latencyMs = 1_000;
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(500);
    const closing = publishing.close();
    await world.set('shop', 'B', 5);
    await world.time.advance(60_000);
    await closing;
    expect(shownBy(channel)).toEqual({ A: 5 });
    const events = await world.log.read('channel-shop', 0, 10);
    expect(events.map(({ type }) => type)).toEqual(['PublishingStarted', 'AvailabilityPublished', 'PublishingStopped']);
  });

  it('ends a call that hangs when it is closed, as unknown', async () => {
    const world = await aWorld();
    const channel = createVirtualChannel(world.time);
    channel.behave = () => 'hangs';
    await world.set('shop', 'A', 5);
    const publishing = world.start({ shop: channel.connector }, { timeoutMs: 60_000 });
    await world.time.advance(500);
    const closing = publishing.close(1_000);
    await world.time.advance(3_000);
    await closing;
    const events = await world.log.read('channel-shop', 0, 10);
    expect(events[1]!.data['updates']).toEqual([['A', 5, 'unknown']]);
  });
});
