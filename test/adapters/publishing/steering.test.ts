// Pause, resume and republish by people: events of the channel's stream, so they hold over a restart and in every process.
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualChannel, type VirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { channelPolicy, createWorld, policyOf, type World } from '../../support/marketplace/world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.end();
});
async function aWorld(...skus: readonly string[]): Promise<{ world: World; channel: VirtualChannel }> {
  const world = await createWorld();
  worlds.push(world);
  for (const sku of skus) await world.set('shop', sku, 5);
  return { world, channel: createVirtualChannel(world.time) };
}
const pause = { action: 'pause', by: 'ada', reason: 'stocktake at the marketplace' } as const;
const resume = { action: 'resume', by: 'ada' } as const;
const types = async (world: World) => (await world.log.read('channel-shop', 0, 100)).map(({ type }) => type);

describe('a paused channel', () => {
  // Seen failing with `steered` ignoring the pause.
  it('is told nothing until it is resumed, and then only the latest', async () => {
    const { world, channel } = await aWorld('A', 'B');
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    await publishing.steer('shop', pause);
    await world.set('shop', 'A', 4);
    await world.set('shop', 'A', 0);
    await world.time.advance(10 * 60_000);
    expect(channel.calls).toHaveLength(1);
    expect(publishing.status('shop')).toMatchObject({
      state: 'paused',
      backlog: 1,
      paused: { by: 'ada', reason: pause.reason },
    });
    await publishing.steer('shop', resume);
    await world.time.advance(2_000);
    expect(channel.calls.slice(1).map(({ updates }) => updates)).toEqual([[{ sku: 'A', units: 0 }]]);
    expect(publishing.status('shop')).toMatchObject({ state: 'running', backlog: 0, paused: undefined });
  });

  // Seen failing with `#follow` following its line whatever is known of a pause.
  it('stays paused over a restart, a crash and a change of policy', async () => {
    const { world, channel } = await aWorld('A');
    let publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    await publishing.steer('shop', pause);
    const closing = publishing.close();
    await world.time.advance(10);
    await closing;
    await world.set('shop', 'A', 3);
    await world.restart();
    publishing = world.start({ shop: channel.connector });
    await world.time.advance(60_000);
    expect(publishing.status('shop')).toMatchObject({ state: 'paused', backlog: 1 });
    world.crash();
    await world.restart();
    publishing = world.start({ shop: channel.connector });
    await world.time.advance(60_000);
    const changed = publishing.setPolicy(policyOf([channelPolicy('shop')], '2'));
    await world.time.advance(60_000);
    await changed;
    expect(channel.calls).toHaveLength(1);
    await publishing.steer('shop', resume);
    await world.time.advance(60_000);
    expect(channel.listings.get('A')!.units).toBe(3);
  });

  it('may be paused in another process: this one hears of it from the log, and takes it for no other publisher', async () => {
    const { world, channel } = await aWorld('A');
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    const other = world.start({});
    await other.steer('shop', pause);
    await world.time.advance(1_000);
    expect(publishing.status('shop')).toMatchObject({ state: 'paused' });
    await other.steer('shop', resume);
    await world.set('shop', 'A', 1);
    await world.time.advance(5_000);
    expect(channel.listings.get('A')!.units).toBe(1);
    expect(publishing.status('shop')!.lastError).toBeUndefined();
  });

  it('says once that it is paused, however often it is asked; a channel not published to may be paused before it is', async () => {
    const { world, channel } = await aWorld('A');
    const publishing = world.start({ shop: channel.connector }, { mode: 'shadow' });
    await world.time.advance(1_000);
    expect(await publishing.steer('shop', pause)).toBeDefined();
    expect(await publishing.steer('shop', pause)).toBeUndefined();
    expect(await types(world)).toEqual(['PublishingPaused']);
    void publishing.setPolicy(policyOf([channelPolicy('shop')], '2'));
    await world.time.advance(60_000);
    expect(channel.calls).toEqual([]);
    await publishing.steer('shop', resume);
    expect(await publishing.steer('shop', resume)).toBeUndefined();
    await world.time.advance(5_000);
    expect(channel.listings.get('A')!.units).toBe(5);
  });

  it('lets a call under way end, and records it', async () => {
    const { world, channel } = await aWorld('A');
    channel.latencyMs = 3_000;
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(1_500);
    expect(channel.calls).toHaveLength(1);
    await publishing.steer('shop', pause);
    await world.time.advance(10_000);
    expect(channel.listings.get('A')!.units).toBe(5);
    expect((await types(world)).filter((type) => type === 'AvailabilityPublished')).toHaveLength(1);
    expect(publishing.status('shop')).toMatchObject({ state: 'paused', backlog: 0, inFlight: 0 });
  });

  it('fails with what the log says when it cannot be recorded', async () => {
    const { world, channel } = await aWorld('A');
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    world.logFault = 'unavailable';
    const refused = expect(publishing.steer('shop', pause)).rejects.toThrow('the log is down');
    await world.time.advance(60_000);
    await refused;
    expect(publishing.status('shop')).toMatchObject({ state: 'running' });
  });
});

describe('telling again', () => {
  // Seen failing without `afterRequest`: what is known says that nothing is to be told.
  it('tells all figures once, refused ones too, or only those that are named', async () => {
    const { world, channel } = await aWorld('A', 'B', 'C');
    channel.refused.add('C');
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    channel.listings.drift('A', 9);
    channel.refused.clear();
    await publishing.steer('shop', { action: 'republish', by: 'ada', skus: ['A'] });
    await world.time.advance(2_000);
    expect(channel.calls.slice(1).flatMap(({ updates }) => updates)).toEqual([{ sku: 'A', units: 5 }]);
    await publishing.steer('shop', { action: 'republish', by: 'ada' });
    await world.time.advance(60_000);
    const told = channel.calls.slice(2).flatMap(({ updates }) => updates.map(({ sku }) => sku));
    expect(told.toSorted()).toEqual(['A', 'B', 'C']);
    expect(publishing.status('shop')).toMatchObject({ backlog: 0, deadLetters: 0 });
  });

  it('is not forgotten when the process dies before it has told', async () => {
    const { world, channel } = await aWorld('A');
    const publishing = world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    const closing = publishing.close();
    await world.time.advance(10);
    await closing;
    await publishing.steer('shop', { action: 'republish', by: 'ada' });
    await world.restart();
    world.start({ shop: channel.connector });
    await world.time.advance(5_000);
    expect(channel.calls).toHaveLength(2);
  });
});
