// The duplicate window is policy and changes while stocks are at work. Whatever it was when an event was decided, folding
// under the longest memory of all gives the levels that were decided: so `verify` needs one memory for a whole log.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decide } from '../../../domain/stock/decide.ts';
import type { StockEvent } from '../../../domain/stock/events.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import { levelsAfter } from '../../../domain/stock/movement.ts';
import { emptyStock } from '../../../domain/stock/stock.ts';
import { MINUTE } from '../../../domain/time.ts';
import { arbitraryCommands, arrivalOf } from '../../support/stock-history.ts';

const SKEW_MS = 10 * MINUTE;
const fold = (events: readonly StockEvent[], memoryMs: number) =>
  events.reduce((stock, event) => evolve(stock, event, memoryMs), emptyStock());

// Seen failing: with a memory of a tenth of the longest (a late count that was decided under the longest).
it('gives the levels that were decided, whatever the window was', () => {
  const windows = fc.array(fc.constantFrom(5, 30, 120), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      arbitraryCommands({ minLength: 20, maxLength: 120 }),
      windows,
      fc.nat(9),
      (commands, minutes, leaves) => {
        const events: StockEvent[] = [];
        let [memoryMs, stock] = [0, emptyStock()];
        commands.forEach((command, n) => {
          const windowMs = minutes[Math.floor((n * minutes.length) / commands.length)]! * MINUTE;
          // As an actor does: it is read again under a longer memory, and whenever it left and comes back.
          if (windowMs + SKEW_MS > memoryMs || n % 10 === leaves) {
            memoryMs = windowMs + SKEW_MS;
            stock = fold(events, memoryMs);
          }
          const policy = { safetyStock: 0, quotas: [], windowMs, clockSkewMsMax: SKEW_MS };
          const one = { ...command, sku: 'A', location: 'store-1' };
          const decision = decide(stock, one, { now: arrivalOf(n), policy, source: 'test' });
          if (decision.outcome !== 'accepted') return;
          for (const event of decision.events) {
            events.push(event);
            stock = evolve(stock, event, memoryMs);
          }
        });
        const longestMs = Math.max(...minutes) * MINUTE + SKEW_MS;
        let again = emptyStock();
        for (const event of events) {
          expect(levelsAfter(again, event)).toEqual(event.levels);
          again = evolve(again, event, longestMs);
        }
      },
    ),
    { numRuns: 200 },
  );
});
