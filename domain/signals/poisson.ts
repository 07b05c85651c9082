// The Poisson quantile: how many units are enough, so that demand exceeds them with at most a given probability.
// Only + × ÷ of doubles, which every machine rounds alike, and no exp: the same mean gives the same units everywhere,
// so a figure that was made with it is the same after a replay elsewhere.

/**
 * The smallest whole n with P(D > n) ≤ `tail`, for D Poisson with mean `mean` (≥ 0, finite) and 0 < `tail` ≤ 0.5; at most `most`.
 *
 * The probabilities are summed relative to the one of the mode: t(k+1) = t(k) · mean / (k+1), t(k−1) = t(k) · k / mean,
 * until they no longer count. All terms are positive and none overflows; the tail is summed from its small end, so it
 * keeps its relative precision down to tails of 1e-12 and below. O(√mean) steps.
 *
 * Why it is the number to hold: the newsvendor's critical fractile for a discrete demand (hold the least S with
 * F(S) ≥ 1 − tail), see P. Zipkin, Foundations of Inventory Management (2000), ch. 6 (Poisson demand, base-stock policy).
 */
export function poissonQuantile(mean: number, tail: number, most: number): number {
  if (mean <= 0) return 0;
  // The median is at least mean − ln 2 (Choi 1994, Proc. AMS 121), and for tail ≤ 0.5 the answer is no less.
  if (mean - 1 >= most) return most;
  const mode = Math.floor(mean);
  const upper: number[] = [];
  let term = 1;
  for (let k = mode; term > NEGLIGIBLE; k++) {
    upper.push(term);
    term *= mean / (k + 1);
  }
  let sum = 0;
  for (let n = upper.length - 1; n >= 0; n--) sum += upper[n]!;
  const allowed = tail * (sum + below(mode, mean));
  let beyond = 0;
  for (let n = upper.length - 1; n >= 0; n--) {
    // P(D > mode + n) is `beyond`; one less would leave this term outside too.
    if (beyond + upper[n]! > allowed) return Math.min(most, mode + n);
    beyond += upper[n]!;
  }
  return Math.min(most, firstBelow(mode, mean, allowed, beyond));
}

/** Of the term of the mode, which is the largest. Far below the least tail that policy allows (1e-9). */
const NEGLIGIBLE = 1e-24;

/** Sum of the terms under the mode. */
function below(mode: number, mean: number): number {
  let sum = 0;
  let term = 1;
  for (let k = mode; k > 0 && term > NEGLIGIBLE; k--) {
    term *= k / mean;
    sum += term;
  }
  return sum;
}

/** With a tail near 0.5 the answer may lie just under the mode. */
function firstBelow(mode: number, mean: number, allowed: number, beyondMode: number): number {
  let beyond = beyondMode;
  let term = 1;
  for (let k = mode; k > 0; k--) {
    term *= k / mean;
    if (beyond + term > allowed) return k - 1;
    beyond += term;
  }
  return 0;
}

/** P(D > n) for D Poisson with mean `mean` (≥ 0, finite), summed as above: to about 1e-12 of itself, 0 when below about 1e-24. */
export function poissonTail(mean: number, n: number): number {
  if (mean <= 0) return 0;
  const mode = Math.floor(mean);
  let [beyond, upTo] = [0, 0];
  let term = 1;
  for (let k = mode; term > NEGLIGIBLE; k++) {
    if (k > n) beyond += term;
    else upTo += term;
    term *= mean / (k + 1);
  }
  term = 1;
  for (let k = mode; k > 0 && term > NEGLIGIBLE; k--) {
    term *= k / mean;
    if (k - 1 > n) beyond += term;
    else upTo += term;
  }
  return beyond / (beyond + upTo);
}
