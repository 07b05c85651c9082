// The time of this process, for everything that is given one.
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../adapters/platform.ts';
import type { RunnerTime } from '../../projections/time.ts';

export const systemTime: RunnerTime = {
  clock: systemClock,
  random: Math.random,
  sleep: (ms, signal) => delay(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => {}),
  atTurnEnd: setImmediate,
};
