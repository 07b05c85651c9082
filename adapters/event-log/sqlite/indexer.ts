// Keeps the stream index up to date behind the commits. New places stay in memory; when there are enough they are
// frozen as one generation, sorted into buckets and written in small slices, so that no reply waits long. A slice rides
// in the transaction of a commit that happens anyway: a transaction of its own would double the fsyncs under load.
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
  /** Puts a slice of the frozen generation's streams into their buckets. False when there are none left to put. */
  sort(): boolean;
  /** Writes the next slice in the caller's transaction; it counts once `sliceCommitted` is called, else it is written again. */
  writeSlice(): void;
  sliceCommitted(): void;
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
  /** Bucket after the last one of the slice whose transaction is open. */
  writtenTo: number;
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
    const state = { sorted: false, nextBucket: 0, writtenTo: 0 };
    frozen = { entries: current, events: currentEvents, end, toSort: current.entries(), buckets, ...state };
    current = new Map();
    currentEvents = 0;
  };

  const writeRows = (rows: number) => {
    if (frozen?.sorted !== true) return;
    const { nextBucket, buckets, end } = frozen;
    frozen.writtenTo = Math.min(index.buckets, nextBucket + rows);
    for (let bucket = nextBucket; bucket < frozen.writtenTo; bucket++) index.write(bucket, buckets[bucket]!);
    if (frozen.writtenTo === index.buckets) index.finish(end);
  };
  const committed = () => {
    if (frozen === undefined) return;
    frozen.nextBucket = frozen.writtenTo;
    if (frozen.nextBucket < index.buckets) return;
    index.finished();
    frozen = undefined;
  };
  const sort = () => {
    if (frozen === undefined || frozen.sorted) return false;
    frozen.sorted = sortSlice(frozen, index);
    return true;
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
    sort,
    // When even so more comes in than is written, the slices grow and with them the commits that carry them.
    writeSlice: () => writeRows(currentEvents > 2 * GENERATION_EVENTS_MAX ? 16 * options.sliceRows : options.sliceRows),
    sliceCommitted: committed,
    get unindexedEvents() {
      return currentEvents + (frozen?.events ?? 0);
    },
    writeAll(endPosition) {
      for (;;) {
        if (frozen === undefined) {
          if (currentEvents === 0) return;
          freeze(endPosition);
        }
        while (sort());
        database.transaction(() => writeRows(index.buckets));
        committed();
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
