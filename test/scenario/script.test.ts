// The scenario's own ground: the same day for the same seed, and shelves that neither make nor lose a unit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MINUTES, scriptOf } from './day.ts';
import { createRetailer, FULL_SCALE } from './retailer.ts';
import { createTruth } from './truth.ts';

const scale = { ...FULL_SCALE, skus: 50, walkIns: 100, orders: 80, promoted: 5 };

describe('the day', () => {
  it('is the same for the same seed, in order, and has every trouble from its beginning to its end', () => {
    const [one, same, other] = [3, 3, 4].map((seed) => scriptOf(createRetailer(seed, scale), scale));
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
    const times = one!.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.max(...times)).toBeLessThan(DAY_MINUTES);
    const troubles = one!.filter((happening) => happening.kind === 'trouble');
    expect(troubles.filter(({ begins }) => begins).map(({ what }) => what)).toHaveLength(3);
    expect(troubles.filter(({ begins }) => !begins).map(({ what }) => what)).toHaveLength(3);
  });

  it('of the full retailer has stock for most of what is wanted and not for all of the promotion', () => {
    const retailer = createRetailer(1, FULL_SCALE);
    const wanted = new Map<string, number>();
    for (const happening of scriptOf(retailer, FULL_SCALE)) {
      if (happening.kind === 'order') wanted.set(happening.sku, (wanted.get(happening.sku) ?? 0) + happening.units);
    }
    const { free } = createTruth(retailer);
    const scarce = [...wanted].filter(([sku, units]) => units > free(sku));
    expect(scarce.length).toBeGreaterThan(10);
    expect(scarce.length).toBeLessThan(wanted.size / 2);
  });
});

describe('the shelves', () => {
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('take', 'put', 'accept', 'ship', 'cancel'),
      location: fc.constantFrom('warehouse', 'store-01', 'store-02'),
      units: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 40 },
  );

  // Seen failing: with an order that is shipped and stays promised.
  it('neither make nor lose a unit, and promise what open orders are for', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const opening = new Map([['warehouse', new Map([['A', 5]])]]);
        const truth = createTruth({ opening, pool: ['warehouse', 'store-01'] });
        let units = 5;
        all.forEach(({ what, location, units: some }, n) => {
          const [first] = truth.open.keys();
          if (what === 'take' && truth.take('A', location, some)) units -= some;
          if (what === 'put') {
            truth.put('A', location, some);
            units += some;
          }
          if (what === 'accept') {
            const before = truth.free('A');
            expect(truth.accept({ id: `o${n}`, sku: 'A', units: some })).toBe(before >= some ? 'covered' : 'oversold');
            expect(truth.free('A')).toBe(before - some);
          }
          if (what === 'ship' && first !== undefined) {
            const order = truth.open.get(first)!;
            const [place] = truth.whereToPick(first);
            if (place !== undefined && truth.ship(first, place)) units -= order.units;
          }
          if (what === 'cancel' && first !== undefined) truth.cancel(first);
        });
        expect([...truth.all.values()].reduce((sum, n) => sum + n, 0)).toBe(units);
        const promised = [...truth.open.values()].reduce((sum, order) => sum + order.units, 0);
        const inPool = truth.onHand('A', 'warehouse') + truth.onHand('A', 'store-01');
        expect(truth.free('A')).toBe(inPool - promised);
      }),
    );
  });
});
