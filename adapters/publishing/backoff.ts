// When to try again: full jitter, min(20 s, random × 2^n × base), and a budget that keeps retries a small part of the
// traffic: a channel that is in trouble must not get more calls than one that is well.
import { MINUTE, SECOND } from '../../domain/time.ts';

export const BACKOFF_MS_MAX = 20 * SECOND;
export const BACKOFF_BASE_MS = 100;
export const THROTTLED_BASE_MS = 500;
/** A channel that asks for more patience than this is asked again after this: it may have said an absurd number. */
export const RETRY_AFTER_MS_MAX = 5 * MINUTE;

/** Delay before attempt n + 1, n ≥ 1, in whole milliseconds. `random` is in [0, 1). */
export function backoffMs(attempt: number, baseMs: number, random: () => number): number {
  return Math.ceil(Math.min(BACKOFF_MS_MAX, random() * 2 ** Math.min(attempt, 30) * baseMs));
}

/** What the channel asked for, made sane; undefined if it asked for nothing that makes sense. */
export function askedMs(afterMs: number | undefined): number | undefined {
  if (afterMs === undefined || Number.isNaN(afterMs)) return undefined;
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(0, Math.ceil(afterMs)));
}

const BUDGET_MAX = 10;
const EARNED_BY_SUCCESS = 0.2;

export interface RetryBudget {
  earn(): void;
  /** False: no retry is left; wait for the longest time. */
  spend(): boolean;
}

/** Ten retries at once, then one for every five calls that succeed. */
export function createRetryBudget(): RetryBudget {
  let left = BUDGET_MAX;
  return {
    earn() {
      left = Math.min(BUDGET_MAX, left + EARNED_BY_SUCCESS);
    },
    spend() {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
