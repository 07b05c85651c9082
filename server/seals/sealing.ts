// A server that seals its own log on a schedule: at its start when a seal is due, then every so often, one after the other. What is
// not what was written or sealed is never sealed over: it is said at each try, until somebody mends it.
import type { Moment, Timers } from '../../adapters/publishing/timers.ts';
import type { SealRounds } from '../../adapters/seals/seal-rounds.ts';
import { LogCorrupt } from '../../domain/event-log.ts';
import type { Seal } from '../../domain/seal/entry.ts';
import { NotAsSealed } from '../../domain/seal/not-as-sealed.ts';
import { type Clock, type Instant, MINUTE } from '../../domain/time.ts';
import type { Logger } from '../logging.ts';

export interface SealingRoom {
  /** Ends with the signal, without a seal. */
  readonly rounds: (signal: AbortSignal) => SealRounds;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

export interface Sealing {
  status(): SealingStatus;
  /** What is under way ends without a seal. */
  close(): Promise<void>;
}

export interface SealingStatus {
  readonly everyMs: number;
  readonly last: Pick<Seal, 'number' | 'at' | 'position' | 'count'> | undefined;
  readonly dueAt: Instant;
  /** How long there has been something due, or since it last went on; 0: nothing is. */
  readonly dueMs: number;
  readonly isOverdue: boolean;
  readonly trouble: SealTrouble | undefined;
}

export interface SealTrouble {
  /** `altered`: the log or its seals are not what was written. `failed`: no seal could be made. */
  readonly kind: 'altered' | 'failed';
  readonly what: readonly string[];
  readonly since: Instant;
}

const RETRY_MS = { first: MINUTE, max: 15 * MINUTE } as const;
const OVERDUE_MS = 10 * MINUTE;
const TOLD = { lines: 20, characters: 500 } as const;

export function startSealing(room: SealingRoom): Sealing {
  const { everyMs, clock, timers, logger } = room;
  const abort = new AbortController();
  const rounds = room.rounds(abort.signal);
  let last: Seal | undefined;
  /** By a clock that never goes back: a wall clock that is set back holds nothing up. */
  let dueAt: Moment = timers.now();
  let hasBegun = false;
  let retryMs: number = RETRY_MS.first;
  let trouble: SealTrouble | undefined;

  const made = (seal: Seal, newEvents: number) => {
    last = seal;
    dueAt = timers.now();
    const { number, count, position, root } = seal;
    logger.info({ seal: number, newEvents, events: count, position, root }, 'sealed');
  };
  const round = async () => {
    if (!hasBegun) {
      last = await rounds.begin();
      hasBegun = true;
      dueAt = timers.now() + untilDue(last, clock.now(), everyMs);
    }
    if (timers.now() < dueAt) return;
    await rounds.seal(made);
    trouble = undefined;
    retryMs = RETRY_MS.first;
    dueAt = timers.now() + everyMs;
  };
  const failed = async (error: unknown) => {
    trouble = await troubleOf(error, rounds, trouble, clock.now());
    logger.error({ what: trouble.what }, SAID[trouble.kind]);
    const waitMs = Math.min(retryMs, everyMs);
    retryMs = Math.min(2 * retryMs, RETRY_MS.max);
    return waitMs;
  };
  let cancel = () => {};
  let underWay = Promise.resolve();
  const goOn = async () => {
    let waitMs: number;
    try {
      await round();
      waitMs = dueAt - timers.now();
    } catch (error) {
      if (abort.signal.aborted) return;
      waitMs = await failed(error);
    }
    if (!abort.signal.aborted) wakeIn(waitMs);
  };
  const wakeIn = (ms: number) => {
    cancel = timers.after(ms, () => {
      underWay = goOn();
    });
  };
  wakeIn(0);
  return {
    status() {
      const dueMs = Math.max(0, timers.now() - dueAt);
      const dueIn = Math.max(0, dueAt - timers.now());
      return { everyMs, last, dueAt: clock.now() + dueIn, dueMs, isOverdue: dueMs > OVERDUE_MS, trouble };
    },
    async close() {
      abort.abort();
      cancel();
      await underWay;
    },
  };
}

const SAID = {
  altered:
    'THE EVENT LOG OR ITS SEALS ARE NOT WHAT WAS WRITTEN: nothing is sealed over it (docs/operations.md#the-log-was-altered)',
  failed: 'the event log could not be sealed; it is tried again (docs/operations.md#the-log-is-not-sealed)',
} as const;

/** A seal from the future was made by a clock that was wrong, or is wrong now. */
function untilDue(last: Seal | undefined, now: Instant, everyMs: number): number {
  if (last === undefined) return 0;
  return Math.max(0, everyMs - Math.max(0, now - Date.parse(last.at)));
}

async function troubleOf(
  error: unknown,
  rounds: SealRounds,
  before: SealTrouble | undefined,
  now: Instant,
): Promise<SealTrouble> {
  const kind = error instanceof NotAsSealed || error instanceof LogCorrupt ? 'altered' : 'failed';
  const faults = error instanceof NotAsSealed ? error.faults : [error instanceof Error ? error.message : String(error)];
  const names = error instanceof NotAsSealed && error.inSealedPart ? await rounds.nameAltered().catch(() => []) : [];
  const what = [...faults, ...names].slice(0, TOLD.lines).map((line) => line.slice(0, TOLD.characters));
  return { kind, what, since: before?.kind === kind ? before.since : now };
}
