// Time for publishing that stands still while anything is under way and then jumps to the next timer: hours of a channel's
// rate limits pass in seconds, and what the machine is slow at costs no time. Calls over real HTTP take as long as is said.

import type { Timers } from '../../adapters/publishing/timers.ts';
import { createIndexedHeap, type Placed } from '../../domain/indexed-heap.ts';
import type { Clock } from '../../domain/time.ts';

export interface StillTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Time stands still until it ends. */
  underWay<T>(work: Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
  /** Lets what is due happen for `ms`. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until `reached`, which is asked after every step; false: not within `msMax`. */
  until(reached: () => boolean, msMax: number): Promise<boolean>;
}

interface Timer extends Placed {
  readonly at: number;
  readonly number: number;
  readonly action: () => void;
}

/** Turns of the event loop without anything under way: what settles without time has settled then. */
const QUIET_TURNS = 3;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** @param isQuiet false: something works that says so itself (a read model that has not caught up) */
export function createStillTime(isQuiet: () => boolean): StillTime {
  let now = Date.now();
  let set = 0;
  let working = 0;
  const due = createIndexedHeap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.number < b.number));

  const after = (ms: number, action: () => void) => {
    set += 1;
    const timer: Timer = { at: now + Math.max(0, ms), number: set, action, place: -1 };
    due.add(timer);
    return () => {
      if (timer.place >= 0) due.remove(timer);
    };
  };
  const settle = async () => {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet = working === 0 && isQuiet() ? quiet + 1 : 0) await turn();
  };
  const until = async (reached: () => boolean, end: number): Promise<boolean> => {
    for (;;) {
      await settle();
      if (reached()) return true;
      const first = due.first();
      if (first === undefined || first.at > end) break;
      due.remove(first);
      now = first.at;
      first.action();
    }
    now = end;
    return false;
  };
  return {
    clock: { now: () => Math.floor(now) },
    timers: { now: () => now, after },
    underWay(work) {
      working += 1;
      return work.finally(() => {
        working -= 1;
      });
    },
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    async pass(ms) {
      await until(() => false, now + ms);
    },
    until: (reached, msMax) => until(reached, now + msMax),
  };
}
