// The event log port: what Evenstock needs from a store of events, and nothing more.
// Implementations: memory, embedded SQLite, EventStoreDB. All take the suite in test/contracts/event-log.ts whole.
//
// Promise: `append` resolves only when the events are durable; an append that states an expected revision
// and repeats the same event ids is idempotent, so an append whose outcome is unknown can be repeated.

/** A place in the whole log. Opaque and totally ordered; never convert it to Number. `START` is before the first event. */
export type Position = bigint;
export const START: Position = -1n;

/** The revision a stream has before its first event. The first event of a stream has revision 0. */
export const NO_STREAM = -1;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export interface NewEvent {
  /** A UUID derived from its cause (see `eventId`), so that a repeated append is recognised. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

/** An event to append whose JSON has been made already, for its id and hash: a log that stores JSON need not make it again. */
export interface EventToAppend extends NewEvent {
  readonly texts?: { readonly data: string; readonly metadata: string } | undefined;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
}

export interface Appended {
  /** Revision of the last event appended. */
  readonly revision: number;
  /** Position of the last event appended. */
  readonly position: Position;
}

export interface EventLog {
  /**
   * Appends `events` (1…1,000) to `stream` if its last revision is `expectedRevision` (`NO_STREAM` for none).
   * Repeating an append with the same expected revision and event ids answers what the first one answered.
   * @throws Conflict another writer came first · Unavailable nothing was written · UnknownOutcome it may have been
   */
  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<Appended>;

  /** Events of one stream in order from revision `from`, at most `limit`; empty past its end or for an unknown stream. */
  read(stream: string, from: number, limit: number): Promise<readonly RecordedEvent[]>;

  /** Events of all streams in log order after `after`, at most about `limit` (may end early, empty only at the head). */
  readAll(after: Position, limit: number): Promise<readonly RecordedEvent[]>;

  /** Position of the last event in the log, `START` when it is empty. */
  head(): Promise<Position>;

  /**
   * Catch-up subscription: every event after `after`, in log order, in batches, then live as they are appended.
   * Pull-based, so a slow consumer holds no memory here. Ends when `signal` aborts; throws Unavailable when the
   * connection is lost (the consumer resumes from its own checkpoint; see `projections/runner.ts`).
   * May deliver an event again after a reconnect, never out of order and never with a hole.
   */
  subscribe(after: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]>;

  /** Waits for what is in flight, then releases files and connections. Further calls throw Unavailable. */
  close(): Promise<void>;
}

/** Another writer appended to the stream first. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
  readonly stream: string;
  readonly expectedRevision: number;
  constructor(stream: string, expectedRevision: number, detail = 'another writer appended first') {
    super(`${stream}: expected revision ${expectedRevision}: ${detail}`);
    this.stream = stream;
    this.expectedRevision = expectedRevision;
  }
}

export type UnavailableReason = 'down' | 'disk-full' | 'overloaded' | 'closed';

/** Nothing was written and nothing can be right now; try again later. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly reason: UnavailableReason;
  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The append may or may not have happened. Repeat it with the same event ids and expected revision. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
}

/** Stored bytes are not what was written. Names the place; nothing is skipped. */
export class LogCorrupt extends Error {
  override readonly name = 'LogCorrupt';
}
