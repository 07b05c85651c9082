// The Poisson quantile against tables, against sums made the slow way, and its order in mean and tail.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poissonQuantile } from '../../../domain/signals/poisson.ts';

const MOST = 1_000_000;

/** P(D > n) by logarithms: another way than the one tested. */
function beyond(mean: number, n: number): number {
  let sum = 0;
  let log = -mean;
  for (let k = 1; k <= n + 400; k++) {
    log += Math.log(mean) - Math.log(k);
    if (k > n) sum += Math.exp(log);
  }
  return sum;
}

describe('the Poisson quantile', () => {
  // qpois(1 - tail, mean)
  it.each([
    [0, 0.01, 0],
    [0.01, 0.01, 0],
    [0.1, 0.01, 1],
    [1, 0.05, 3],
    [1, 0.01, 4],
    [5, 0.05, 9],
    [10, 0.05, 15],
    [10, 0.01, 18],
    [100, 0.05, 117],
    [100, 0.01, 124],
  ])('of mean %f at %f is %i', (mean, tail, units) => expect(poissonQuantile(mean, tail, MOST)).toBe(units));

  it('is the least number whose tail is small enough, never falls with the mean, never rises with the tail', () => {
    const mean = fc.double({ min: 0.001, max: 200, noNaN: true });
    const tail = fc.double({ min: 1e-9, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(mean, mean, tail, tail, (one, other, tight, loose) => {
        const n = poissonQuantile(one, tight, MOST);
        expect(beyond(one, n)).toBeLessThanOrEqual(tight * (1 + 1e-6));
        if (n > 0) expect(beyond(one, n - 1)).toBeGreaterThan(tight * (1 - 1e-6));
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(poissonQuantile(less, tight, MOST)).toBeLessThanOrEqual(poissonQuantile(more, tight, MOST));
        const [low, high] = [Math.min(tight, loose), Math.max(tight, loose)];
        expect(poissonQuantile(one, low, MOST)).toBeGreaterThanOrEqual(poissonQuantile(one, high, MOST));
        expect(poissonQuantile(one, tight, 3)).toBe(Math.min(3, n));
      }),
    );
  });
});
