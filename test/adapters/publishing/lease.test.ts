// Several nodes on one log, each ready to tell the channel: who does, what a dead, a leaving and a held-up one leave behind, and
// what it costs. In virtual time.
import { afterEach, describe, expect, it } from 'vitest';
import { createNodes, LEASE_MS, type Nodes } from '../../support/marketplace/nodes.ts';

let nodes: Nodes;
afterEach(() => nodes.end());

const shows = (sku: string) => nodes.channel.listings.get(sku)?.units;
const untilShown = (sku: string, units: number, msMax: number) =>
  nodes.time.until(() => shows(sku) === units, msMax, 100);

async function two() {
  nodes = createNodes();
  await nodes.set('A', 1);
  const first = nodes.start('first');
  await untilShown('A', 1, 5_000);
  const second = nodes.start('second');
  await nodes.time.advance(LEASE_MS * 2);
  return { first, second };
}

describe('a channel that several nodes may tell', () => {
  it('is taken without waiting when nobody has it, and told by one of them', async () => {
    const { first, second } = await two();
    await nodes.set('A', 2);
    await nodes.time.advance(5_000);
    expect(nodes.calls.map(({ node }) => node)).toEqual(['first', 'first']);
    expect(first.publishing.status('shop')).toMatchObject({ state: 'running', node: 'first' });
    expect(second.publishing.status('shop')).toMatchObject({ state: 'elsewhere', node: 'first', backlog: 0 });
  });

  it('is taken at once when the node that has it leaves in order', async () => {
    const { first } = await two();
    const closing = first.close();
    await nodes.set('A', 2);
    expect(await untilShown('A', 2, 2_000)).toBe(true);
    await closing;
    expect(nodes.calls.at(-1)?.node).toBe('second');
  });

  it('is taken within a lease when it is dead and something is to be told', async () => {
    const { first } = await two();
    first.kill();
    await nodes.time.advance(3_600_000 / 2);
    await nodes.set('A', 2);
    expect(await untilShown('A', 2, LEASE_MS + 10_000)).toBe(true);
  });

  it('is taken from a dead one although nothing is to be told, so the next change is told at once', async () => {
    const { first } = await two();
    first.kill();
    await nodes.time.advance(17 * 60_000);
    await nodes.set('A', 2);
    expect(await untilShown('A', 2, 2_000)).toBe(true);
  });

  it('that was held up beyond its lease makes no call any more', async () => {
    const { first, second } = await two();
    first.hold();
    await nodes.set('A', 2);
    await nodes.time.advance(LEASE_MS + 10_000);
    await nodes.set('A', 3);
    first.letGo();
    await nodes.time.advance(20_000);
    expect(shows('A')).toBe(3);
    expect(nodes.calls.filter(({ node, holder }) => node !== holder)).toEqual([]);
    expect(first.publishing.status('shop')?.state).toBe('elsewhere');
    expect(second.publishing.status('shop')?.state).toBe('running');
  });

  // Seen failing: `mayCall` always true; a holder that is sure for twice the lease.
  it('that was held up while an update was about to leave does not make that call', async () => {
    const { first } = await two();
    await nodes.set('A', 2);
    await untilShown('A', 2, 5_000);
    await nodes.set('A', 3);
    await nodes.time.advance(10);
    first.hold();
    await nodes.time.advance(LEASE_MS + 8_000);
    expect(shows('A')).toBe(3);
    first.letGo();
    await nodes.time.advance(20_000);
    expect(nodes.calls.filter(({ node, holder }) => node !== holder)).toEqual([]);
  });

  // Seen failing: nobody hearing of it until the next batch.
  it('is told again what a held-up call may have shown instead, when that is written down late', async () => {
    const { first } = await two();
    nodes.channel.latencyMs = 1_000;
    await nodes.set('A', 5);
    await nodes.time.until(() => nodes.calls.length === 2, 5_000, 10);
    first.hold();
    await nodes.set('A', 3);
    await nodes.time.advance(LEASE_MS + 10_000);
    expect(shows('A')).toBe(3);
    const told = nodes.calls.length;
    first.letGo();
    await nodes.time.advance(10_000);
    expect(nodes.calls.slice(told).map(({ node }) => node)).toEqual(['second']);
  });

  it('is told a value that a held-up call told before, also when that is written down as it is about to be told', async () => {
    const { first } = await two();
    await nodes.set('A', 5);
    await nodes.time.until(() => nodes.calls.length === 2, 5_000, 10);
    first.hold();
    await nodes.set('A', 3);
    await nodes.time.advance(LEASE_MS + 10_000);
    first.letGo();
    await nodes.set('A', 5);
    await nodes.time.advance(10_000);
    expect(shows('A')).toBe(5);
  });

  // Seen failing: who has the channel taken from the node's own appends alone.
  it('that was taken from a node with nothing to do is known there as soon as the log is', async () => {
    const { first } = await two();
    first.hold();
    await nodes.time.advance(17 * 60_000);
    first.letGo();
    await nodes.time.advance(1_000);
    expect(first.publishing.status('shop')).toMatchObject({ state: 'elsewhere', node: 'second' });
  });

  // Seen failing: no `PublishingHeld`; signs of life not heard by who waits.
  it('that cannot be told is held on to, so the others do not take turns at it', async () => {
    const { first } = await two();
    nodes.channel.behave = () => 'unavailable';
    await nodes.set('A', 2);
    await nodes.time.advance(30 * 60_000);
    expect(new Set(nodes.calls.map(({ node }) => node))).toEqual(new Set(['first']));
    expect(first.publishing.status('shop')?.state).toBe('open');
  });

  it('costs next to nothing while it is idle: who lives is asked four times an hour', async () => {
    await two();
    const before = (await nodes.story()).length;
    await nodes.time.advance(3_600_000);
    const events = (await nodes.story()).slice(before);
    expect(events.length).toBeLessThanOrEqual(10);
    expect(new Set(events)).toEqual(new Set(['PublishingAsked second', 'PublishingHeld']));
  });

  it('is asked of nobody where there is one node', async () => {
    nodes = createNodes();
    await nodes.set('A', 1);
    nodes.start('only');
    await nodes.time.advance(3_600_000);
    expect(await nodes.story()).toEqual(['PublishingStarted only', 'AvailabilityPublished']);
  });

  it('paused by people stays with its node, and is asked for a sign of life alone', async () => {
    const { first } = await two();
    await first.publishing.steer('shop', { action: 'pause', by: 'ada', reason: 'why' });
    await nodes.set('A', 2);
    await nodes.time.advance(3_600_000);
    expect(nodes.calls).toHaveLength(1);
    expect((await nodes.story()).filter((event) => event.startsWith('PublishingStarted'))).toHaveLength(1);
  });

  it('is told again by whoever has it, also when another is asked to', async () => {
    const { second } = await two();
    expect(second.publishing.republish('shop', 'A')).toBe(true);
    await nodes.time.advance(5_000);
    expect(nodes.calls.map(({ node }) => node)).toEqual(['first', 'first']);
  });
});
