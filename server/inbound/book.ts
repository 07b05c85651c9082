// What a server knows of one channel's intake, and how it writes on: begun from the projection, read on in the stream, and
// decided anew when another server wrote first.
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import { chainedEvents, type Hashes } from '../../domain/event-id.ts';
import { Conflict, type RecordedEvent } from '../../domain/event-log.ts';
import {
  inboundEventData,
  inboundStream,
  type NewInboundEvent,
  type RawMessage,
  readInboundEvent,
} from '../../domain/inbound/events.ts';
import { type Intake, intakeChange, type Waiting } from '../../domain/inbound/intake.ts';
import type { Clock, Instant } from '../../domain/time.ts';
import type { StoredIntake } from '../../projections/inbound.ts';
import { appendRepeating, type RepeatRoom } from '../append-repeating.ts';

export interface BookRoom extends RepeatRoom {
  readonly clock: Clock;
  readonly hashes: Hashes;
  /** No other process writes to this log. */
  readonly soleWriter: boolean;
}

export interface InboundBook {
  intake(): Intake;
  /** With what other processes have written. @throws Unavailable */
  readOn(): Promise<void>;
  /**
   * Appends what `decide` makes of the intake as it is, in its order; nothing: nothing. In one append up to 500 events.
   * @param traceparent W3C trace context of what brought them
   * @throws Unavailable · UnknownOutcome · Conflict
   */
  record(decide: (intake: Intake) => readonly NewInboundEvent[], traceparent?: string): Promise<void>;
  /** The request that waits, and its trace context. @throws Unavailable · Error when it is not there */
  kept(waiting: Waiting): Promise<{ readonly raw: RawMessage; readonly traceparent: string | undefined }>;
}

const PAGE_EVENTS = 500;
const APPEND_EVENTS_MAX = 500;
const CONFLICTS_MAX = 6;

interface Known {
  revision: number;
  hash: string;
  recordedAt: Instant;
  watermark: string | undefined;
  advancedAt: Instant | undefined;
  readonly waiting: Map<string, Waiting>;
}

/** @throws Unavailable */
export async function openBook(channel: string, stored: StoredIntake, room: BookRoom): Promise<InboundBook> {
  const stream = inboundStream(channel);
  const known: Known = { ...stored, recordedAt: stored.advancedAt ?? 0, waiting: new Map(stored.waiting) };
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const done = turn.then(action);
    turn = done.catch(() => {});
    return done;
  };
  const readOn = async () => {
    for (;;) {
      const page = await room.log.read(stream, known.revision + 1, PAGE_EVENTS);
      for (const recorded of page) take(known, recorded);
      if (page.length < PAGE_EVENTS) return;
    }
  };
  const record = async (decide: (intake: Intake) => readonly NewInboundEvent[], traceparent: string | undefined) => {
    for (let attempt = 1; ; attempt += 1) {
      if (!room.soleWriter || attempt > 1) await readOn();
      const decided = decide(known);
      if (decided.length === 0) return;
      try {
        for (let n = 0; n < decided.length; n += APPEND_EVENTS_MAX) {
          await append(stream, known, decided.slice(n, n + APPEND_EVENTS_MAX), room, traceparent);
        }
        return;
      } catch (error) {
        if (!(error instanceof Conflict) || attempt >= CONFLICTS_MAX) throw error;
        await room.sleep(room.random() * 2 ** attempt);
      }
    }
  };
  await readOn();
  return {
    intake: () => known,
    readOn: () => inTurn(readOn),
    record: (decide, traceparent) => inTurn(() => record(decide, traceparent)),
    async kept({ id, rawAt }) {
      const [recorded] = rawAt === undefined ? [] : await room.log.read(stream, rawAt, 1);
      const event = recorded && readInboundEvent(recorded);
      if (event?.type !== 'MessageSetAside' || event.from.kind !== 'webhook' || event.from.raw === undefined)
        throw new Error(`${stream}@${rawAt} does not have the message ${id}`);
      return { raw: event.from.raw, traceparent: traceparentIn(recorded!) };
    },
  };
}

async function append(
  stream: string,
  known: Known,
  decided: readonly NewInboundEvent[],
  room: BookRoom,
  traceparent: string | undefined,
): Promise<void> {
  const recordedAt = Math.max(room.clock.now(), known.recordedAt);
  const cause = `${stream}:${known.revision + 1}`;
  const unlinked = decided.map((event) => ({
    type: event.type,
    data: inboundEventData(event, recordedAt),
    metadata: { causationId: cause, ...(traceparent === undefined ? undefined : { traceparent }) },
  }));
  const events = chainedEvents({ ...known, stream }, unlinked, cause, room.hashes);
  await appendRepeating(room, stream, known.revision, events);
  const first = known.revision + 1;
  for (const [n, event] of events.entries()) take(known, { ...event, stream, revision: first + n });
}

function take(known: Known, recorded: Omit<RecordedEvent, 'position'>): void {
  const event = readInboundEvent(recorded as RecordedEvent);
  const before = 'id' in event ? known.waiting.get(event.id) : undefined;
  const change = intakeChange(event, recorded.revision, before);
  if ('watermark' in change) Object.assign(known, change);
  else if (change.row === undefined) known.waiting.delete(change.id);
  else known.waiting.set(change.id, change.row);
  known.revision = recorded.revision;
  known.hash = String(recorded.metadata['hash'] ?? '');
  known.recordedAt = event.recordedAt;
}
