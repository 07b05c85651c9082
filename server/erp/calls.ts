// Calls to an ERP: each with a deadline and not faster than agreed. What an adapter throws against its promise is taken for
// an unknown outcome. After failures the pause grows; in an outage the ERP is asked once in 30 s.

import type { Timers } from '../../adapters/publishing/timers.ts';
import { MINUTE, SECOND } from '../../domain/time.ts';

export interface CallsRoom {
  readonly timers: Timers;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly timeoutMs: number;
  readonly ratePerSecond: number | undefined;
  readonly signal: AbortSignal;
}

export interface Calls {
  /** `make` gets a signal that aborts at the deadline, or when posting ends. */
  call<R>(make: (signal: AbortSignal) => Promise<R>, otherwise: (reason: string) => R): Promise<R>;
  /** How long to wait after the n-th failure in a row. */
  waitMs(failures: number, afterMs: number | undefined): number;
}

const PROBE_MS = 30 * SECOND;
const AFTER_MS_MAX = 15 * MINUTE;
const QUICK_TRIES = 4;

export function createCalls({ timers, random, sleep, timeoutMs, ratePerSecond, signal }: CallsRoom): Calls {
  let nextAt = timers.now();
  return {
    async call(make, otherwise) {
      if (nextAt > timers.now()) await sleep(nextAt - timers.now(), signal);
      if (ratePerSecond !== undefined) nextAt = Math.max(nextAt, timers.now()) + 1_000 / ratePerSecond;
      const deadline = new AbortController();
      const cancel = timers.after(timeoutMs, () => deadline.abort(new Error(`no answer in ${timeoutMs} ms`)));
      try {
        return await make(AbortSignal.any([deadline.signal, signal]));
      } catch (error) {
        return otherwise(error instanceof Error ? error.message : String(error));
      } finally {
        cancel();
      }
    },
    waitMs(failures, afterMs = 0) {
      const own =
        failures <= QUICK_TRIES ? SECOND * (0.5 + random()) * 2 ** (failures - 1) : PROBE_MS * (1 + random() / 4);
      return Math.ceil(Math.max(own, Math.min(AFTER_MS_MAX, afterMs)));
    },
  };
}
