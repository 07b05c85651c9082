// Starts runs of reconciliation and keeps their promises: one run a subject at a time, a bounded number at once, a run
// that failed says why, and one that a crash cut short is taken up again.
import { Conflict } from '../../domain/event-log.ts';
import { hasEnded } from '../../domain/reconciliation/run.ts';
import { type Subject, subjectKey, subjectText } from '../../domain/reconciliation/subject.ts';
import { type Instant, MINUTE } from '../../domain/time.ts';
import type { Reconciliations } from '../../projections/reconciliations.ts';
import { goOn, type PerformingRoom, perform, RunFailed, RunInterrupted, type StatementSource } from './perform.ts';
import { StatementUnread } from './read-statement.ts';
import { beginRun, type RunRecord, readRun, type StoredRun } from './run-record.ts';

export interface ReconcilerRoom extends PerformingRoom {
  readonly reconciliations: () => Reconciliations;
  /** No other process writes to this log. */
  readonly soleWriter: boolean;
  /** A run ended, or could not be ended. Must not throw. */
  readonly ended: (record: RunRecord, error: unknown) => void;
}

export interface RunRequest {
  readonly id: string;
  readonly subject: Subject;
  readonly cause: 'on-demand' | 'schedule';
  /** Who asked. */
  readonly by: string;
  /** False: nothing is corrected and there is no case. */
  readonly correct: boolean;
  readonly source: StatementSource;
}

export type StartRefusal = 'unknown-channel' | 'unknown-location' | 'reconciliation-running' | 'overloaded';

export type Started =
  | {
      readonly outcome: 'started' | 'exists';
      readonly id: string;
      /** As far as it has come. */
      readonly record: Pick<RunRecord, 'run' | 'position'>;
      readonly ended: Promise<void>;
    }
  | { readonly outcome: 'refused'; readonly reason: StartRefusal; readonly detail: string };

export interface Reconciler {
  /** Resolves when the start is durable. @throws Unavailable · UnknownOutcome */
  start(request: RunRequest): Promise<Started>;
  /** Ends what an earlier process left unfinished. */
  takeUp(): Promise<void>;
  /** Any run ever, with what it found. */
  read(id: string): Promise<StoredRun | undefined>;
  /** A run of the subject is under way here. */
  isRunning(subject: Subject): boolean;
  /** Resolves when every run has ended or stopped. */
  settled(): Promise<void>;
}

/** Statements held in memory at once. */
export const RUNS_AT_ONCE_MAX = 8;
/** Another process that wrote nothing about its run for this long has left it. */
const LEFT_MS = 30 * MINUTE;

interface Running {
  readonly id: string;
  readonly ended: Promise<void>;
}

/** What is under way here, one run a subject. */
interface UnderWay {
  readonly running: Map<string, Running>;
  /** Nobody else begins one of the subject from here on; call what it returns when the run has ended. */
  hold(key: string, id: string): () => void;
  launch(key: string, record: RunRecord, work: () => Promise<void>): Promise<void>;
}

export function createReconciler(room: ReconcilerRoom): Reconciler {
  const underWay = createUnderWay(room);
  const { running, hold, launch } = underWay;
  return {
    async start(request) {
      const refusal = refusalOf(request, room, running);
      if (refusal !== undefined) return refusal;
      const { id, subject, source } = request;
      const key = subjectKey(subject);
      const ended = hold(key, id);
      try {
        const record = await beginRun(room, id, { type: 'ReconciliationStarted', ...startOf(request, room) });
        const work = launch(key, record, () => perform(source, record, room));
        void work.then(ended);
        return { outcome: 'started', id, record, ended: work };
      } catch (error) {
        running.delete(key);
        ended();
        const there = error instanceof Conflict ? await readRun(room, id) : undefined;
        if (there === undefined) throw error;
        return { outcome: 'exists', id, record: there.record, ended: Promise.resolve() };
      }
    },
    takeUp: () => takeUp(room, underWay),
    read: (id) => readRun(room, id),
    isRunning: (subject) => running.has(subjectKey(subject)),
    async settled() {
      await Promise.all(Array.from(running.values(), ({ ended }) => ended));
    },
  };
}

function createUnderWay(room: ReconcilerRoom): UnderWay {
  const running = new Map<string, Running>();
  return {
    running,
    hold(key, id) {
      const { promise, resolve } = Promise.withResolvers<void>();
      running.set(key, { id, ended: promise });
      return resolve;
    },
    launch(key, record, work) {
      const ended = work()
        .catch((error: unknown) => failed(record, error, room))
        .then(
          () => room.ended(record, undefined),
          (error: unknown) => room.ended(record, error),
        )
        .finally(() => running.delete(key));
      running.set(key, { id: record.run.id, ended });
      return ended;
    },
  };
}

async function takeUp(room: ReconcilerRoom, underWay: UnderWay): Promise<void> {
  const { running } = underWay;
  const now = room.clock.now();
  const unfinished = [...room.reconciliations().runs()].filter((run) => !hasEnded(run)).reverse();
  for (const { id, subject, startedAt } of unfinished) {
    const key = subjectKey(subject);
    if (!room.soleWriter && now - startedAt < LEFT_MS) continue;
    // Another one of the subject may have begun before this one was found.
    for (let other = running.get(key); other !== undefined && other.id !== id; other = running.get(key)) {
      await other.ended;
    }
    if (room.closing.aborted) return;
    if (!running.has(key)) await takeUpOne(id, key, room, underWay);
  }
}

async function takeUpOne(id: string, key: string, room: ReconcilerRoom, { running, hold, launch }: UnderWay) {
  const ended = hold(key, id);
  try {
    const stored = await readRun(room, id);
    if (stored === undefined || hasEnded(stored.record.run)) running.delete(key);
    else await launch(key, stored.record, () => goOn(stored, room));
  } catch (error) {
    running.delete(key);
    throw error;
  } finally {
    ended();
  }
}

function refusalOf(
  { subject }: RunRequest,
  { policy, reconciliations, soleWriter, clock }: ReconcilerRoom,
  running: ReadonlyMap<string, Running>,
): Extract<Started, { outcome: 'refused' }> | undefined {
  const refused = (reason: StartRefusal, detail: string) => ({ outcome: 'refused', reason, detail }) as const;
  if ('channel' in subject) {
    if (policy().channel(subject.channel) === undefined)
      return refused('unknown-channel', `The policy has no channel ${subject.channel}`);
  } else if (!policy().knowsLocation(subject.location)) {
    return refused('unknown-location', `The policy has no location ${subject.location}`);
  }
  const key = subjectKey(subject);
  const own = running.get(key);
  const other = soleWriter ? undefined : elsewhere(reconciliations(), key, clock.now());
  if (own !== undefined || other !== undefined)
    return refused('reconciliation-running', `${subjectText(subject)} is being compared by run ${own?.id ?? other}`);
  if (running.size >= RUNS_AT_ONCE_MAX) return refused('overloaded', `${running.size} runs are under way`);
  return undefined;
}

/** The run of another process that has not ended. */
function elsewhere(reconciliations: Reconciliations, key: string, now: Instant): string | undefined {
  for (const run of reconciliations.runs()) {
    if (subjectKey(run.subject) === key && !hasEnded(run) && now - run.startedAt < LEFT_MS) return run.id;
  }
  return undefined;
}

function startOf({ subject, cause, by, correct, source }: RunRequest, { policy, clock }: ReconcilerRoom) {
  const { version, reconciliation, channel } = policy();
  const isShadow = 'channel' in subject && channel(subject.channel)?.mode === 'shadow';
  return {
    ...{ subject, cause, by, isShadow },
    statement: source.kind,
    correction: correct && !isShadow ? correctionOf(subject, policy()) : ('none' as const),
    correctionsMax: reconciliation.correctionsMax,
    policy: version,
    startedAt: clock.now(),
  };
}

/** A system that is not the one of record at a location corrects nothing there: somebody decides. */
function correctionOf(subject: Subject, { systemOfRecord }: ReturnType<ReconcilerRoom['policy']>) {
  if ('channel' in subject) return systemOfRecord({ channel: subject.channel }).correction;
  const record = systemOfRecord({ location: subject.location });
  return record.system === subject.system ? record.correction : 'case';
}

/** Writes down why a run failed. One that the end of this process cut short is left for the next. */
async function failed(record: RunRecord, error: unknown, { clock, closing }: ReconcilerRoom): Promise<void> {
  if (closing.aborted) throw new RunInterrupted('the server stops');
  const isExpected = error instanceof RunFailed || error instanceof StatementUnread;
  const reason = error instanceof Error ? error.message : String(error);
  await record.append({ type: 'ReconciliationFailed', reason: reason.slice(0, 300), failedAt: clock.now() });
  if (!isExpected) throw error;
}
