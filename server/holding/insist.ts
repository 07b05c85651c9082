// Repeats what the log could not do until it works: whoever holds a stream has nothing better to do than to write it.
import { Unavailable } from '../../domain/event-log.ts';

export interface InsistRoom {
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  /** Called before each repeat, with why; without: it worked. */
  readonly stalled: (reason: string | undefined) => void;
}

const RETRY_BASE_MS = 100;
const RETRY_MS_MAX = 20_000;

/** @throws what `isFinal` · when the log is closed · when the signal aborts */
export async function insist<R>(
  { signal, sleep, random, stalled }: InsistRoom,
  attempt: () => Promise<R>,
  isFinal: (error: unknown) => boolean,
): Promise<R> {
  for (let n = 1; ; n += 1) {
    try {
      const result = await attempt();
      if (n > 1) stalled(undefined);
      return result;
    } catch (error) {
      if (isFinal(error) || signal.aborted) throw error;
      if (error instanceof Unavailable && error.reason === 'closed') throw error;
      stalled(error instanceof Error ? error.message : String(error));
      await sleep(Math.min(RETRY_MS_MAX, random() * RETRY_BASE_MS * 2 ** Math.min(n, 10)), signal);
      if (signal.aborted) throw error;
    }
  }
}
