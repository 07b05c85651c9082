// Pace of the calls to one channel: calls ≤ rate × window + burst in every window (P13), restarts included, because
// the bucket starts empty. A refusal halves the rate and it comes back slowly: channels refuse far below what
// they document, and the limit they document is the most we ever use.
import { SECOND } from '../../domain/time.ts';
import { RETRY_AFTER_MS_MAX } from './backoff.ts';
import type { Moment } from './timers.ts';

/** The rate never falls below this part of the allowed one: it must be able to find its way back. */
const LEAST_PART = 1 / 64;
/** A channel that states less than this is called so often all the same: it may have stated an absurd number. */
const STATED_PER_SECOND_MIN = SECOND / RETRY_AFTER_MS_MAX;
const RECOVERY_STEP_MS = 30 * SECOND;
const RECOVERY_STEP_PART = 0.05;

export interface TokenBucket {
  /** Milliseconds until a call may be made; 0: now. */
  waitMs(now: Moment): number;
  /** Uses a token; only when `waitMs` is 0. */
  take(now: Moment): void;
  /** The channel refused a call as too fast: halve the rate, empty the bucket. */
  throttled(now: Moment): void;
  /** The channel stated its own limit: never faster than that from now on. */
  limit(ratePerSecond: number, now: Moment): void;
  /** Calls per second it allows now. */
  rate(now: Moment): number;
  /** Below what the policy allows. */
  slowed(now: Moment): boolean;
}

export function createTokenBucket(ratePerSecond: number, burst: number, start: Moment): TokenBucket {
  let allowed = ratePerSecond;
  let rate = ratePerSecond;
  let tokens = 0;
  let filledAt = start;
  let changedAt = start;

  const fill = (now: Moment) => {
    tokens = Math.min(burst, tokens + ((now - filledAt) / SECOND) * rate);
    filledAt = now;
    const steps = Math.floor((now - changedAt) / RECOVERY_STEP_MS);
    if (rate < allowed && steps > 0) {
      rate = Math.min(allowed, rate + steps * RECOVERY_STEP_PART * allowed);
      changedAt += steps * RECOVERY_STEP_MS;
    }
  };
  /** A token may be short by the rounding of a division, never by more. */
  const ROUNDING = 1e-9;

  return {
    waitMs(now) {
      fill(now);
      return tokens >= 1 - ROUNDING ? 0 : Math.ceil(((1 - tokens) / rate) * SECOND);
    },
    take(now) {
      fill(now);
      tokens -= 1;
    },
    throttled(now) {
      fill(now);
      rate = Math.max(allowed * LEAST_PART, rate / 2);
      tokens = Math.min(tokens, 0);
      changedAt = now;
    },
    limit(stated, now) {
      if (!(stated > 0)) return;
      fill(now);
      allowed = Math.min(ratePerSecond, Math.max(stated, STATED_PER_SECOND_MIN));
      rate = Math.min(rate, allowed);
    },
    rate(now) {
      fill(now);
      return rate;
    },
    slowed(now) {
      fill(now);
      return rate < ratePerSecond;
    },
  };
}
