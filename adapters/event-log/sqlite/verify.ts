// Proves the whole log: every frame against its checksum and its neighbour, every stream's revisions without a hole,
// every row of the stream index against the events it names. Also writes the index again from the frames.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LogCorrupt, NO_STREAM } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';
import { checkFrame, eventsOf, type Frame, placeOf } from './frame.ts';
import { createIndexer } from './indexer.ts';
import type { StreamIndex } from './stream-index.ts';

/** Frames looked at before other work gets a turn. */
const FRAMES_PER_TURN = 16;
/** Events held in memory while the index is written again. */
const REBUILD_EVENTS = 500_000;

export interface VerifyProgress {
  readonly events: number;
  readonly of: number;
}

export interface Verified {
  readonly events: number;
  readonly frames: number;
  readonly streams: number;
}

/** The frame that must be next. @throws LogCorrupt */
function frameNext(database: Database, position: number): Frame {
  const frame = database.frameAt(position);
  if (frame === undefined) throw new LogCorrupt(`${database.file}: there is no frame at position ${position}`);
  return checkFrame(frame, database.file);
}

/** Checks up to the head at the start; runs beside appends. `stillOpen` throws when the log was closed meanwhile. */
export async function verifyLog(
  database: Database,
  index: StreamIndex,
  head: () => number,
  stillOpen: () => void,
  onProgress: (progress: VerifyProgress) => void = () => {},
): Promise<Verified> {
  const end = head() + 1;
  const heads = new Map<string, number>();
  let frames = 0;
  let position = 0;
  while (position < end) {
    const frame = frameNext(database, position);
    for (const { stream, revision, position: at } of eventsOf(frame)) {
      const expected = (heads.get(stream) ?? NO_STREAM) + 1;
      if (revision !== expected) {
        throw new LogCorrupt(`${database.file}: position ${at} is revision ${revision} of ${stream}, not ${expected}`);
      }
      heads.set(stream, revision);
    }
    position += frame.count;
    frames += 1;
    if (frames % FRAMES_PER_TURN === 0) {
      onProgress({ events: position, of: end });
      await nextTurn();
      stillOpen();
    }
  }
  verifyIndex(database, index);
  onProgress({ events: position, of: end });
  return { events: position, frames, streams: heads.size };
}

/** In one go: rows are added under a slow walk. */
function verifyIndex(database: Database, index: StreamIndex): void {
  const check = database.connection.prepare("PRAGMA quick_check('stream_index')").get()?.['quick_check'];
  if (check !== 'ok') throw new LogCorrupt(`${database.file}: the stream index is damaged: ${String(check)}`);
  let events = 0;
  for (let bucket = 0; bucket < index.buckets; bucket++) events += index.countEvents(bucket);
  const expected = database.meta('indexed_to');
  if (events !== expected) {
    throw new LogCorrupt(`${database.file}: the stream index holds ${events} of ${expected} events; rebuild it`);
  }
}

/** Writes the index of every event before `end` (where a frame ends). Blocks. @throws LogCorrupt */
export function rebuildStreamIndex(database: Database, index: StreamIndex, end: number): void {
  database.transaction(() => index.clear());
  const indexer = createIndexer(database, index, { generationEvents: REBUILD_EVENTS, sliceRows: REBUILD_EVENTS });
  for (let position = 0; position < end; ) {
    const frame = frameNext(database, position);
    for (const [n, { stream, revision }] of eventsOf(frame).entries()) {
      indexer.add(stream, revision, placeOf(position, n));
    }
    position += frame.count;
    if (indexer.unindexedEvents >= REBUILD_EVENTS || position >= end) {
      indexer.writeAll(position);
      database.connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    }
  }
}
