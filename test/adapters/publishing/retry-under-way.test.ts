// A refusal that is under way when what it is about has been put right: a mapping, say, that arrives between call and answer.
import { afterEach, expect, it } from 'vitest';
import { createVirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

let world: World | undefined;
afterEach(() => world?.end());

// Seen failing before it was mended: the SKU stayed refused until somebody retried it by hand.
it('a value whose refusal is under way when it is retried is told once more, and only once', async () => {
  world = await createWorld();
  const channel = createVirtualChannel(world.time);
  channel.refused.add('A');
  channel.latencyMs = 1_000;
  await world.set('shop', 'A', 5);
  const publishing = world.start({ shop: channel.connector });
  await world.time.advance(600);
  expect(channel.calls).toHaveLength(1);
  expect(publishing.retryDeadLetter('shop', 'A')).toBe(1);
  await world.time.advance(60_000);
  expect(channel.calls).toHaveLength(2);
  expect(publishing.status('shop')).toMatchObject({ deadLetters: 1, backlog: 0 });
  channel.refused.clear();
  channel.latencyMs = 50;
  expect(publishing.retryDeadLetter('shop', 'A')).toBe(1);
  await world.time.advance(2_000);
  expect(channel.listings.get('A')!.units).toBe(5);
});
