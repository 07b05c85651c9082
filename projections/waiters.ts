// Those who wait for a position to be folded (read your own write): told when it is, or when their time is up.
import type { Position } from '../domain/event-log.ts';
import type { RunnerTime } from './time.ts';

export interface Waiters {
  /** True once the position is reached; false after `timeoutMs`, on close, or at once when too many wait. */
  wait(after: Position, timeoutMs: number): Promise<boolean>;
  /** Everything up to `position` is folded. */
  reached(position: Position): void;
  close(): void;
}

interface Waiter {
  readonly after: Position;
  readonly tell: (reached: boolean) => void;
}

const WAITERS_MAX = 10_000;

export function createWaiters(position: () => Position, time: RunnerTime): Waiters {
  let waiting: Waiter[] = [];
  let closed = false;
  return {
    wait(after, timeoutMs) {
      if (position() >= after) return Promise.resolve(true);
      if (closed || timeoutMs <= 0 || waiting.length >= WAITERS_MAX) return Promise.resolve(false);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const inTime = new AbortController();
      const waiter: Waiter = {
        after,
        tell(reached) {
          inTime.abort();
          resolve(reached);
        },
      };
      waiting.push(waiter);
      void time.sleep(timeoutMs, inTime.signal).then(() => {
        if (inTime.signal.aborted) return;
        waiting = waiting.filter((other) => other !== waiter);
        waiter.tell(false);
      });
      return promise;
    },
    reached(now) {
      if (waiting.length === 0) return;
      const due = waiting.filter((waiter) => waiter.after <= now);
      if (due.length === 0) return;
      waiting = waiting.filter((waiter) => waiter.after > now);
      for (const waiter of due) waiter.tell(true);
    },
    close() {
      closed = true;
      const left = waiting;
      waiting = [];
      for (const waiter of left) waiter.tell(false);
    },
  };
}
