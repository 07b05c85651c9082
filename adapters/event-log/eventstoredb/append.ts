// Append with a stated expected revision, as one unary call, never with `any`. Promise: what is answered is what the first
// append of these events answered, and an append that fails says whether it may have been made (see errors.ts).
import {
  type AppendResult,
  jsonEvent,
  NO_STREAM as NO_STREAM_YET,
  NotLeaderError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import {
  type Appended,
  Conflict,
  type NewEvent,
  NO_STREAM,
  type RecordedEvent,
  UnknownOutcome,
} from '../../../domain/event-log.ts';
import { repeats } from '../repeated-append.ts';
import type { Connection } from './connection.ts';
import { appendFailure, DeadlinePassed, isTimeout } from './errors.ts';
import { leaderChange } from './leader.ts';
import { readStream } from './read.ts';
import { revisionOf } from './recorded.ts';

/** The server's default `MaxAppendSize`: 1 MiB over data, metadata and twice the type's length of all events. */
export const APPEND_BYTES_MAX = 1_048_576;
export const APPEND_EVENTS_MAX = 1_000;
/** What discovery may take beyond the deadline that grpc enforces on the call itself. */
const GRACE_MS = 250;

export async function appendEvents(
  connection: Connection,
  stream: string,
  expectedRevision: number,
  events: readonly NewEvent[],
): Promise<Appended> {
  refuseOversized(stream, events);
  let answer: AppendResult;
  try {
    answer = await send(connection, stream, expectedRevision, events);
  } catch (error) {
    if (!(error instanceof WrongExpectedVersionError)) throw appendFailure(error, stream);
    const first = await firstAppend(connection, stream, expectedRevision, events);
    if (first !== undefined) return { revision: first.revision, position: first.position };
    const at = error.actualVersion === 'no_stream' ? 'the stream does not exist' : `at ${error.actualVersion}`;
    throw new Conflict(stream, expectedRevision, at);
  }
  const revision = revisionOf(answer.nextExpectedRevision);
  if (answer.success && revision === expectedRevision + events.length && answer.position !== undefined) {
    return { revision, position: answer.position.commit };
  }
  // A repeat may be answered without a position (the server could not look it up): the event knows its own.
  const first = await firstAppend(connection, stream, expectedRevision, events);
  if (first === undefined) throw new UnknownOutcome(`${stream}: EventStoreDB answered revision ${revision}`);
  return { revision: first.revision, position: first.position };
}

async function send(
  connection: Connection,
  stream: string,
  expectedRevision: number,
  events: readonly NewEvent[],
): Promise<AppendResult> {
  const json = events.map(({ id, type, data, metadata }) => jsonEvent({ id, type, data, metadata }));
  const deadlineAt = performance.now() + connection.deadlineMs;
  for (let attempt = 1; ; attempt++) {
    const client = connection.client();
    const leftMs = Math.max(1, deadlineAt - performance.now());
    try {
      const sent = client.appendToStream(stream, json, {
        expectedRevision: expectedRevision === NO_STREAM ? NO_STREAM_YET : BigInt(expectedRevision),
        requiresLeader: true,
        deadline: leftMs,
      });
      return await within(sent, leftMs + GRACE_MS);
    } catch (error) {
      if (isTimeout(error)) connection.suspect(client);
      if (error instanceof NotLeaderError && (await leaderChange(attempt))) continue;
      throw error;
    }
  }
}

/** The last event of the append being made, if it is in the stream already. */
async function firstAppend(
  connection: Connection,
  stream: string,
  expectedRevision: number,
  events: readonly NewEvent[],
): Promise<RecordedEvent | undefined> {
  try {
    return repeats(await readStream(connection, stream, expectedRevision + 1, events.length), events);
  } catch (error) {
    throw new UnknownOutcome(`${stream}: the outcome of the append could not be read back`, { cause: error });
  }
}

async function within<T>(call: Promise<T>, ms: number): Promise<T> {
  const passed = Promise.withResolvers<never>();
  const timer = setTimeout(() => passed.reject(new DeadlinePassed(`no answer within ${Math.round(ms)} ms`)), ms);
  try {
    return await Promise.race([call, passed.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** An append is atomic, so it cannot be cut into pieces: the caller must make it smaller. */
function refuseOversized(stream: string, events: readonly NewEvent[]): void {
  if (events.length === 0 || events.length > APPEND_EVENTS_MAX) {
    throw new RangeError(`${stream}: an append holds 1 to ${APPEND_EVENTS_MAX} events, not ${events.length}`);
  }
  let bytes = 0;
  for (const { type, data, metadata } of events) {
    bytes += 2 * type.length + Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata));
  }
  if (bytes > APPEND_BYTES_MAX) {
    throw new RangeError(`${stream}: an append of ${bytes} bytes is over EventStoreDB's limit of ${APPEND_BYTES_MAX}`);
  }
}
