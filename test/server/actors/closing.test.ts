// Closing writes snapshots for a while and no longer: SIGTERM has a deadline, and they are a cache.
import { expect, test } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import type { Snapshots } from '../../../adapters/snapshots.ts';
import { actorsOver, NOON, submit } from '../../support/actors.ts';

// Seen failing without the bound: all six were written.
test('when snapshots take long, the rest leave without', async () => {
  let now = NOON;
  const saved: string[] = [];
  const snapshots: Snapshots = {
    load: () => undefined,
    save(stream) {
      saved.push(stream);
      now += 300;
    },
    close() {},
  };
  const log = createMemoryLog();
  const actors = actorsOver(log, { snapshots, now: () => now });
  const skus = Array.from({ length: 6 }, (_, n) => `S${n}`);
  // Too many to be written while others wait: they are when the actor leaves.
  const sales = Array.from({ length: 1_000 }, () => ({ type: 'sale', quantity: 1 }) as const);
  for (let round = 0; round < 11; round++)
    for (const sku of skus) await Promise.all(sales.map((sale) => submit(actors, { ...sale, sku })));
  const before = saved.length;
  await actors.close();
  expect(saved.length - before).toBe(4);
});
