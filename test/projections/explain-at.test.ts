// A figure as it was: the same as the figures of that moment were, whatever happened since.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { START } from '../../domain/event-log.ts';
import { createAvailabilityView } from '../../projections/availability-view.ts';
import { createPools } from '../../projections/available-to-sell.ts';
import { explainAt } from '../../projections/explain-at.ts';
import { createStockLevels } from '../../projections/stock-levels.ts';
import { anyPolicy } from '../support/any-policy.ts';
import {
  aPolicy,
  appendHistory,
  aReceipt,
  arbitraryCommands,
  CHANNELS,
  historyOf,
  SKUS,
} from '../support/stock-history.ts';

it('leaves a lag-priced buffer out, and says so', async () => {
  const log = createMemoryLog();
  await log.append('stock-A~store-1', -1, [aReceipt('1', 10)]);
  const lagPriced = { targetOversellProbability: 0.01, unitsMin: 4, unitsMax: 9 };
  const channels = [{ id: 'till', locations: ['store-1'], buffer: 1, lagPriced }];
  const figure = { channel: 'till', sku: 'A', at: Number.POSITIVE_INFINITY, policy: aPolicy({ channels }) };
  const explained = await explainAt(log, figure);
  expect(explained).toMatchObject({ units: 9, lagPriceLeftOut: true });
  expect(explained!.terms).not.toHaveProperty('lagPrice');
});

// Seen failing: with events up to the time at which they happened in place of when they were recorded.
it('is what was explained then, under the policy of then', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryCommands({ maxLength: 40 }),
      anyPolicy,
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (commands, policy, share) => {
        const log = createMemoryLog();
        await appendHistory(log, historyOf(commands, policy));
        const events = await log.readAll(START, 10_000);
        const at = Number(events[Math.floor(share * (events.length - 1))]?.data['recordedAt'] ?? 0);
        const levels = createStockLevels();
        for (const event of events) if (Number(event.data['recordedAt']) <= at) levels.apply(event);
        const pools = createPools(levels, policy, 0n, () => {});
        const then = createAvailabilityView({ table: () => levels.table, pools: () => pools, position: () => 0n });
        for (const channel of CHANNELS) {
          for (const sku of SKUS) {
            const explained = await explainAt(log, { channel, sku, at, policy });
            expect(explained && { ...explained, asOf: 0n }).toEqual(then.explain(channel, sku));
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
