import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { stockAsOf, whatWasKnownAt, whatWasTrueAt } from '../../projections/as-of.ts';
import { stockHistory } from '../../projections/history.ts';
import { onHandByDefinition } from '../support/on-hand-by-definition.ts';
import {
  appendHistory,
  appendReceipts,
  arbitraryCommands,
  HISTORY_START,
  historyOf,
  recorded,
} from '../support/stock-history.ts';

const MINUTE = 60_000;

describe('what was true and what was known', () => {
  // Seen failing: `whatWasTrueAt` that takes the levels of the events instead of working them out again.
  it('at any two times agree with the definition of on-hand', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryCommands({ minLength: 1, maxLength: 50 }),
        fc.integer({ min: -100, max: 60 }),
        fc.integer({ min: -1, max: 60 }),
        async (commands, trueAfter, knownAfter) => {
          const log = createMemoryLog();
          const history = historyOf(commands);
          await appendHistory(log, history);
          const events = recorded(history)
            .filter(({ stream }) => stream === 'stock-A~store-1')
            .map((e) => readStockEvent(e));
          const at = HISTORY_START + trueAfter * MINUTE;
          const by = HISTORY_START + knownAfter * MINUTE;
          const known = events.filter((event) => event.recordedAt <= by);
          expect((await whatWasTrueAt(log, 'A', 'store-1', at)).levels.onHand).toBe(onHandByDefinition(events, at));
          const believed = await whatWasKnownAt(log, 'A', 'store-1', by);
          expect(believed.levels).toEqual(known.at(-1)?.levels ?? believed.levels);
          expect(believed).toMatchObject({ events: known.length, revision: known.length - 1 });
          const both = await stockAsOf(log, 'A', 'store-1', { occurredUpTo: at, recordedUpTo: by });
          expect(both.levels.onHand).toBe(onHandByDefinition(known, at));
          const levels = Object.values(both.levels);
          expect(levels.slice(1).every((units) => units >= 0)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('given a late sale, then at its time it was true and not known', async () => {
    const log = createMemoryLog();
    const at = (minute: number) => HISTORY_START + minute * MINUTE;
    const frame = (id: string, occurred: number, recordedAt: number, onHand: number) => ({
      v: 1,
      commandId: id,
      source: 'till',
      occurredAt: at(occurred),
      recordedAt: at(recordedAt),
      levels: { onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 },
    });
    await log.append('stock-A~store-1', -1, [
      { id: '1', type: 'UnitsReceived', data: { ...frame('1', 0, 0, 10), quantity: 10 }, metadata: {} },
      { id: '2', type: 'UnitsSold', data: { ...frame('2', 5, 60, 7), quantity: 3 }, metadata: {} },
    ]);
    expect((await whatWasTrueAt(log, 'A', 'store-1', at(10))).levels.onHand).toBe(7);
    expect((await whatWasKnownAt(log, 'A', 'store-1', at(10))).levels.onHand).toBe(10);
    expect(await whatWasKnownAt(log, 'A', 'store-1', at(-1))).toMatchObject({ events: 0, revision: -1 });
  });
});

describe('history of one stock', () => {
  it('given any length and page size, then both directions give every event once, in order', async () => {
    for (const length of [0, 1, 2, 7, 8, 9, 40]) {
      const log = createMemoryLog();
      await appendReceipts(log, ['stock-A~store-1'], length);
      for (const limit of [1, 3, 8, 100]) {
        for (const order of ['newest-first', 'oldest-first'] as const) {
          const revisions: number[] = [];
          for (let from: number | undefined, pages = 0; pages < 60; pages++) {
            const page = await stockHistory(log, 'A', 'store-1', {
              order,
              limit,
              ...(from === undefined ? {} : { from }),
            });
            revisions.push(...page.events.map(({ revision }) => revision));
            from = page.next;
            if (from === undefined) break;
          }
          const expected = Array.from({ length }, (_, n) => n);
          expect(revisions).toEqual(order === 'oldest-first' ? expected : expected.toReversed());
        }
      }
    }
  });
});
