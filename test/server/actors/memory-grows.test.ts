// A policy that makes the duplicate window longer while stocks are at work: what they have forgotten under the shorter one
// is known again. Seen failing: with the stock in memory going on as it is (the duplicate is taken a second time).
import { expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { DAY } from '../../../domain/time.ts';
import { actorsOver, NOON, submit } from '../../support/actors.ts';

it('finds a duplicate from before the memory grew', async () => {
  let [now, memoryMs] = [NOON, DAY];
  const log = createMemoryLog();
  const actors = actorsOver(log, {
    now: () => now,
    memoryMs: () => memoryMs,
    policy: { duplicateWindowDays: 45 },
  });
  const first = { type: 'receipt', id: 'delivery-1', quantity: 5 } as const;
  await submit(actors, first);
  // Forgetting goes by two generations: each of these begins a new one.
  for (const day of [2, 4, 6]) {
    now = NOON + day * DAY;
    await submit(actors, { type: 'sale', quantity: 1 });
  }
  memoryMs = 45 * DAY;
  const [again, other] = await Promise.all([submit(actors, first), submit(actors, { type: 'sale', quantity: 1 })]);
  expect(again).toMatchObject({ outcome: 'accepted', duplicate: true, revision: 0 });
  expect(other).toMatchObject({ outcome: 'accepted', duplicate: false });
  expect(await log.read('stock-A~store-1', 0, 10)).toHaveLength(5);
});
