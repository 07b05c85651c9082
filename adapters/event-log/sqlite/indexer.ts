// Keeps the stream index up to date behind the commits. New places stay in memory; when there are enough they are
// frozen as one generation, sorted into buckets and written in small slices, one a turn of the event loop, so that no
// reply waits long. While a generation is being written the next one comes together.
import type { Database } from './database.ts';
import type { Segment } from './index-row.ts';
import type { StreamIndex } from './stream-index.ts';

/** Streams of a frozen generation put into their buckets in one turn. */
const STREAMS_PER_SLICE = 5_000;
/** A generation grows with the log, so that a search meets few of them, up to this. */
const GENERATION_EVENTS_MAX = 400_000;
const GENERATIONS_AIM = 64;

export interface Indexer {
  /** The event at `place` has this revision. Call in log order. */
  add(stream: string, revision: number, place: number): void;
  /** Last revision of a stream, undefined when it has no event. @throws LogCorrupt */
  lastRevision(stream: string): number | undefined;
  /** Places of revisions `from`…`to`, which exist. @throws LogCorrupt */
  places(stream: string, from: number, to: number): number[];
  /** Whether `step` has something to do. Freezes a generation when enough has come together. */
  ready(endPosition: number): boolean;
  /** One slice. @throws the errors of SQLite; nothing is lost, call again. */
  step(): void;
  readonly unindexedEvents: number;
  /** Writes everything in memory at once: for rebuilding, not while serving. */
  writeAll(endPosition: number): void;
}

/** Per stream: the first revision, then the places of it and what follows. */
type Entries = Map<string, number[]>;

interface Frozen {
  readonly entries: Entries;
  readonly events: number;
  readonly end: number;
  readonly toSort: MapIterator<[string, number[]]>;
  readonly buckets: Map<string, Segment>[];
  sorted: boolean;
  nextBucket: number;
}

export interface IndexerOptions {
  /** Events that come together before a generation is frozen. */
  readonly generationEvents: number;
  /** Rows a slice writes. */
  readonly sliceRows: number;
}

export function createIndexer(database: Database, index: StreamIndex, options: IndexerOptions): Indexer {
  let current: Entries = new Map();
  let currentEvents = 0;
  let frozen: Frozen | undefined;

  const freeze = (end: number) => {
    const buckets = Array.from({ length: index.buckets }, () => new Map<string, Segment>());
    const state = { sorted: false, nextBucket: 0 };
    frozen = { entries: current, events: currentEvents, end, toSort: current.entries(), buckets, ...state };
    current = new Map();
    currentEvents = 0;
  };

  const step = (rows: number) => {
    if (frozen === undefined) return;
    if (!frozen.sorted) frozen.sorted = sortSlice(frozen, index);
    else if (writeSlice(database, index, frozen, rows)) frozen = undefined;
  };

  return {
    add(stream, revision, place) {
      const entry = current.get(stream);
      if (entry === undefined) current.set(stream, [revision, place]);
      else entry.push(place);
      currentEvents += 1;
    },
    lastRevision(stream) {
      const entry = current.get(stream) ?? frozen?.entries.get(stream);
      if (entry !== undefined) return entry[0]! + entry.length - 2;
      const last = index.segments(stream).at(-1);
      return last === undefined ? undefined : last.revision + last.places.length - 1;
    },
    places(stream, from, to) {
      const inMemory = [frozen?.entries.get(stream), current.get(stream)].filter((entry) => entry !== undefined);
      const out: number[] = [];
      const firstInMemory = inMemory[0]?.[0] ?? to + 1;
      if (from < firstInMemory) {
        const last = Math.min(to, firstInMemory - 1);
        for (const { revision, places } of index.segments(stream)) takePlaces(places, 0, revision, from, last, out);
      }
      for (const entry of inMemory) takePlaces(entry, 1, entry[0]!, from, to, out);
      return out;
    },
    ready(endPosition) {
      const wanted = Math.max(options.generationEvents, Math.min(GENERATION_EVENTS_MAX, endPosition / GENERATIONS_AIM));
      if (frozen === undefined && currentEvents >= wanted) freeze(endPosition);
      return frozen !== undefined;
    },
    // When even so more comes in than is written, the slices grow and with them the commits that wait for them.
    step: () => step(currentEvents > 2 * GENERATION_EVENTS_MAX ? 16 * options.sliceRows : options.sliceRows),
    get unindexedEvents() {
      return currentEvents + (frozen?.events ?? 0);
    },
    writeAll(endPosition) {
      for (;;) {
        if (frozen === undefined) {
          if (currentEvents === 0) return;
          freeze(endPosition);
        }
        step(index.buckets);
      }
    },
  };
}

/** Appends those of `list` (whose element `offset` is the place of `revision`) that are of revisions `from`…`to`. */
function takePlaces(
  list: readonly number[],
  offset: number,
  revision: number,
  from: number,
  to: number,
  out: number[],
): void {
  const start = Math.max(from, revision);
  const end = Math.min(to, revision + list.length - offset - 1);
  for (let wanted = start; wanted <= end; wanted++) out.push(list[wanted - revision + offset]!);
}

/** True when every stream is in its bucket. */
function sortSlice(frozen: Frozen, index: StreamIndex): boolean {
  for (let n = 0; n < STREAMS_PER_SLICE; n++) {
    const { done, value } = frozen.toSort.next();
    if (done) return true;
    const [stream, [revision, ...places]] = value as [string, [number, ...number[]]];
    frozen.buckets[index.bucketOf(stream)]!.set(stream, { revision, places });
  }
  return false;
}

/** True when the generation is whole. */
function writeSlice(database: Database, index: StreamIndex, frozen: Frozen, rows: number): boolean {
  const to = Math.min(index.buckets, frozen.nextBucket + rows);
  const last = to === index.buckets;
  database.transaction(() => {
    for (let bucket = frozen.nextBucket; bucket < to; bucket++) index.write(bucket, frozen.buckets[bucket]!);
    if (last) index.finish(frozen.end);
  });
  frozen.nextBucket = to;
  if (last) index.finished();
  return last;
}
