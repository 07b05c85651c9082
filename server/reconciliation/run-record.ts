// Writes one run down, event by event, in a stream that it alone writes to, and keeps the state that follows.
import { CHAIN_GENESIS, chainedEvents, type Hashes } from '../../domain/event-id.ts';
import { NO_STREAM, type Position, START } from '../../domain/event-log.ts';
import {
  type FoundDifference,
  type MadeCorrection,
  RECONCILIATION_EVENT_VERSION,
  type ReconciliationEvent,
  readReconciliationEvent,
  reconciliationEventData,
  reconciliationStream,
} from '../../domain/reconciliation/events.ts';
import { evolveRun, type Run } from '../../domain/reconciliation/run.ts';
import { appendRepeating, type RepeatRoom } from '../append-repeating.ts';

export interface RecordRoom extends RepeatRoom {
  readonly hashes: Hashes;
}

type Unframed<E> = E extends ReconciliationEvent ? Omit<E, 'v'> : never;
export type NewReconciliationEvent = Unframed<ReconciliationEvent>;

export interface RunRecord {
  readonly run: Run;
  /** Of the last event. */
  readonly position: Position;
  /** @throws Conflict when another process writes to this run · Unavailable · UnknownOutcome */
  append(...events: NewReconciliationEvent[]): Promise<void>;
}

interface End {
  readonly revision: number;
  readonly hash: string;
}

/** @throws Conflict when there is a run of that id already */
export async function beginRun(
  room: RecordRoom,
  id: string,
  started: NewReconciliationEvent & { readonly type: 'ReconciliationStarted' },
): Promise<RunRecord> {
  const record = recordFrom(room, id, { revision: NO_STREAM, hash: CHAIN_GENESIS }, undefined, START);
  await record.append(started);
  return record;
}

export interface StoredRun {
  readonly record: RunRecord;
  readonly differences: readonly FoundDifference[];
  readonly corrections: readonly MadeCorrection[];
  /** SKUs that differed in an earlier run, and agreed in this. */
  readonly settled: readonly string[];
}

/** Of up to 250 differences each: reading them is done in slices of a few ms. */
const PAGE_EVENTS = 20;

/** The run of that id with all it found and did, undefined if there is none. O(its events). */
export async function readRun(room: RecordRoom, id: string): Promise<StoredRun | undefined> {
  const differences: FoundDifference[] = [];
  const corrections: MadeCorrection[] = [];
  const settled: string[] = [];
  let run: Run | undefined;
  let end: End = { revision: NO_STREAM, hash: CHAIN_GENESIS };
  let position = START;
  for (;;) {
    const page = await room.log.read(reconciliationStream(id), end.revision + 1, PAGE_EVENTS);
    for (const recorded of page) {
      const event = readReconciliationEvent(recorded);
      run = evolveRun(run, id, event);
      if (event.type === 'DifferencesFound') differences.push(...event.differences);
      else if (event.type === 'CorrectionsMade') corrections.push(...event.corrections);
      else if (event.type === 'DifferencesSettled') settled.push(...event.skus);
      end = { revision: recorded.revision, hash: String(recorded.metadata['hash']) };
      position = recorded.position;
    }
    if (page.length < PAGE_EVENTS) break;
  }
  if (run === undefined) return undefined;
  return { record: recordFrom(room, id, end, run, position), differences, corrections, settled };
}

function recordFrom(room: RecordRoom, id: string, from: End, known: Run | undefined, at: Position): RunRecord {
  const stream = reconciliationStream(id);
  let end = from;
  let run = known;
  let position = at;
  return {
    get run() {
      return run!;
    },
    get position() {
      return position;
    },
    async append(...added) {
      const events = added.map((event) => ({ ...event, v: RECONCILIATION_EVENT_VERSION }) as ReconciliationEvent);
      const cause = `${id}:${end.revision + 1}`;
      const metadata = { correlationId: stream, causationId: stream };
      const chained = chainedEvents(
        { stream, ...end },
        events.map((event) => ({ type: event.type, data: reconciliationEventData(event), metadata })),
        cause,
        room.hashes,
      );
      const appended = await appendRepeating(room, stream, end.revision, chained);
      end = { revision: appended.revision, hash: String(chained.at(-1)!.metadata['hash']) };
      position = appended.position;
      for (const event of events) run = evolveRun(run, id, event);
    },
  };
}
