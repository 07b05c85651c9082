// Circuit breaker of one way into a channel: after five failed calls in a row, or one that says no call can pass, nothing is
// sent but one probe every 30 s at most, over all its ways in. The first call that is answered closes it.
import { createProbes, PROBE_EVERY_MS, type Probes } from './probes.ts';
import type { Moment } from './timers.ts';

export const FAILURES_MAX = 5;
/** Batches refused as a whole in a row: more than halving needs to find one bad update among 10,000. */
export const REFUSALS_MAX = 20;
/** Channels that went down together are not probed together. */
const SPREAD_PART = 0.1;

export type Fault = 'unreachable' | 'denied';

export interface Breaker {
  /** Why it is open; undefined: closed. */
  fault(): Fault | undefined;
  /** When the next call may start. */
  nextAt(): Moment;
  /** A call starts: while it is open this is the probe, and the next one waits. */
  started(now: Moment): void;
  /** The channel answered, whatever it said. */
  answered(): void;
  failed(now: Moment): void;
  /** A batch was refused as a whole. */
  refused(now: Moment): void;
  denied(now: Moment): void;
}

/** @param probes shared by all that call the same channel */
export function createBreaker(random: () => number, probes: Probes = createProbes()): Breaker {
  let fault: Fault | undefined;
  let failures = 0;
  let refusals = 0;
  let nextAt = Number.NEGATIVE_INFINITY;

  const open = (why: Fault, now: Moment) => {
    fault = why;
    probes.join(breaker);
    nextAt = Math.max(nextAt, now + Math.ceil(PROBE_EVERY_MS * (1 + SPREAD_PART * random())));
  };
  const close = () => {
    fault = undefined;
    probes.leave(breaker);
  };
  const breaker: Breaker = {
    fault: () => fault,
    nextAt: () => (fault === undefined ? Number.NEGATIVE_INFINITY : Math.max(nextAt, probes.nextAt(breaker))),
    started(now) {
      if (fault === undefined) return;
      nextAt = now + PROBE_EVERY_MS;
      probes.started(breaker, now);
    },
    answered() {
      close();
      failures = 0;
      refusals = 0;
    },
    failed(now) {
      failures += 1;
      if (fault !== undefined || failures >= FAILURES_MAX) open(fault ?? 'unreachable', now);
    },
    refused(now) {
      failures = 0;
      refusals += 1;
      if (refusals >= REFUSALS_MAX) open('denied', now);
      else if (fault === 'unreachable') close();
    },
    denied: (now) => open('denied', now),
  };
  return breaker;
}
