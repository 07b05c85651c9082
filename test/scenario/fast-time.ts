// The time of a day that passes in minutes, for everything that waits or keeps a pace: a limit of five calls a second, a pause
// of half a minute and a poll every minute are those of the day. What machines need for their work is real, so a tenth of
// a second of it counts for as much longer: that is to Evenstock's disadvantage.
import { systemTimers } from '../../adapters/publishing/timers.ts';
import { type ProcessTime, systemTime } from '../../server/wiring/time.ts';

export function fastTime(speed: number): ProcessTime {
  const [wall, start] = [Date.now(), performance.now()];
  const passed = () => (performance.now() - start) * speed;
  return {
    ...systemTime,
    clock: { now: () => Math.round(wall + passed()) },
    timers: { now: passed, after: (ms, action) => systemTimers.after(ms / speed, action) },
    sleep: (ms, signal) => systemTime.sleep(ms / speed, signal),
  };
}
