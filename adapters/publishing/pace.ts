// When the next call to a channel may be made: the token bucket, pauses after failures and refusals, and the breaker,
// fed with what came of each call.
import type { Reply } from '../channels/channel.ts';
import {
  askedMs,
  BACKOFF_BASE_MS,
  BACKOFF_MS_MAX,
  backoffMs,
  createRetryBudget,
  THROTTLED_BASE_MS,
} from './backoff.ts';
import { createBreaker } from './breaker.ts';
import type { Probes } from './probes.ts';
import type { Moment } from './timers.ts';
import { createTokenBucket } from './token-bucket.ts';

export interface Limits {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Pace {
  /** Milliseconds until a call may start; 0: now. */
  waitMs(now: Moment): number;
  /** A call starts; only when `waitMs` is 0. */
  started(now: Moment): void;
  /** What came of the call that started at `startedAt`. */
  settled(reply: Reply, startedAt: Moment, now: Moment): void;
  /** Calls a second that it may make now, and that are allowed at most. */
  rates(now: Moment): { readonly ratePerSecond: number; readonly ratePerSecondMax: number };
  /** One call at a time, to see whether the channel is back. */
  probing(): boolean;
  /** `failed`: it says no call can pass (credentials, address, everything refused). */
  state(now: Moment): 'running' | 'throttled' | 'open' | 'failed';
}

/** @param probes shared by all that call the same channel */
export function createPace(limits: Limits, random: () => number, start: Moment, probes?: Probes): Pace {
  const bucket = createTokenBucket(limits.ratePerSecond, limits.burst, start);
  const breaker = createBreaker(random, probes);
  const budget = createRetryBudget();
  let failures = 0;
  let throttles = 0;
  let pausedUntil = start;
  let throttledAt = Number.NEGATIVE_INFINITY;

  const pauseFor = (ms: number, now: Moment) => {
    pausedUntil = Math.max(pausedUntil, now + ms);
  };
  const answered = () => {
    breaker.answered();
    failures = 0;
  };

  return {
    waitMs: (now) => Math.max(0, breaker.nextAt() - now, pausedUntil - now, bucket.waitMs(now)),
    started(now) {
      bucket.take(now);
      breaker.started(now);
    },
    settled(reply, startedAt, now) {
      if ('limit' in reply && reply.limit !== undefined) bucket.limit(reply.limit.ratePerSecond, now);
      switch (reply.kind) {
        case 'answered':
          answered();
          throttles = 0;
          return budget.earn();
        case 'throttled':
          answered();
          throttles += 1;
          // Calls that were under way together are refused together: that is one sign, not many.
          if (startedAt >= throttledAt) bucket.throttled(now);
          throttledAt = now;
          return pauseFor(askedMs(reply.afterMs) ?? backoffMs(throttles, THROTTLED_BASE_MS, random), now);
        case 'batchRefused':
          failures = 0;
          return breaker.refused(now);
        case 'denied':
          return breaker.denied(now);
        default: {
          failures += 1;
          breaker.failed(now);
          const asked = reply.kind === 'unavailable' ? askedMs(reply.afterMs) : undefined;
          const delay = budget.spend() ? backoffMs(failures, BACKOFF_BASE_MS, random) : BACKOFF_MS_MAX;
          return pauseFor(asked ?? delay, now);
        }
      }
    },
    rates: (now) => ({ ratePerSecond: bucket.rate(now), ratePerSecondMax: limits.ratePerSecond }),
    probing: () => breaker.fault() !== undefined,
    state(now) {
      const fault = breaker.fault();
      if (fault !== undefined) return fault === 'denied' ? 'failed' : 'open';
      return throttles > 0 || bucket.slowed(now) ? 'throttled' : 'running';
    },
  };
}
