// Compares what policy wants compared in its time, by the injected clock. What was compared when is in the log, so a restart
// neither forgets nor repeats a run; the id of a run is its slot of time, so of several processes one begins it.
// A statement that must be uploaded cannot be fetched: when it is late, there is a case.

import type { ReadStatement } from '../../adapters/channels/statement.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';
import type { ReconciliationSchedule } from '../../domain/policy/reconciliation-schedule.ts';
import { type Subject, subjectKey, subjectText } from '../../domain/reconciliation/subject.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import type { Reconciliations } from '../../projections/reconciliations.ts';
import type { SubjectRow } from '../../projections/reconciliations-state.ts';
import { subjectFields } from './correct.ts';
import type { Reconciler } from './reconciler.ts';

export interface ScheduleRoom {
  readonly policy: () => Policy;
  readonly reconciliations: () => Reconciliations;
  readonly reconciler: Pick<Reconciler, 'start' | 'isRunning'>;
  readonly readStatementOf: (channel: string) => ReadStatement | undefined;
  readonly readBooks: (system: string, location: string) => ReadStatement | undefined;
  /** Another process tells it: that one knows what is under way, and compares. */
  readonly isElsewhere: (subject: Subject) => boolean;
  readonly cases: CaseSink;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Something failed that nobody waits for. Must not throw. */
  readonly troubled: (error: unknown) => void;
}

export interface Due {
  readonly subject: Subject;
  readonly everyMs: number;
  /** When it is to be compared next. */
  readonly at: Instant;
}

const LOOK_MS = 5 * SECOND;
const SELF = 'evenstock';

/** Resolves what policy schedules to subjects: a system is compared at every location where it is right. */
export function dues(policy: Policy, reconciliations: Reconciliations, since: Instant, now: Instant): readonly Due[] {
  return policy.reconciliation.schedules.flatMap((schedule) =>
    subjectsOf(schedule, policy).map((subject) => {
      const everyMs = schedule.everyMinutes * MINUTE;
      const row = reconciliations.subject(subjectKey(subject));
      return { subject, everyMs, at: dueAt(row, 'channel' in subject, everyMs, since, now) };
    }),
  );
}

function subjectsOf({ channel, system }: ReconciliationSchedule, { document }: Policy): readonly Subject[] {
  if (channel !== undefined) return [{ channel }];
  return document.systemsOfRecord.flatMap((entry) =>
    entry.system === system && entry.location !== undefined ? [{ system, location: entry.location }] : [],
  );
}

/** A channel that was never compared is due at once; an upload may take its time from the start of the server on. */
function dueAt(
  row: SubjectRow | undefined,
  isChannel: boolean,
  everyMs: number,
  since: Instant,
  now: Instant,
): Instant {
  const last = isChannel ? row?.lastStartedAt : (row?.lastCompleted?.at ?? since);
  // A clock that was set back must not silence the control.
  return last === undefined ? now : Math.min(last, now) + everyMs;
}

/** Returns its end. */
export function startSchedule(room: ScheduleRoom): () => void {
  const { clock, timers, policy, reconciliations } = room;
  const since = clock.now();
  const late = new Set<string>();
  let cancel = () => {};
  const look = () => {
    const now = clock.now();
    const all = dues(policy(), reconciliations(), since, now);
    for (const due of all) {
      if (due.at <= now) void compareNow(due, now, late, room).catch(room.troubled);
      else onTime(due.subject, late, room);
    }
    cancel = timers.after(LOOK_MS, look);
  };
  look();
  return () => cancel();
}

async function compareNow(due: Due, now: Instant, late: Set<string>, room: ScheduleRoom): Promise<void> {
  const { subject, everyMs } = due;
  if (room.isElsewhere(subject) || room.reconciler.isRunning(subject)) return;
  const read =
    'channel' in subject ? room.readStatementOf(subject.channel) : room.readBooks(subject.system, subject.location);
  if (read === undefined) return overdue(due, now, late, room);
  const name = 'channel' in subject ? subject.channel : `${subject.system}-${subject.location}`;
  // Of several processes one begins the run of a slot; one that failed is tried again in the next.
  const id = `${name}-${Math.floor(now / everyMs).toString(36)}-${everyMs / MINUTE}m`;
  const source = { kind: 'adapter', read } as const;
  await room.reconciler.start({ id, subject, cause: 'schedule', by: SELF, correct: true, source });
}

/** Nobody can compare it but who has the statement. */
function overdue({ subject, everyMs, at }: Due, now: Instant, late: Set<string>, { cases }: ScheduleRoom): void {
  const key = overdueKey(subject);
  if (late.has(key)) return;
  late.add(key);
  cases.raise({
    kind: 'drift',
    key,
    subject: subjectFields(subject),
    detail: `${subjectText(subject)} has not been compared for ${plural(Math.round((now - at + everyMs) / MINUTE), 'minute')}: upload its statement`,
    proposals: ['upload a statement'],
  });
}

function onTime(subject: Subject, late: Set<string>, { cases }: ScheduleRoom): void {
  const key = overdueKey(subject);
  if (late.delete(key)) cases.cleared('drift', key);
}

function overdueKey(subject: Subject): string {
  return `reconciliation:${subjectKey(subject)} overdue`;
}
