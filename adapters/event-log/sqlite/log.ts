// The embedded event log: one SQLite file, frames of events, one commit a turn. This file joins the parts to the port.
//
// Promise: an append resolves after its fsync; a failed fsync acknowledges nothing ever after; a full disk keeps reads
// up; one process at a time; damage is cut off and reported where only the tail is lost, and refused otherwise.
import {
  type Appended,
  Conflict,
  type EventLog,
  type EventToAppend,
  type NewEvent,
  type Position,
  type RecordedEvent,
  Unavailable,
} from '../../../domain/event-log.ts';
import { repeats } from '../repeated-append.ts';
import { createTail } from '../tail.ts';
import { reading } from './failure.ts';
import { checkAppend, limitsOf, type SqliteLogOptions } from './options.ts';
import { type OpenParts, openParts } from './parts.ts';
import type { Recovery } from './recovery.ts';
import { rebuildStreamIndex, type Verified, type VerifyProgress, verifyLog } from './verify.ts';

export interface SqliteLogStats {
  readonly head: Position;
  readonly pendingEvents: number;
  readonly unindexedEvents: number;
  readonly headsCached: number;
  readonly cachedBytes: number;
  readonly diskFull: boolean;
  readonly down: boolean;
}

export interface SqliteLog extends EventLog {
  /** What opening found and did. */
  readonly recovery: Recovery;
  /** Walks every frame, stream and index row. @throws LogCorrupt naming the first place that is wrong */
  verify(onProgress?: (progress: VerifyProgress) => void): Promise<Verified>;
  /** Writes the stream index again from the frames. Holds everything else up: for maintenance. */
  rebuildIndex(): Promise<void>;
  stats(): SqliteLogStats;
}

/** @throws LogInUse · LogFormatUnknown · LogCorrupt */
export async function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  const parts = openParts(options, limitsOf(options));
  const tail = createTail();
  parts.onMoved(tail.moved);
  let closed: Promise<void> | undefined;

  const open = () => {
    if (closed !== undefined) throw new Unavailable('closed', 'the event log is closed');
  };
  const readAll = async (after: Position, limit: number) => {
    open();
    return reading(parts.database.file, () => parts.reader.scan(Number(after) + 1, limit, parts.head()));
  };

  return {
    recovery: parts.recovery,
    // Not `async`: on the hottest path each promise in between counts.
    append(stream, expectedRevision, events) {
      try {
        open();
        checkAppend(stream, events);
        return reading(parts.database.file, () => append(parts, stream, expectedRevision, events));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async read(stream, from, limit) {
      open();
      return reading(parts.database.file, () => readStream(parts, stream, from, limit));
    },
    readAll,
    async head() {
      open();
      return BigInt(parts.head());
    },
    subscribe: (after, signal) => tail.follow(after, signal, readAll),
    async verify(onProgress) {
      open();
      return verifyLog(parts.database, parts.index, () => parts.head(), open, onProgress);
    },
    async rebuildIndex() {
      open();
      parts.commits.flush();
      rebuildStreamIndex(parts.database, parts.index, parts.head() + 1);
      parts.indexRebuilt();
    },
    stats: () => statsOf(parts),
    close() {
      closed ??= (async () => {
        parts.close();
        tail.close();
      })();
      return closed;
    },
  };
}

function append(
  parts: OpenParts,
  stream: string,
  expected: number,
  events: readonly EventToAppend[],
): Promise<Appended> {
  const { commits, condition } = parts;
  if (condition.fatal !== undefined) throw condition.fatal;
  const pending = commits.pendingHead(stream);
  const head = pending ?? parts.headOf(stream);
  if (head === expected) return commits.append(stream, expected, events);
  const decide = () => repeatOrConflict(parts, stream, expected, events);
  // Against what is still being written nothing can be said yet: a conflict with it may turn out to be none.
  return pending === undefined ? Promise.resolve(decide()) : commits.afterCommit(decide);
}

function repeatOrConflict(parts: OpenParts, stream: string, expected: number, events: readonly NewEvent[]): Appended {
  const last = repeats(readStream(parts, stream, expected + 1, events.length), events);
  if (last === undefined) throw new Conflict(stream, expected, `the stream is at ${parts.headOf(stream)}`);
  return { revision: last.revision, position: last.position };
}

function readStream(parts: OpenParts, stream: string, from: number, limit: number): readonly RecordedEvent[] {
  const first = Math.max(0, from);
  const last = Math.min(first + limit - 1, parts.headOf(stream));
  if (last < first) return [];
  return parts.indexer.places(stream, first, last).map((place, n) => parts.reader.event(place, stream, first + n));
}

function statsOf(parts: OpenParts): SqliteLogStats {
  return {
    head: BigInt(parts.head()),
    pendingEvents: parts.commits.pendingEvents,
    unindexedEvents: parts.indexer.unindexedEvents,
    headsCached: parts.heads.size,
    cachedBytes: parts.reader.cachedBytes + parts.recent.bytes,
    diskFull: parts.condition.diskFull,
    down: parts.condition.fatal !== undefined,
  };
}
