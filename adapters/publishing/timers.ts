// Time as the publisher paces itself by it: a clock that never goes back (a wall clock set back an hour must not
// silence a channel for an hour), and timers. Injected, so that hours of publishing run in milliseconds.

/** Milliseconds of a clock that never goes back; means nothing outside this process. */
export type Moment = number;

export interface Timers {
  now(): Moment;
  /** Runs `action` once after `ms`; returns its cancellation. */
  after(ms: number, action: () => void): () => void;
}

/** Node's timers hold 31 bits of milliseconds; a longer one would fire at once. */
const MS_MAX = 2_147_483_647;

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
