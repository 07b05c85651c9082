// Puts reconciliation together with the read model, the publishers and the actors; finishes what an earlier process left,
// then keeps the schedule. Shows how it goes in the log, the metrics and the cases.
import type { ReadStatement } from '../../adapters/channels/statement.ts';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { Run } from '../../domain/reconciliation/run.ts';
import { type Subject, subjectKey, subjectText } from '../../domain/reconciliation/subject.ts';
import { MINUTE } from '../../domain/time.ts';
import type { ProjectionDefinition } from '../../projections/projection.ts';
import type { Published } from '../../projections/published.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import { RECONCILIATIONS_PROJECTION, type Reconciliations } from '../../projections/reconciliations.ts';
import type { RunnerTime } from '../../projections/time.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Remedies } from '../cases/remedies.ts';
import type { Logger } from '../logging.ts';
import type { Books } from './books.ts';
import { subjectFields } from './correct.ts';
import { measureRuns } from './measure.ts';
import { RunInterrupted } from './perform.ts';
import { createReconciler, type Reconciler, type ReconcilerRoom } from './reconciler.ts';
import { addRemedies } from './remedies.ts';
import type { RunRecord } from './run-record.ts';
import { type Due, dues, startSchedule } from './schedule.ts';

export interface ReconciliationRoom extends RunnerTime {
  readonly log: EventLog;
  /** With `RECONCILIATIONS_PROJECTION` and `publishedProjection` among its projections. */
  readonly readModel: ReadModel;
  readonly publishedProjection: ProjectionDefinition<Published>;
  readonly publishing: Pick<Publishing, 'republish' | 'isInFlight' | 'status'>;
  readonly actors: Pick<StockActors, 'submit'>;
  readonly policy: () => Policy;
  /** How a channel's statement is read; undefined: it cannot be asked. @throws Error that says what to set */
  readonly readStatementOf: (channel: string) => ReadStatement | undefined;
  /** ERPs: how their on-hand is read, and what they are not told yet. */
  readonly books?: Books | undefined;
  readonly timers: Timers;
  readonly hashes: Hashes;
  readonly soleWriter: boolean;
  readonly cases: CaseSink;
  readonly remedies: Pick<Remedies, 'add'>;
  readonly logger: Logger;
  readonly telemetry: Telemetry | undefined;
}

export interface Reconciliation extends Omit<Reconciler, 'takeUp' | 'settled'> {
  /** The instance that serves now. */
  found(): Reconciliations;
  /** What is scheduled, and when it is due. */
  dues(): readonly Due[];
  readonly readStatementOf: ReconciliationRoom['readStatementOf'];
  /** How the books of a system at a location are read; undefined: its statements are uploaded. */
  readonly readBooks: Books['readBooks'];
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  /** Lets others have their turn. */
  readonly giveWay: () => Promise<void>;
  /** Begins nothing more; what is under way stops where it is and is taken up by the next start. */
  close(): Promise<void>;
}

const CATCH_UP_MS = 1_000;
const TAKE_UP_MS = MINUTE;

export async function openReconciliation(room: ReconciliationRoom): Promise<Reconciliation> {
  const { readModel, clock, logger, cases, policy } = room;
  const closing = new AbortController();
  const found = () => readModel.projection(RECONCILIATIONS_PROJECTION);
  const reconciler = createReconciler({ ...roomOf(room, closing.signal), reconciliations: found });
  const { remedies, publishing } = room;
  const readStatementOf = (channel: string) => reading(room, channel);
  addRemedies({ remedies, publishing, reconciler, readStatementOf, now: clock.now });
  const opened = clock.now();
  const head = await room.log.head();
  let endSchedule = () => {};
  let endLooking = () => {};
  const notTakenUp = (error: unknown) =>
    logger.error({ error: String(error) }, 'reconciliations that were cut short could not be taken up');
  const begin = async () => {
    while (!closing.signal.aborted && !(await readModel.waitFor(head, CATCH_UP_MS)));
    await reconciler.takeUp();
    if (closing.signal.aborted) return;
    endSchedule = startSchedule({
      ...{ policy, reconciler, cases, clock, timers: room.timers, reconciliations: found },
      readStatementOf,
      isElsewhere: (subject) =>
        'channel' in subject
          ? publishing.status(subject.channel)?.state === 'elsewhere'
          : room.books?.isElsewhere(subject.system) === true,
      readBooks: (system, location) => room.books?.readBooks(system, location),
      troubled: (error) => logger.error({ error: String(error) }, 'a scheduled reconciliation could not begin'),
    });
    // What another process began and left is known by its silence alone.
    if (!room.soleWriter) endLooking = every(TAKE_UP_MS, room.timers, () => reconciler.takeUp().catch(notTakenUp));
  };
  const begun = begin().catch(notTakenUp);
  return {
    ...reconciler,
    found,
    dues: () => dues(policy(), found(), opened, clock.now()),
    readStatementOf: room.readStatementOf,
    readBooks: (system, location) => room.books?.readBooks(system, location),
    random: room.random,
    giveWay: () => new Promise((resolve) => room.atTurnEnd(resolve)),
    async close() {
      closing.abort();
      endSchedule();
      await begun;
      endSchedule();
      endLooking();
      await reconciler.settled();
    },
  };
}

function every(ms: number, timers: Timers, action: () => Promise<void>): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = timers.after(ms, () => void action().finally(next));
  };
  next();
  return () => cancel();
}

/** A channel whose secret is missing cannot be asked: the schedule says that its statement is late. */
function reading(room: ReconciliationRoom, channel: string): ReadStatement | undefined {
  try {
    return room.readStatementOf(channel);
  } catch (error) {
    room.logger.warn({ channel, error: String(error) }, 'its statement cannot be asked for');
    return undefined;
  }
}

function roomOf(room: ReconciliationRoom, closing: AbortSignal): Omit<ReconcilerRoom, 'reconciliations'> {
  const measure = measureRuns(room.telemetry);
  const { readModel, publishing, log, clock, random, sleep, hashes, cases, policy, soleWriter, atTurnEnd } = room;
  return {
    ...{ log, clock, random, sleep, hashes, cases, policy, soleWriter, closing },
    stocks: room.actors,
    availability: readModel.availability,
    published: () => readModel.projection(room.publishedProjection),
    open: () => readModel.projection(RECONCILIATIONS_PROJECTION),
    sequences: readModel.sequences,
    republish: publishing.republish,
    isInFlight: publishing.isInFlight,
    unposted: async (system, sku, location) => room.books?.unposted(system, sku, location),
    giveWay: () =>
      new Promise((resolve, reject) =>
        atTurnEnd(() => (closing.aborted ? reject(new RunInterrupted('the server stops')) : resolve())),
      ),
    ended: (record, error) => ended(room, measure, record, error),
  };
}

function ended(
  { logger, cases }: ReconciliationRoom,
  measure: (run: Run) => void,
  { run }: RunRecord,
  error: unknown,
): void {
  const { id, subject, stage, reason, cause, compared, corrected } = run;
  const about = { run: id, subject: subjectText(subject) };
  if (error instanceof RunInterrupted) return void logger.info(about, 'reconciliation interrupted');
  if (error !== undefined) logger.error({ ...about, error: String(error) }, 'reconciliation ended by an error');
  if (stage === 'completed') {
    logger.info({ ...about, totals: compared?.totals, corrected }, 'reconciliation completed');
    cases.cleared('drift', failedKey(subject));
  } else if (stage === 'failed') {
    logger.warn({ ...about, reason }, 'reconciliation failed');
    // Who asked for it sees it; of one that nobody asked for somebody must be told.
    if (cause === 'schedule') {
      cases.raise({
        ...{ kind: 'drift', key: failedKey(subject), subject: subjectFields(subject) },
        detail: `${subjectText(subject)} could not be compared: ${reason}`,
      });
    }
  }
  measure(run);
}

function failedKey(subject: Subject): string {
  return `reconciliation:${subjectKey(subject)} failed`;
}
