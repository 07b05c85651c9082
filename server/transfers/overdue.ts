// Looks through the open transfers now and then for those of which nothing was heard for longer than policy allows. Nothing
// is kept in memory: when each was last heard of is in its row, so a restart forgets none, and a new policy holds at once.
import type { Position } from '../../domain/event-log.ts';
import { type Clock, MINUTE, SECOND } from '../../domain/time.ts';
import type { TransferRow } from '../../projections/transfers.ts';

export interface OverdueOptions {
  readonly clock: Clock;
  /** Resolves early when aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** The end of the log at the start. */
  readonly head: Position;
  /** Are the rows folded up to there? Waits at most `timeoutMs`. */
  readonly folded: (position: Position, timeoutMs: number) => Promise<boolean>;
  readonly open: () => Iterable<TransferRow>;
  readonly stuckAfterMs: () => number;
  /** The transfer judges for itself. Must not reject. */
  readonly tell: (row: TransferRow) => Promise<unknown>;
}

/** Transfers told in one look; the others in the next. */
const TOLD_MAX = 1_000;
const LOOK_MS_MAX = MINUTE;
const LOOK_MS_MIN = 100;

export function watchOverdue(options: OverdueOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const watching = watch(options, closing.signal);
  return {
    async close() {
      closing.abort();
      await watching;
    },
  };
}

async function watch(options: OverdueOptions, signal: AbortSignal): Promise<void> {
  const { clock, sleep, head, folded, open, stuckAfterMs, tell } = options;
  while (!signal.aborted && !(await folded(head, SECOND))) {}
  while (!signal.aborted) {
    const dueBefore = clock.now() - stuckAfterMs();
    const due: TransferRow[] = [];
    for (const row of open()) {
      if (!row.stuck && row.heardAt <= dueBefore) due.push(row);
      if (due.length === TOLD_MAX) break;
    }
    for (const row of due) if (!signal.aborted) await tell(row);
    // Days, in earnest: a minute more does not matter.
    await sleep(Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, stuckAfterMs() / 4)), signal);
  }
}
