// The figures of the overview at one moment. Each is kept by whoever makes it, so asking costs the channels, the open
// cases and the schedules, never the SKUs or the length of the log.
import type { Policy } from '../../domain/channel/policy.ts';
import type { Position } from '../../domain/event-log.ts';
import { type Subject, subjectKey } from '../../domain/reconciliation/subject.ts';
import type { Instant } from '../../domain/time.ts';
import { AGE_BUCKETS, ageBucket, ageMs, isOverdue } from '../../projections/case-age.ts';
import type { PublishedReader } from '../../projections/published.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { ChannelStatus } from '../channel-status.ts';
import type { ErpStatus } from '../erp/status.ts';
import type { Processes } from '../processes.ts';
import type { SealingStatus } from '../seals/sealing.ts';
import type { CommandTally } from './tally.ts';

export interface OverviewRoom {
  readonly readModel: Pick<ReadModel, 'availability' | 'levels' | 'status' | 'deadLetters'>;
  readonly published: () => PublishedReader;
  readonly processes: Pick<Processes, 'cases' | 'reconciliation' | 'erps'>;
  readonly policy: () => Policy;
  readonly channelStatus: (channel: string) => ChannelStatus | undefined;
  readonly commands: () => CommandTally;
  /** Undefined: this server does not seal its log. */
  readonly seals: () => SealingStatus | undefined;
  /** Wall time, for people. */
  readonly now: () => Instant;
}

export interface Figures {
  readonly at: Instant;
  readonly position: Position;
  readonly commands: CommandTally;
  readonly projections: { readonly lagMs: number; readonly isLagging: boolean; readonly deadLetters: number };
  readonly oversold: { readonly stocks: number; readonly units: number };
  readonly channels: readonly ChannelFigures[];
  readonly cases: CaseFigures;
  readonly reconciliation: readonly ReconciliationFigures[];
  readonly erps: readonly (ErpStatus & { readonly erp: string })[];
  readonly seals: SealingStatus | undefined;
}

export interface ChannelFigures {
  readonly channel: string;
  /** Undefined: nothing is published to it. */
  readonly status: ChannelStatus | undefined;
  /** What its policy gives an update until the channel shows it; undefined: nothing said. */
  readonly budgetMs: number | undefined;
  /** Updates by what became of them, since the beginning. */
  readonly updates: {
    readonly confirmed: number;
    readonly refused: number;
    readonly unknown: number;
    readonly postponed: number;
  };
}

export interface CaseFigures {
  readonly open: number;
  readonly overdue: number;
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly byAge: Readonly<Record<string, number>>;
  readonly byKind: Readonly<Record<string, number>>;
}

/** One for each subject that is compared by schedule, or was compared. */
export interface ReconciliationFigures {
  readonly subject: Subject;
  readonly dueAt: Instant | undefined;
  /** Runs that failed since one completed. */
  readonly failures: number;
  readonly last:
    | {
        readonly id: string;
        readonly at: Instant;
        readonly stage: string;
        readonly compared: number | undefined;
        readonly different: number | undefined;
      }
    | undefined;
}

export function figuresOf(room: OverviewRoom): Figures {
  const { readModel, processes, policy, now } = room;
  const { lagMs, lagging } = readModel.status();
  const { erps } = processes;
  return {
    at: now(),
    position: readModel.availability.position(),
    commands: room.commands(),
    projections: { lagMs, isLagging: lagging, deadLetters: readModel.deadLetters().length },
    oversold: readModel.levels().oversold(),
    channels: policy().channels.map(({ id }) => channelFigures(id, room)),
    cases: caseFigures(room),
    reconciliation: reconciliationFigures(processes.reconciliation),
    erps: erps.ids().flatMap((erp) => {
      const status = erps.status(erp);
      return status === undefined ? [] : [{ erp, ...status }];
    }),
    seals: room.seals(),
  };
}

function channelFigures(channel: string, { channelStatus, published, policy }: OverviewRoom): ChannelFigures {
  const { confirmed, refused, unknown, postponed } = published().channel(channel);
  const objective = policy().document.freshness?.find((one) => one.channel === channel);
  return {
    channel,
    status: channelStatus(channel),
    budgetMs: objective && objective.withinSeconds * 1_000,
    updates: { confirmed, refused, unknown, postponed },
  };
}

function caseFigures({ processes: { cases } }: OverviewRoom): CaseFigures {
  const now = cases.now();
  const byAge: Record<string, number> = Object.fromEntries(AGE_BUCKETS.map((bucket) => [bucket, 0]));
  const bySeverity: Record<string, number> = {};
  const byKind: Record<string, number> = {};
  let [open, overdue] = [0, 0];
  const count = (of: Record<string, number>, what: string) => {
    of[what] = (of[what] ?? 0) + 1;
  };
  for (const state of cases.reader().open()) {
    open += 1;
    if (isOverdue(state, now)) overdue += 1;
    count(byAge, ageBucket(ageMs(state, now)));
    count(bySeverity, state.severity);
    count(byKind, state.kind ?? '');
  }
  return { open, overdue, bySeverity, byAge, byKind };
}

function reconciliationFigures({ found, dues }: Processes['reconciliation']): readonly ReconciliationFigures[] {
  const subjects = new Map<
    string,
    { subject: Subject; dueAt: Instant | undefined; last: ReconciliationFigures['last'] }
  >();
  for (const { subject, at } of dues()) subjects.set(subjectKey(subject), { subject, dueAt: at, last: undefined });
  const reconciliations = found();
  for (const run of reconciliations.runs()) {
    const key = subjectKey(run.subject);
    const known = subjects.get(key) ?? { subject: run.subject, dueAt: undefined, last: undefined };
    // The newest comes first.
    if (known.last !== undefined) continue;
    const { id, stage, startedAt, endedAt, compared } = run;
    const different = compared && compared.compared - compared.equal;
    known.last = { id, at: endedAt ?? startedAt, stage, compared: compared?.compared, different };
    subjects.set(key, known);
  }
  return [...subjects].map(([key, one]) => ({ ...one, failures: reconciliations.subject(key)?.failures ?? 0 }));
}
