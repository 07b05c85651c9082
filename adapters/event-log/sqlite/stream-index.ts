// Where the events of a stream are, written long after the commit and rebuildable from the frames. One row per bucket
// of streams and generation of events: what a generation costs to write does not depend on how many streams there are
// (see docs/decisions/0003-embedded-log.md). Every bucket has a row in every generation,
// empty or not, each with a checksum: a row that is damaged or missing is seen, never taken for "no events".
import { LogCorrupt } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';
import type { Generation } from './generation.ts';
import { encodeRow, hashStream, rowIsWhole, type Segment, segmentsIn } from './index-row.ts';

interface Row {
  readonly generation: number;
  readonly streams: Uint8Array;
}

export interface StreamIndex {
  readonly buckets: number;
  /** Generations that are wholly written. */
  readonly generations: number;
  /** Segments of a stream in order, contiguous from revision 0; empty when no event of it is indexed. @throws LogCorrupt */
  segments(stream: string): readonly Segment[];
  /** One row of the generation being written. Idempotent. */
  write(bucket: number, from: Generation): void;
  /** The generation is whole and ends before `end`. In the transaction of its last row. */
  finish(end: number): void;
  /** After that transaction committed. */
  finished(): void;
  clear(): void;
  /** Events in a bucket's rows, each row checked. @throws LogCorrupt */
  countEvents(bucket: number): number;
}

export function createStreamIndex(database: Database, streamAt: (place: number) => string): StreamIndex {
  const { connection, file } = database;
  const select = connection.prepare(
    'SELECT generation, streams FROM stream_index WHERE bucket = ? AND generation < ? ORDER BY generation',
  );
  const insert = connection.prepare(
    'INSERT OR REPLACE INTO stream_index (bucket, generation, streams) VALUES (?, ?, ?)',
  );
  const buckets = database.meta('buckets');
  let generations = database.meta('generations');

  const rowsOf = (bucket: number): Row[] => {
    const rows = select.all(bucket, generations) as unknown as Row[];
    for (let n = 0; n < generations; n++) {
      const row = rows[n];
      if (row?.generation !== n || !rowIsWhole(bucket, n, row.streams)) {
        throw new LogCorrupt(
          `${file}: the stream index is damaged at bucket ${bucket} generation ${n}; the events are not: rebuild the index`,
        );
      }
    }
    return rows;
  };

  const found = (bucket: number, tag: number | undefined): Segment[] => {
    const segments: Segment[] = [];
    for (const row of rowsOf(bucket)) segmentsIn(row.streams, tag, segments);
    return segments;
  };

  return {
    buckets,
    get generations() {
      return generations;
    },
    segments(stream) {
      const { bucket, tag } = hashStream(stream);
      return ofStream(found(bucket % buckets, tag), stream, streamAt, file);
    },
    write: (bucket, from) =>
      void insert.run(bucket, generations, encodeRow(bucket, generations, from.inBucket(bucket))),
    finish(end) {
      database.setMeta('generations', generations + 1);
      database.setMeta('indexed_to', end);
    },
    finished() {
      generations += 1;
    },
    clear() {
      database.clearIndex();
      generations = 0;
    },
    countEvents: (bucket) => found(bucket, undefined).reduce((sum, segment) => sum + segment.places.length, 0),
  };
}

/**
 * Keeps the segments that are this stream's. All have its tag; each stream's segments run from revision 0 without a
 * hole, so if together they do, they are one stream's and one event tells whose. Else each is looked at.
 */
function ofStream(
  segments: readonly Segment[],
  stream: string,
  streamAt: (place: number) => string,
  file: string,
): readonly Segment[] {
  if (segments.length === 0) return segments;
  const isOurs = (segment: Segment) => streamAt(segment.places[0]!) === stream;
  if (contiguous(segments)) return isOurs(segments[segments.length - 1]!) ? segments : [];
  const ours = segments.filter(isOurs);
  if (!contiguous(ours)) throw new LogCorrupt(`${file}: the stream index has a hole in ${stream}; rebuild the index`);
  return ours;
}

function contiguous(segments: readonly Segment[]): boolean {
  let next = 0;
  for (const { revision, places } of segments) {
    if (revision !== next) return false;
    next += places.length;
  }
  return true;
}
