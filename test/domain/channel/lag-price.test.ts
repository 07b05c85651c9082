// The lag price: worked examples, bounds, and its order in what it is made from.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectationBeyond, LagPriced, lagPrice, lagPriceParts } from '../../../domain/channel/lag-price.ts';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import { HOUR, MINUTE } from '../../../domain/time.ts';

const terms = (fields: Record<string, unknown> = {}) =>
  LagPriced.parse({ targetOversellProbability: 0.01, unitsMax: 10_000, ...fields });

describe('the lag price', () => {
  // qpois(0.99, expected)
  it.each([
    { perDay: 24, lagMs: 10 * MINUTE, expected: 24 / 144, units: 2 },
    { perDay: 24, lagMs: HOUR, expected: 1, units: 4 },
    { perDay: 240, lagMs: HOUR, expected: 10, units: 18 },
    { perDay: 0, lagMs: HOUR, expected: 0, units: 0 },
    { perDay: 1_000, lagMs: 0, expected: 0, units: 0 },
  ])('of $perDay units a day and $lagMs ms is $units', ({ perDay, lagMs, expected, units }) => {
    const price = lagPrice(perDay, lagMs, terms());
    expect(price.units).toBe(units);
    expect(price.expectedUnits).toBeCloseTo(expected, 9);
  });

  it('keeps to its bounds, also while nothing is measured', () => {
    expect(lagPrice(240, HOUR, terms({ unitsMax: 7 })).units).toBe(7);
    expect(lagPrice(0, HOUR, terms({ unitsMin: 3 })).units).toBe(3);
    expect(lagPrice(240, undefined, terms({ unitsMin: 3 }))).toEqual({ expectedUnits: 0, units: 3 });
  });

  it('says what probability its units leave: below the target, or above it at unitsMax', () => {
    const parts = lagPriceParts(240, HOUR, terms());
    expect(parts).toMatchObject({ lagMs: HOUR, othersPerDay: 240, units: 18, targetOversellProbability: 0.01 });
    expect(parts.oversellProbability).toBeCloseTo(0.007187, 6); // 1 - ppois(18, 10)
    expect(lagPriceParts(240, HOUR, terms({ unitsMax: 10 })).oversellProbability).toBeCloseTo(0.41696, 6);
    expect(lagPriceParts(240, undefined, terms()).oversellProbability).toBeUndefined();
  });

  it('never falls when demand or lag rises, and its thresholds are where it does change', () => {
    const perDay = fc.double({ min: 0, max: 5_000, noNaN: true });
    const lag = fc.integer({ min: 0, max: 6 * HOUR });
    const target = fc.constantFrom(1e-6, 0.001, 0.01, 0.1, 0.5);
    fc.assert(
      fc.property(perDay, perDay, lag, lag, target, (a, b, c, d, targetOversellProbability) => {
        const own = terms({ targetOversellProbability });
        const less = lagPrice(Math.min(a, b), Math.min(c, d), own);
        const more = lagPrice(Math.max(a, b), Math.max(c, d), own);
        expect(less.units).toBeLessThanOrEqual(more.units);
        if (more.units === 0) return;
        const least = expectationBeyond(more.units - 1, own);
        expect(more.expectedUnits).toBeGreaterThan(least * (1 - 1e-8));
        expect(lagPrice(least * (1 - 1e-8), 24 * HOUR, own).units).toBeLessThan(more.units);
      }),
    );
  });
});

describe('policy', () => {
  const withTerms = (lagPriced: unknown) =>
    PolicyDocument.safeParse({
      version: '1',
      locations: [{ id: 'store-1' }],
      channels: [{ id: 'web', locations: ['store-1'], lagPriced }],
    });

  it.each([
    [{ targetOversellProbability: 0.6 }, 'channels.0.lagPriced.targetOversellProbability'],
    [{ targetOversellProbability: 0.01, unitsMin: 5, unitsMax: 4 }, 'channels.0.lagPriced.unitsMin'],
    [{ targetOversellProbability: 0.01, halfLifeHours: 2 }, 'channels.0.lagPriced.halfLifeHours'],
    [{}, 'channels.0.lagPriced.targetOversellProbability'],
  ])('refuses %o at %s', (lagPriced, path) => {
    expect(withTerms(lagPriced).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('takes one, or none', () => {
    expect(withTerms({ targetOversellProbability: 0.01 }).success).toBe(true);
    expect(withTerms(undefined).success).toBe(true);
  });
});
