// One run from its statement to its end: read, wait for the read model, compare, correct, complete. Every step is in the
// log before the next begins; what a crash cut short is finished by `goOn`, or given up where nothing was found yet.
import type { ReadStatement } from '../../adapters/channels/statement.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { DEFAULT_SKEW_MS, type Judging } from '../../domain/reconciliation/classify.ts';
import { FAULTS_KEPT_MAX, type LineFault } from '../../domain/reconciliation/events.ts';
import { hasEnded, type Run } from '../../domain/reconciliation/run.ts';
import type { Statement } from '../../domain/reconciliation/statement.ts';
import { type Subject, subjectKey } from '../../domain/reconciliation/subject.ts';
import { MINUTE } from '../../domain/time.ts';
import type { OpenDifference } from '../../projections/reconciliations-state.ts';
import type { SourceSequences } from '../../projections/source-sequences.ts';
import type { Books } from './books.ts';
import { type ChannelSideRoom, channelSide } from './channel-side.ts';
import { compare } from './compare.ts';
import { type CorrectingRoom, caseKey, correct } from './correct.ts';
import { type LocationSideRoom, locationSide } from './location-side.ts';
import { pageEveryMs, READING_LIMITS, type ReadingRoom, readStatement } from './read-statement.ts';
import type { RecordRoom, RunRecord, StoredRun } from './run-record.ts';
import type { Side } from './side.ts';

export interface PerformingRoom extends RecordRoom, CorrectingRoom, ReadingRoom {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly availability: ChannelSideRoom['availability'] &
    LocationSideRoom['availability'] & { waitFor(after: bigint, timeoutMs: number): Promise<boolean> };
  readonly published: () => ChannelSideRoom['published'];
  readonly sequences: () => Pick<SourceSequences, 'gaps'>;
  readonly open: () => {
    open(key: string, sku: string): OpenDifference | undefined;
    openOf(key: string): Iterable<OpenDifference>;
  };
  readonly unposted: Books['unposted'];
  readonly policy: () => Policy;
  readonly closing: AbortSignal;
}

/** An uploaded statement, or how it is read from the channel. */
export type StatementSource =
  | { readonly kind: 'upload'; readonly statement: Statement; readonly faults: readonly LineFault[] }
  | { readonly kind: 'adapter'; readonly read: ReadStatement };

/** The server stops: the run stays as it is, and is taken up again by the next start. */
export class RunInterrupted extends Error {
  override readonly name = 'RunInterrupted';
}

/** The run cannot go on; the message says why, for people. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

const CATCH_UP_MS = 60_000;

/** Resolves when the run has ended. @throws whatever kept it from ending; the run is unfinished then */
export async function perform(source: StatementSource, record: RunRecord, room: PerformingRoom): Promise<void> {
  const statement = source.kind === 'upload' ? source.statement : await read(source.read, record.run, room);
  const faults = source.kind === 'upload' ? source.faults : [];
  await record.append({
    type: 'StatementTaken',
    ...{ rows: statement.rows.length, asOf: statement.asOf, isComplete: statement.isComplete },
    ...{ faults: faults.slice(0, FAULTS_KEPT_MAX), faultCount: faults.length, takenAt: room.clock.now() },
  });
  // The cut lies after all that had happened when the statement was there: a later one explains, an earlier one would blame.
  const head = await room.log.head();
  if (!(await room.availability.waitFor(head, CATCH_UP_MS))) throw new RunFailed('the read model is behind the log');
  await room.giveWay();
  const key = subjectKey(record.run.subject);
  const side = sideOf(record.run.subject, room);
  try {
    const cased = new Set<string>();
    for (const { sku, isCased } of room.open().openOf(key)) if (isCased) cased.add(sku);
    const { differences, settled } = await compare(statement, {
      ...{ side, record, clock: room.clock, giveWay: room.giveWay },
      judging: judgingOf(record.run, statement, room),
      planning: record.run,
      open: (sku) => room.open().open(key, sku),
      openSkus: () => Array.from(room.open().openOf(key), ({ sku }) => sku),
    });
    await correct(differences, record, room);
    const gone = settled.filter((sku) => cased.has(sku));
    await complete(gone, record, room);
  } finally {
    side.close();
  }
}

/** Goes on with a run that was cut short. */
export async function goOn(
  { record, differences, corrections, settled }: StoredRun,
  room: PerformingRoom,
): Promise<void> {
  if (hasEnded(record.run)) return;
  if (record.run.stage !== 'correcting') {
    throw new RunFailed('the server stopped before the comparison was complete');
  }
  const made = new Set(corrections.map(({ sku }) => sku));
  const cases = corrections.filter(({ plan, outcome }) => plan === 'case' || outcome === 'not-possible').length;
  await correct(
    differences.filter(({ sku }) => !made.has(sku)),
    record,
    room,
    cases,
  );
  await complete(settled, record, room);
}

async function complete(gone: readonly string[], record: RunRecord, room: PerformingRoom): Promise<void> {
  const { subject } = record.run;
  for (const sku of gone) {
    room.cases.cleared('drift', caseKey(subject, sku), record.position);
    room.cases.cleared('unmapped-sku', caseKey(subject, sku), record.position);
  }
  await record.append({ type: 'ReconciliationCompleted', completedAt: room.clock.now() });
}

function read(readPage: ReadStatement, { subject }: Run, room: PerformingRoom): Promise<Statement> {
  const connector = 'channel' in subject ? room.policy().channel(subject.channel)?.connector : undefined;
  const limits = { ...READING_LIMITS, pageEveryMs: pageEveryMs(connector?.ratePerSecond ?? 1) };
  return readStatement(readPage, room, limits, room.closing);
}

function sideOf(subject: Subject, room: PerformingRoom): Side {
  const { log, availability, giveWay } = room;
  const policy = room.policy();
  if ('location' in subject) {
    const settleMs = policy.reconciliation.settleMinutes * MINUTE;
    const unposted = (sku: string) => room.unposted(subject.system, sku, subject.location);
    return locationSide({ log, availability, policy, settleMs, unposted }, subject.location);
  }
  const channel = policy.channel(subject.channel);
  if (channel === undefined) throw new RunFailed(`the policy has no channel ${subject.channel} any more`);
  const isInFlight = (sku: string) => room.isInFlight(channel.id, sku);
  const published = room.published();
  return channelSide({ log, availability, published, isInFlight, policy, giveWay }, channel, isTold(channel));
}

/** It is published to, so it shows what it was told. */
function isTold({ mode, connector }: { readonly mode?: string | undefined; readonly connector?: unknown }): boolean {
  return mode !== 'shadow' && connector !== undefined;
}

function judgingOf({ subject }: Run, { asOf }: Statement, room: PerformingRoom): Judging {
  const policy = room.policy();
  const settleMs = policy.reconciliation.settleMinutes * MINUTE;
  const channel = 'channel' in subject ? policy.channel(subject.channel) : undefined;
  const source = 'channel' in subject ? subject.channel : subject.system;
  return {
    // What is told by us is timed by its answers; what others book for themselves they book when they come to it.
    skewMsMax: channel !== undefined && isTold(channel) ? DEFAULT_SKEW_MS : Math.max(DEFAULT_SKEW_MS, settleMs),
    factsWithinMs: settleMs,
    hasGaps: room.sequences().gaps(source).length > 0,
    asOf,
  };
}
