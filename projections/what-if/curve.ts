// A number that changes in steps, from a moment on: its mean over time, and its values at evenly spaced moments, however
// long it goes on (samples thin out by half when there are twice as many as wanted).
import type { Instant } from '../../domain/time.ts';

export interface Curve {
  change(by: number, at: Instant): void;
  end(at: Instant): CurveResult;
}

export interface CurveResult {
  /** The values at from, from + stepMs, from + 2 · stepMs …: as many as wanted, to twice as many; fewer in the first milliseconds. */
  readonly samples: readonly number[];
  readonly stepMs: number;
  readonly mean: number;
}

const STEP_MS_MIN = 1;

export function createCurve(from: Instant, wanted: number): Curve {
  let samples: number[] = [];
  let stepMs = STEP_MS_MIN;
  let value = 0;
  let last = from;
  let area = 0;
  /** `value` has held since `last`; a change at a moment is in the sample of that moment. */
  const until = (at: Instant, isEnd: boolean) => {
    const now = Math.max(last, at);
    for (let due = from + samples.length * stepMs; due < now || (isEnd && due === now); ) {
      samples.push(value);
      if (samples.length > 2 * wanted) {
        samples = samples.filter((_, n) => n % 2 === 0);
        stepMs *= 2;
      }
      due = from + samples.length * stepMs;
    }
    area += value * (now - last);
    last = now;
  };
  return {
    change(by, at) {
      until(at, false);
      value += by;
    },
    end(at) {
      until(at, true);
      return { samples, stepMs, mean: last > from ? area / (last - from) : value };
    },
  };
}
