// Is the bulk lane stuck? A feed that was taken in and not applied in its time has nothing to say against one value: those
// accepted with it, or later, being shown say that it works. When none is, all that went by it goes by the urgent lane, and
// now and then a small batch tries whether it works again.
import { MINUTE } from '../../domain/time.ts';
import type { Moment } from './timers.ts';

export interface BulkHealth {
  /** all: it may take a whole batch · probe: a small one · nothing: not now. */
  mayTake(now: Moment): 'all' | 'probe' | 'nothing';
  /** When a probe may be made; undefined: it is not stuck. */
  readonly probeAt: Moment | undefined;
  /** A batch leaves by it. */
  started(now: Moment): void;
  /** A value accepted at `acceptedAt` is shown. */
  applied(acceptedAt: Moment): void;
  /** A value accepted at `acceptedAt` was not shown in its time. True: with this the lane is stuck. */
  lost(acceptedAt: Moment, now: Moment): boolean;
  /** A batch was refused as a whole: which value is at fault would take it many feeds to find. */
  refused(now: Moment): void;
}

const PROBE_MS_MIN = MINUTE;

export function createBulkHealth(settlesMs: number): BulkHealth {
  const probeEveryMs = Math.max(PROBE_MS_MIN, settlesMs);
  let newestApplied = Number.NEGATIVE_INFINITY;
  let stuckAt: Moment | undefined;
  let probeAt: Moment | undefined;
  const stuck = (now: Moment) => {
    stuckAt ??= now;
    probeAt = now + probeEveryMs;
  };
  return {
    mayTake(now) {
      if (probeAt === undefined) return 'all';
      return now >= probeAt ? 'probe' : 'nothing';
    },
    get probeAt() {
      return probeAt;
    },
    started(now) {
      if (probeAt !== undefined) probeAt = now + probeEveryMs;
    },
    applied(acceptedAt) {
      newestApplied = Math.max(newestApplied, acceptedAt);
      // What it took in before it was stuck may be applied any time: only something younger shows that it works again.
      if (stuckAt === undefined || acceptedAt < stuckAt) return;
      stuckAt = undefined;
      probeAt = undefined;
    },
    lost(acceptedAt, now) {
      if (newestApplied >= acceptedAt) return false;
      stuck(now);
      return true;
    },
    refused: stuck,
  };
}
