// The time of this process, for everything that is given one. A rehearsal may bring another: a day that passes in minutes.
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../adapters/platform.ts';
import { systemTimers, type Timers } from '../../adapters/publishing/timers.ts';
import type { RunnerTime } from '../../projections/time.ts';

export interface ProcessTime extends RunnerTime {
  readonly timers: Timers;
}

export const systemTime: ProcessTime = {
  clock: systemClock,
  timers: systemTimers,
  random: Math.random,
  sleep: (ms, signal) => delay(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => {}),
  atTurnEnd: setImmediate,
};
