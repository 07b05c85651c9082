// Looking at a stock: what its actor knows, without its actor, and behind another process's back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { onHandAt } from '../../../domain/stock/on-hand-at.ts';
import { whatWasTrueAt } from '../../../projections/as-of.ts';
import { actorsOver, NOON, submit } from '../../support/actors.ts';
import { appendHistory, arbitraryCommands, HISTORY_START, historyOf } from '../../support/stock-history.ts';

describe('a look', () => {
  it('is the stock as its last event left it, in memory or not, and starts no actor', async () => {
    const log = createMemoryLog();
    const writing = actorsOver(log);
    await submit(writing, { type: 'receipt', quantity: 5 });
    for (const actors of [writing, actorsOver(log)]) {
      const before = actors.stats().resident;
      expect((await actors.look('A', 'store-1')).levels.onHand).toBe(5);
      expect((await actors.look('Z', 'store-1')).revision).toBe(-1);
      expect(actors.stats().resident).toBe(before);
    }
  });

  it('sees what another process has written since', async () => {
    const log = createMemoryLog();
    const [one, other] = [actorsOver(log), actorsOver(log)];
    await submit(one, { type: 'receipt', quantity: 5 });
    await submit(other, { type: 'sale', quantity: 2 });
    expect((await one.look('A', 'store-1')).levels.onHand).toBe(3);
    // The actor behind goes on from where it is.
    await submit(one, { type: 'receipt', quantity: 1 });
    expect((await other.look('A', 'store-1')).levels.onHand).toBe(4);
  });
});

describe('on-hand as of an instant', () => {
  // Seen failing: with movements of the instant itself left out of what moved after it.
  it('is what folding only what had happened by then gives', async () => {
    const ago = fc.integer({ min: -100, max: 60 });
    await fc.assert(
      fc.asyncProperty(arbitraryCommands({ minLength: 5, maxLength: 60 }), ago, async (commands, minutes) => {
        const log = createMemoryLog();
        await appendHistory(log, historyOf(commands));
        const at = HISTORY_START + minutes * 60_000;
        const stock = await actorsOver(log, { now: () => NOON }).look('A', 'store-1');
        const known = onHandAt(stock, at);
        const { levels, countedAt } = await whatWasTrueAt(log, 'A', 'store-1', at);
        if (known === undefined) expect(stock.fence!.at).toBeGreaterThan(at);
        else expect(known).toEqual({ onHand: levels.onHand, since: countedAt });
      }),
      { numRuns: 150 },
    );
  });
});
