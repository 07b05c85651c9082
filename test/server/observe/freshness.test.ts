// How long figures take from the event to the channel, and whether that keeps to the policy's objective; in virtual time.
// Seen failing on planted bugs: late updates counted only when the channel answers; counted at every look; a newer change
// that takes the place of the oldest; what is only accepted counted as shown; origins kept after the event was folded.
import { afterEach, describe, expect, it } from 'vitest';
import { compilePolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../../domain/event-log.ts';
import { observePublishing } from '../../../server/observe/publishing.ts';
import { createFakeMeter } from '../../support/fake-meter.ts';
import { type AcceptingChannel, createAcceptingChannel } from '../../support/marketplace/accepting-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.end();
});

const WITHIN_S = 30;

async function observedWorld(prepare: (channel: AcceptingChannel) => void = () => {}) {
  const world = await createWorld();
  worlds.push(world);
  const channel = createAcceptingChannel(world.time);
  prepare(channel);
  const fake = createFakeMeter();
  const [locations, channels] = [[{ id: 'store' }], [{ id: 'shop', locations: ['store'] }]];
  const freshness = [{ channel: 'shop', withinSeconds: WITHIN_S, objective: 0.99 }];
  const policy = compilePolicy(PolicyDocument.parse({ version: 'test', locations, channels, freshness }));
  const telemetry = { meter: fake.meter, tracing: undefined, scrape: undefined, close: async () => {} };
  const observation = observePublishing(telemetry, { clock: world.time.clock, policy: () => policy });
  const publishing = world.start(
    { shop: channel.connector },
    { ratePerSecond: 5, burst: 5 },
    undefined,
    observation.publish,
  );
  observation.watch?.(publishing);
  await world.time.advance(1_000);
  /** A figure changes by an event that happened so long ago. */
  const change = async (sku: string, units: number, agoMs: number) => {
    const now = world.time.clock.now();
    const folded = observation.folding?.({
      data: { occurredAt: now - agoMs, recordedAt: now },
    } as unknown as RecordedEvent);
    await world.set('shop', sku, units);
    await world.time.advance(10);
    folded?.(false);
  };
  const seconds = (to: string) =>
    fake
      .recorded('evenstock.propagation.lag')
      .filter(({ attributes }) => attributes['to'] === to && attributes['channel'] === 'shop')
      .map(({ value }) => value);
  const counts = () =>
    Object.fromEntries(
      fake.observed('evenstock.freshness.updates').map((one) => [one.attributes['result'], one.value]),
    );
  return { world, channel, publishing, change, seconds, counts, fake };
}

describe('the lag of a figure', () => {
  it('counts from when its event happened, to the acknowledgement and to sight', async () => {
    const { world, change, seconds, counts } = await observedWorld((channel) => {
      channel.applyMs.urgent = 7_000;
    });
    await change('A', 3, 3_600_000);
    await world.time.advance(1_000);
    expect(seconds('acknowledged')).toEqual([expect.closeTo(3_600, 0)]);
    expect(seconds('applied')).toEqual([]);
    expect(counts()).toEqual({ 'in-time': 0, late: 0 });
    await world.time.advance(30_000);
    expect(seconds('applied')).toHaveLength(1);
    expect(seconds('applied')[0]!).toBeGreaterThanOrEqual(3_607);
    expect(seconds('applied')[0]!).toBeLessThan(3_625);
    expect(counts()).toEqual({ 'in-time': 1, late: 0 });
  });

  it('counts from the first change that the channel was not told', async () => {
    const { world, channel, change, seconds } = await observedWorld((channel) => {
      channel.applyMs.urgent = 100;
    });
    await change('A', 3, 60_000);
    await change('A', 4, 0);
    await world.time.advance(5_000);
    expect(channel.shows.get('A')).toBe(4);
    expect(seconds('acknowledged')).toEqual([expect.closeTo(60, 0)]);
  });

  it('is not measured of what no event changed: a restart, people who want it told again', async () => {
    const { world, channel, publishing, change, seconds } = await observedWorld();
    await change('A', 3, 0);
    await world.time.advance(20_000);
    expect(publishing.republish('shop', 'A')).toBe(true);
    await world.time.advance(20_000);
    expect(channel.calls).toHaveLength(2);
    expect(seconds('acknowledged')).toHaveLength(1);
  });
});

describe('freshness', () => {
  it('burns while a channel does not show what changed, once for each update', async () => {
    const { world, change, counts } = await observedWorld((channel) => {
      channel.applyMs.urgent = 60_000;
    });
    await change('A', 3, 0);
    await change('B', 3, 0);
    await world.time.advance((WITHIN_S - 5) * 1_000);
    expect(counts()).toEqual({ 'in-time': 0, late: 0 });
    await world.time.advance(10_000);
    expect(counts()).toEqual({ 'in-time': 0, late: 2 });
    expect(counts()).toEqual({ 'in-time': 0, late: 2 });
    await world.time.advance(120_000);
    expect(counts()).toEqual({ 'in-time': 0, late: 2 });
  });

  it('does not count how old an event was when it was recorded', async () => {
    const { world, change, counts, fake } = await observedWorld((channel) => {
      channel.applyMs.urgent = 100;
    });
    await change('A', 3, 8 * 3_600_000);
    await world.time.advance(10_000);
    expect(counts()).toEqual({ 'in-time': 1, late: 0 });
    expect(fake.observed('evenstock.freshness.objective')).toMatchObject([{ value: 0.99 }]);
    expect(fake.observed('evenstock.freshness.within')).toMatchObject([{ value: WITHIN_S }]);
  });
});
