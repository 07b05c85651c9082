// Exponential decay in steps of five minutes of log time, by half-lives of a fixed choice. Promise: the same events
// give the same bits on every machine, so velocity can be stored and proved by replay (P8): the factors are products
// of constants written out here, and no library function is asked.
import { HOUR, type Instant, MINUTE } from '../time.ts';

/** Velocity and prices move from one such step to the next, and not within it. */
export const STEP_MS = 5 * MINUTE;
const STEPS_PER_DAY = 288;

/**
 * The half-lives a policy may choose from, in hours: an hour (flash sale), a day, a week, four weeks (slow movers).
 * A fixed choice, because all of them are folded all the time: then a policy can change without a rebuild, and a replay
 * under another policy finds its velocity there.
 */
export const HALF_LIVES_HOURS = [1, 24, 168, 672] as const;
export type HalfLifeHours = (typeof HALF_LIVES_HOURS)[number];
export const HALF_LIVES = HALF_LIVES_HOURS.length;

export function halfLifeIndex(hours: HalfLifeHours): number {
  return HALF_LIVES_HOURS.indexOf(hours);
}

export function stepOf(at: Instant): number {
  return Math.floor(at / STEP_MS);
}

const STEPS = HALF_LIVES_HOURS.map((hours) => (hours * HOUR) / STEP_MS);
/** 2^(−1/12), 2^(−1/288), 2^(−1/2016), 2^(−1/8064): what one step leaves. */
const LEFT_AFTER_STEP = [0.9438743126816935, 0.9975961328836203, 0.9996562360941261, 0.9999140479425322] as const;
/** By half-life: what 0, 1, 2 … steps leave, up to one half-life. */
const LEFT_AFTER = STEPS.map((steps, halfLife) => powers(LEFT_AFTER_STEP[halfLife]!, steps));
const HALVES = powers(0.5, 64);

function powers(factor: number, count: number): Float64Array {
  const list = new Float64Array(count);
  list[0] = 1;
  for (let n = 1; n < count; n++) list[n] = list[n - 1]! * factor;
  return list;
}

/** What is left of 1 after `steps`: 2^(−steps / half-life). 1 for none and for negative ones (a clock that was set back). */
export function left(steps: number, halfLife: number): number {
  if (steps <= 0) return 1;
  const perHalf = STEPS[halfLife]!;
  const halves = Math.floor(steps / perHalf);
  return halves >= HALVES.length ? 0 : HALVES[halves]! * LEFT_AFTER[halfLife]![steps - halves * perHalf]!;
}

/**
 * Units a day from decayed units that include those of the running step. With a steady rate of u a step they sum to
 * u · (1 + x + x² + …) = u / (1 − x), where x is what one step leaves. A stock that is new grows into its velocity:
 * half of it after one half-life.
 */
export function unitsPerDay(decayed: number, halfLife: number): number {
  return Math.max(0, decayed) * (1 - LEFT_AFTER_STEP[halfLife]!) * STEPS_PER_DAY;
}

/** The same from decayed units up to the start of the running step: u · (x + x² + …) = u · x / (1 − x). */
export function unitsPerDayAtStart(decayed: number, halfLife: number): number {
  return unitsPerDay(decayed, halfLife) / LEFT_AFTER_STEP[halfLife]!;
}

/** Steps until decay alone may have brought `units` (> 0) down to `to`: never too many, at least 1. */
export function stepsDownTo(units: number, to: number, halfLife: number): number {
  // Logarithms may differ in the last bit between machines: one step less covers that, and costs one look too many.
  return Math.max(1, Math.floor(STEPS[halfLife]! * Math.log2(units / to)) - 1);
}
