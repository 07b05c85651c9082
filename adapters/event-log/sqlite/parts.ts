// An open log's parts and how they move together: what a commit makes visible, when the index is written, when the
// write-ahead log is written back, and how all of it is let go again.
import { resolve } from 'node:path';
import { NO_STREAM } from '../../../domain/event-log.ts';
import { type Database, walPages } from './database.ts';
import { type Condition, createCondition, isDiskFull } from './failure.ts';
import { createFrameReader, type FrameReader } from './frame-reader.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { createHeads, type Heads } from './heads.ts';
import { createIndexer, type Indexer } from './indexer.ts';
import type { Limits, SqliteLogOptions } from './options.ts';
import { createRecent, type Recent } from './recent.ts';
import { openRecovered, type Recovery } from './recovery.ts';
import type { SingleWriter } from './single-writer.ts';
import { createStreamIndex, type StreamIndex } from './stream-index.ts';
import type { Turn } from './turn.ts';
import { createWalSync, type WalSync } from './wal-sync.ts';

/** Turns between two looks at the size of the write-ahead log. */
const TURNS_PER_WAL_LOOK = 16;

/** Connections of logs that failed: closing one would fsync again, so they stay open until the process ends. */
const condemned = new Set<unknown>();

export interface OpenParts {
  readonly database: Database;
  readonly index: StreamIndex;
  readonly indexer: Indexer;
  readonly heads: Heads;
  readonly recent: Recent;
  readonly reader: FrameReader;
  readonly commits: GroupCommit;
  readonly condition: Condition;
  readonly recovery: Recovery;
  /** Position of the last durable event, −1 for none. */
  head(): number;
  /** Last durable revision of a stream. */
  headOf(stream: string): number;
  onMoved(listener: () => void): void;
  indexRebuilt(): void;
  close(): void;
}

export function openParts(options: SqliteLogOptions, limits: Limits): OpenParts {
  const opened = openRecovered(resolve(options.directory), options.clock, {
    rebuildIndex: options.rebuildIndex ?? false,
    buckets: limits.indexBuckets,
  });
  const { database, writer, nextPosition } = opened;
  const condition = createCondition(options.onFatal ?? (() => {}));
  let moved = () => {};
  const recent = createRecent(limits.recentEventsMax, limits.recentBytesMax, nextPosition);
  const reader = createFrameReader(database, recent, limits.frameCacheBytesMax);
  const index = createStreamIndex(database, reader.streamAt);
  let indexer = createIndexer(database, index, limits, opened.unindexed);
  const heads = createHeads(limits.headsMax, nextPosition === 0);

  const upkeep = createUpkeep(
    database,
    condition,
    limits,
    () => indexer,
    () => commits,
  );
  const alongside = { write: (events: number) => indexer.writeSlice(events), written: () => indexer.sliceCommitted() };
  const sync = createWalSync(`${database.file}-wal`);
  // What a process that was killed had written and not synced is shown to readers from now on.
  sync.now();
  const committed = (turn: Turn) => {
    for (let n = 0; n < turn.events.length; n++) {
      const event = turn.events[n]!;
      indexer.add(event.stream, event.revision, turn.places[n]!);
      recent.push(event, turn.lengths[n]!);
    }
    for (const [stream, revision] of turn.heads) heads.set(stream, revision);
    upkeep.afterTurn();
    moved();
  };
  const commits = createGroupCommit({ ...limits, database, sync, condition, nextPosition, alongside, committed });

  return {
    database,
    index,
    get indexer() {
      return indexer;
    },
    heads,
    recent,
    reader,
    commits,
    condition,
    recovery: opened.recovery,
    head: () => commits.durableEnd - 1,
    headOf: (stream) => lookUpHead(stream, heads, indexer),
    onMoved(listener) {
      moved = listener;
    },
    indexRebuilt() {
      indexer = createIndexer(database, index, limits);
      heads.clear(false);
      reader.forget();
    },
    close() {
      commits.flush();
      upkeep.stop();
      release(database, sync, writer, condition);
    },
  };
}

function lookUpHead(stream: string, heads: Heads, indexer: Indexer): number {
  const known = heads.get(stream);
  if (known !== undefined) return known;
  if (heads.complete) return NO_STREAM;
  const found = indexer.lastRevision(stream);
  if (found !== undefined) heads.set(stream, found);
  return found ?? NO_STREAM;
}

interface Upkeep {
  afterTurn(): void;
  stop(): void;
}

/** Index slices and checkpoints: one piece a turn, never in the way of the commit that is being answered. */
function createUpkeep(
  database: Database,
  condition: Condition,
  limits: Limits,
  indexer: () => Indexer,
  commits: () => GroupCommit,
): Upkeep {
  let turns = 0;
  let scheduled: NodeJS.Immediate | undefined;

  const work = () => {
    scheduled = undefined;
    if (condition.fatal !== undefined) return;
    try {
      const indexing = indexer().ready(commits().durableEnd);
      const sorting = indexing && indexer().sort();
      // With appends waiting, their commit carries the next slice and brings this back.
      const idle = commits().pendingEvents === 0;
      if (indexing && !sorting && idle) {
        database.transaction(() => indexer().writeSlice(limits.generationEvents));
        indexer().sliceCommitted();
      }
      turns += 1;
      if (turns % TURNS_PER_WAL_LOOK === 0 && walPages(database.connection) >= limits.walPagesMax) {
        database.connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
      }
      if (indexing && (sorting || idle)) schedule();
    } catch (error) {
      // A full disk: both are tried again after the next commit that finds room.
      condition.failed(error);
    }
  };
  const schedule = () => {
    scheduled ??= setImmediate(work);
  };
  return {
    afterTurn: schedule,
    stop() {
      if (scheduled !== undefined) clearImmediate(scheduled);
    },
  };
}

function release(database: Database, sync: WalSync, writer: SingleWriter, condition: Condition): void {
  if (condition.fatal !== undefined) {
    condemned.add(database).add(sync);
    writer.release(false);
    return;
  }
  sync.close();
  try {
    database.connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // A full disk leaves the write-ahead log as it is: durable, and written back at the next start.
    if (!isDiskFull(error)) {
      condition.failed(error);
      condemned.add(database).add(sync);
      writer.release(false);
      return;
    }
    database.connection.close();
    writer.release(false);
    return;
  }
  database.connection.close();
  writer.release(true);
}
