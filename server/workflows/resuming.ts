// Goes on with every workflow that still owes something to stocks: all of them once the read model is as the log was at
// the start, and from then on those that have not moved for a minute, because whoever worked on them may have ended. Going
// on with one that somebody else works on is harmless: the same commands under the same ids.
import type { Position } from '../../domain/event-log.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';

export interface ResumingOptions {
  readonly clock: Clock;
  /** Resolves early when aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** The end of the log at the start. */
  readonly head: Position;
  /** Are the rows folded up to there? Waits at most `timeoutMs`. */
  readonly folded: (position: Position, timeoutMs: number) => Promise<boolean>;
  readonly owing: () => Iterable<{ readonly id: string; readonly changedAt: Instant }>;
  /** Never rejects. */
  readonly resume: (id: string) => Promise<void>;
}

export interface Resuming {
  /** Resumes no more; resolves when those in hand are done. */
  close(): Promise<void>;
}

const AT_ONCE = 16;
const STUCK_MS = MINUTE;

export function startResuming(options: ResumingOptions): Resuming {
  const closing = new AbortController();
  const running = run(options, closing.signal);
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

async function run(options: ResumingOptions, signal: AbortSignal): Promise<void> {
  const { clock, sleep, head, folded, owing } = options;
  while (!signal.aborted && !(await folded(head, SECOND))) {}
  let changedBefore = Number.POSITIVE_INFINITY;
  while (!signal.aborted) {
    const ids = Array.from(owing()).flatMap(({ id, changedAt }) => (changedAt < changedBefore ? id : []));
    await resumeAll(ids, options, signal);
    await sleep(STUCK_MS, signal);
    changedBefore = clock.now() - STUCK_MS;
  }
}

async function resumeAll(ids: readonly string[], { resume }: ResumingOptions, signal: AbortSignal): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < ids.length && !signal.aborted) await resume(ids[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, one));
}
