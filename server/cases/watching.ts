// Looks now and then at what no event tells: how long something has lasted, and whether the cause of a case is gone.
import type { Clock, Instant } from '../../domain/time.ts';

export type Look = (now: Instant) => void;

export interface WatchingOptions {
  readonly looks: readonly Look[];
  readonly clock: Clock;
  readonly everyMs: number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** The read model is as the log was when it was opened. */
  readonly ready: Promise<void>;
  /** A look failed; the others and the next ones are not harmed. Must not throw. */
  readonly troubled: (reason: string) => void;
}

export function startWatching({ looks, clock, everyMs, sleep, ready, troubled }: WatchingOptions): {
  close(): Promise<void>;
} {
  const closing = new AbortController();
  const { signal } = closing;
  const run = async () => {
    await ready;
    while (!signal.aborted) {
      for (const look of looks) {
        try {
          look(clock.now());
        } catch (error) {
          troubled(String(error));
        }
      }
      await sleep(everyMs, signal);
    }
  };
  const ended = run();
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}

/** Since when each of some keys has been there without a break, as far as it was looked at. */
export function createSince(): { last(keys: Iterable<string>, now: Instant): ReadonlyMap<string, Instant> } {
  let since = new Map<string, Instant>();
  return {
    last(keys, now) {
      const next = new Map<string, Instant>();
      for (const key of keys) next.set(key, since.get(key) ?? now);
      since = next;
      return next;
    },
  };
}
