// What follows from the answer to one call: done, once more after a while, or never again. The message at hand is repeated
// until it is taken, or refused three times; a receiver that refuses everything is in trouble as a whole, so that an event is
// set aside only while others pass.
import { askedMs, BACKOFF_BASE_MS, backoffMs, THROTTLED_BASE_MS } from '../publishing/backoff.ts';
import { createBreaker } from '../publishing/breaker.ts';
import type { Timers } from '../publishing/timers.ts';
import type { Outcome } from './sender.ts';

export type Verdict =
  | { readonly kind: 'done' }
  /** It answers, and says no to this message: it is asked again before the message is set aside. */
  | { readonly kind: 'doubted' | 'set-aside'; readonly reason: string }
  | { readonly kind: 'outage' | 'gone'; readonly reason: string };

export interface Attempts {
  /** How long nothing may be sent, ms. */
  waitMs(): number;
  started(): void;
  judge(outcome: Outcome): Verdict;
  /** Somebody asked: it is tried at once. */
  reset(): void;
}

const REFUSALS_MAX = 3;
/** Set aside in a row; the next refused one waits like in an outage. */
const SET_ASIDE_IN_ROW_MAX = 10;

export function createAttempts(timers: Timers, random: () => number): Attempts {
  let breaker = createBreaker(random);
  let notBefore = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let refusals = 0;
  let setAsideInRow = 0;
  const later = (ms: number) => {
    notBefore = timers.now() + ms;
  };

  const passed = () => {
    breaker.answered();
    failures = 0;
    refusals = 0;
    notBefore = Number.NEGATIVE_INFINITY;
  };
  const refused = (reason: string): Verdict => {
    refusals += 1;
    if (refusals < REFUSALS_MAX) {
      later(backoffMs(refusals, THROTTLED_BASE_MS, random));
      return { kind: 'doubted', reason };
    }
    if (setAsideInRow >= SET_ASIDE_IN_ROW_MAX) {
      breaker.denied(timers.now());
      return { kind: 'outage', reason: `${reason}, as for the ${setAsideInRow} events before` };
    }
    setAsideInRow += 1;
    passed();
    return { kind: 'set-aside', reason };
  };
  return {
    waitMs: () => Math.max(0, Math.ceil(Math.max(notBefore, breaker.nextAt()) - timers.now())),
    started: () => breaker.started(timers.now()),
    judge(outcome) {
      switch (outcome.kind) {
        case 'taken':
          setAsideInRow = 0;
          passed();
          return { kind: 'done' };
        case 'gone':
          return outcome;
        case 'refused':
          return refused(outcome.reason);
        case 'denied':
          breaker.denied(timers.now());
          return { kind: 'outage', reason: outcome.reason };
        case 'failed': {
          failures += 1;
          breaker.failed(timers.now());
          const asked = askedMs(outcome.afterMs);
          later(
            Math.max(
              asked ?? 0,
              backoffMs(failures, asked === undefined ? BACKOFF_BASE_MS : THROTTLED_BASE_MS, random),
            ),
          );
          return { kind: 'outage', reason: outcome.reason };
        }
      }
    },
    reset() {
      breaker = createBreaker(random);
      notBefore = Number.NEGATIVE_INFINITY;
      [failures, refusals, setAsideInRow] = [0, 0, 0];
    },
  };
}
