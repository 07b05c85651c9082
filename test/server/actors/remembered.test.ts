// What stocks in memory remember is bounded, together.
import { expect, test } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { actorsOver, submit } from '../../support/actors.ts';

// Memory grew with every command of half an hour of overload, 121 bytes each, however few stocks there were. Seen failing
// without the bound.
test('keeps stocks that remember at most rememberedMax commands, and what left still knows its own', async () => {
  const actors = actorsOver(createMemoryLog(), { limits: { rememberedMax: 25 } });
  const sell = (sku: string, n: number) => submit(actors, { type: 'sale', id: `${sku}-${n}`, sku, quantity: 1 });
  for (const sku of ['A', 'B', 'C']) for (let n = 0; n < 10; n++) await sell(sku, n);
  // An actor is counted when it is next asked for.
  await sell('C', 10);
  expect(actors.stats().resident).toBe(2);
  expect(await sell('A', 3)).toMatchObject({ outcome: 'accepted', duplicate: true, revision: 3 });
  for (let n = 10; n < 100; n++) await sell('A', n);
  expect(actors.stats().resident).toBe(1);
  expect(await sell('A', 99)).toMatchObject({ duplicate: true, levels: { onHand: -100 } });
});
