// The time of a day that passes in minutes, for everything that waits or keeps a pace: a limit of five calls a second, a pause
// of half a minute and a poll every minute are those of the day. What machines need for their work is real, so a tenth of
// a second of it counts for as much longer. That is why the busy hours pass more slowly than the quiet ones.
import { setTimeout as delay } from 'node:timers/promises';
import { systemTimers } from '../../adapters/publishing/timers.ts';
import type { Instant } from '../../domain/time.ts';
import { type ProcessTime, systemTime } from '../../server/wiring/time.ts';
import type { Minute } from './day.ts';

const MINUTE_MS = 60_000;

/** From this minute on the day passes so many times faster than a real one. */
export interface Speed {
  readonly from: Minute;
  readonly speed: number;
}

/** A clock for a day that passes in so many real milliseconds. */
export interface DayClock {
  /** Below 0: it has not begun. */
  minute(): Minute;
  until(at: Minute): Promise<void>;
}

export interface DayTime extends ProcessTime, DayClock {
  /** Minute 0 is now. Until then time passes at the first speed. */
  begin(): void;
  /** Time stands still while this is done: what machines need for it is no time of the day. */
  standStill<T>(work: () => Promise<T>): Promise<T>;
  readonly speedMax: number;
  /** The day's time of a real one, and back; for systems that live in real time. Right while time does not stand still. */
  ofReal(at: Instant): Instant;
  toReal(at: Instant): Instant;
}

/** @param speeds in order, the first from minute 0 */
export function fastTime(speeds: readonly Speed[], real: () => number = () => performance.now()): DayTime {
  const wall = Date.now();
  const start = real();
  let begun = Number.POSITIVE_INFINITY;
  let stoodMs = 0;
  let standing: { readonly since: number; works: number } | undefined;

  const moving = () => (standing?.since ?? real()) - start - stoodMs;
  /** Milliseconds of the day since the start, for moving real ones, and back. */
  const passedAt = (realMs: number) => {
    let [at, passed] = [0, 0];
    for (const { until, speed } of stretches(speeds, begun)) {
      const end = Math.min(realMs, until);
      passed += (end - at) * speed;
      at = end;
      if (at === realMs) break;
    }
    return passed;
  };
  const realAt = (passedMs: number) => {
    let [at, passed] = [0, 0];
    for (const { until, speed } of stretches(speeds, begun)) {
      const whole = (until - at) * speed;
      if (passed + whole >= passedMs) return at + (passedMs - passed) / speed;
      passed += whole;
      at = until;
    }
    return at;
  };
  const passed = () => passedAt(moving());
  const realMs = (ms: number) => Math.max(0, realAt(passed() + ms) - moving());
  const minute = () => (begun === Number.POSITIVE_INFINITY ? -1 : (passed() - passedAt(begun)) / MINUTE_MS);
  return {
    ...systemTime,
    clock: { now: () => Math.round(wall + passed()) },
    timers: { now: passed, after: (ms, action) => systemTimers.after(realMs(ms), action) },
    sleep: (ms, signal) => systemTime.sleep(realMs(ms), signal),
    speedMax: Math.max(...speeds.map(({ speed }) => speed)),
    ofReal: (at) => Math.round(wall + passedAt(Math.max(0, at - wall - stoodMs))),
    toReal: (at) => Math.round(wall + stoodMs + realAt(Math.max(0, at - wall))),
    begin() {
      begun = moving();
    },
    minute,
    async until(at) {
      // Again and again: time may have stood still meanwhile.
      for (let left = at - minute(); left > 0; left = at - minute()) await delay(Math.ceil(realMs(left * MINUTE_MS)));
    },
    async standStill(work) {
      standing ??= { since: real(), works: 0 };
      standing.works += 1;
      try {
        return await work();
      } finally {
        standing.works -= 1;
        if (standing.works === 0) {
          stoodMs += real() - standing.since;
          standing = undefined;
        }
      }
    },
  };
}

/** Where each speed ends, in moving real milliseconds. */
function* stretches(
  speeds: readonly Speed[],
  begun: number,
): Generator<{ readonly until: number; readonly speed: number }> {
  yield { until: begun, speed: speeds[0]!.speed };
  let at = begun;
  for (const [n, { from, speed }] of speeds.entries()) {
    const next = speeds[n + 1];
    at = next === undefined ? Number.POSITIVE_INFINITY : at + ((next.from - from) * MINUTE_MS) / speed;
    yield { until: at, speed };
  }
}
