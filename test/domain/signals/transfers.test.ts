import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signalOf } from '../../../domain/signals/replenishment.ts';
import { shortage, suggestTransfers, surplus, type TransferStock } from '../../../domain/signals/transfers.ts';
import { NO_LEVELS } from '../../../domain/stock/levels.ts';

const terms = { leadTimeDays: 5, serviceLevel: 0.95, targetCoverDays: 10 };
const stock = (
  location: string,
  onHand: number,
  velocity: number,
  other: Partial<TransferStock> = {},
): TransferStock => ({
  ...{ location, signal: signalOf({ ...NO_LEVELS, onHand }, velocity, terms), safetyStock: 0, terms, active: true },
  ...other,
});

describe('suggested transfers', () => {
  it('take from the largest surplus to the shortest cover, and leave each giver its own target', () => {
    // Short: b has 1 day, c 2.5; each wants 20 (10 days at 2 a day). a may give 100 − 10, d 60 − 10.
    const stocks = [stock('a', 100, 1), stock('b', 2, 2), stock('c', 5, 2), stock('d', 60, 1)];
    expect(suggestTransfers(stocks, 1)).toEqual([
      { from: 'a', to: 'b', units: 18 },
      { from: 'a', to: 'c', units: 15 },
    ]);
  });

  it('split over givers when one is not enough, and none is too small to be worth it', () => {
    const stocks = [stock('a', 17, 0), stock('b', 0, 2), stock('c', 2, 0)];
    expect(suggestTransfers(stocks, 1)).toEqual([
      { from: 'a', to: 'b', units: 17 },
      { from: 'c', to: 'b', units: 2 },
    ]);
    expect(suggestTransfers(stocks, 3)).toEqual([{ from: 'a', to: 'b', units: 17 }]);
  });

  it('leave safety stock, and frozen and retired stocks alone', () => {
    expect(suggestTransfers([stock('a', 17, 0, { safetyStock: 15 }), stock('b', 0, 2)], 1)).toEqual([
      { from: 'a', to: 'b', units: 2 },
    ]);
    expect(suggestTransfers([stock('a', 17, 0, { active: false }), stock('b', 0, 2)], 1)).toEqual([]);
    expect(suggestTransfers([stock('a', 17, 0), stock('b', 0, 2, { active: false })], 1)).toEqual([]);
  });

  // Seen failing: a giver put back with what it had before.
  it('never take more than a location can spare nor give more than one lacks, and leave nobody short who was not', () => {
    const some = fc.record({
      onHand: fc.integer({ min: -5, max: 200 }),
      velocity: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 20, noNaN: true })),
      safetyStock: fc.integer({ min: 0, max: 10 }),
      active: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (rows, unitsMin) => {
        const stocks = rows.map(({ onHand, velocity, ...other }, n) => stock(`l${n}`, onHand, velocity, other));
        const transfers = suggestTransfers(stocks, unitsMin);
        const pairs = new Set(transfers.map(({ from, to }) => `${from} ${to}`));
        expect(pairs.size).toBe(transfers.length);
        for (const one of stocks) {
          const given = transfers
            .filter(({ from }) => from === one.location)
            .reduce((sum, { units }) => sum + units, 0);
          const taken = transfers.filter(({ to }) => to === one.location).reduce((sum, { units }) => sum + units, 0);
          expect(given).toBeLessThanOrEqual(one.active ? surplus(one) : 0);
          expect(taken).toBeLessThanOrEqual(one.active ? shortage(one) : 0);
          expect(given === 0 || taken === 0).toBe(true);
          const after = signalOf({ ...NO_LEVELS, onHand: one.signal.available - given }, one.signal.velocity, terms);
          if (given > 0) expect(after.available).toBeGreaterThanOrEqual(one.signal.reorderPoint + one.safetyStock);
        }
        for (const { units } of transfers) expect(units).toBeGreaterThanOrEqual(unitsMin);
      }),
    );
  });
});
