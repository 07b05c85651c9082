// How many movements were posted in the last minute.
import type { Moment } from '../../adapters/publishing/timers.ts';
import { MINUTE } from '../../domain/time.ts';

export interface Rate {
  add(count: number, now: Moment): void;
  lastMinute(now: Moment): number;
}

export function createRate(): Rate {
  const times: { readonly at: Moment; readonly count: number }[] = [];
  const forget = (now: Moment) => {
    while (times.length > 0 && times[0]!.at <= now - MINUTE) times.shift();
  };
  return {
    add(count, now) {
      forget(now);
      times.push({ at: now, count });
    },
    lastMinute(now) {
      forget(now);
      return times.reduce((sum, { count }) => sum + count, 0);
    },
  };
}
