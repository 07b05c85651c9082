import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCurve } from '../../../projections/what-if/curve.ts';
import { createShopWindow } from '../../../projections/what-if/shop-window.ts';

describe('what a channel shows', () => {
  it('is what it has heard of, less what it sold since', () => {
    const window = createShopWindow(10, () => {});
    window.figure('A', 5, 0);
    window.advance(9);
    expect(window.shown('A')).toBe(0);
    window.advance(10);
    expect(window.shown('A')).toBe(5);
    window.figure('A', 4, 11); // a sale elsewhere
    window.sold('A', 2, 12);
    expect(window.shown('A')).toBe(3);
    window.figure('A', 2, 12); // its own, as we see it
    window.advance(21);
    expect(window.shown('A')).toBe(2);
    window.advance(22);
    expect(window.shown('A')).toBe(2);
  });

  it('hears of all at once when the lag becomes shorter, and forgets nothing when it grows', () => {
    const told: unknown[] = [];
    const window = createShopWindow(100, (...change) => told.push(change));
    window.figure('A', 5, 0);
    window.figure('B', 7, 40);
    window.advance(50);
    window.setLag(5);
    window.advance(51);
    window.setLag(1_000);
    window.advance(60);
    expect([window.shown('A'), window.shown('B')]).toEqual([5, 7]);
    expect(told).toEqual([
      ['A', 0, 5, 50],
      ['B', 0, 7, 50],
    ]);
  });
});

describe('a curve', () => {
  it('has the mean over time and the value at each moment, for any changes', () => {
    const change = fc.record({ by: fc.integer({ min: -9, max: 9 }), after: fc.integer({ min: 0, max: 400_000 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.integer({ min: 2, max: 9 }), (changes, wanted) => {
        const curve = createCurve(1_000, wanted);
        const values: { readonly at: number; readonly value: number }[] = [{ at: 1_000, value: 0 }];
        for (const { by, after } of changes) {
          const { at, value } = values.at(-1)!;
          values.push({ at: at + after, value: value + by });
          curve.change(by, at + after);
        }
        const end = values.at(-1)!.at + 5_000;
        const { samples, stepMs, mean } = curve.end(end);
        const valueAt = (at: number) => values.findLast((one) => one.at <= at)!.value;
        expect(samples).toEqual(
          Array.from({ length: Math.floor((end - 1_000) / stepMs) + 1 }, (_, n) => valueAt(1_000 + n * stepMs)),
        );
        expect(samples.length).toBeLessThanOrEqual(2 * wanted);
        if (end - 1_000 >= wanted) expect(samples.length).toBeGreaterThanOrEqual(wanted);
        const area = values.reduce((sum, { at, value }, n) => sum + value * ((values[n + 1]?.at ?? end) - at), 0);
        expect(mean).toBeCloseTo(area / (end - 1_000), 6);
      }),
    );
  });
});
