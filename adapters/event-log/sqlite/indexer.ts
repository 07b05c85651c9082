// Keeps the stream index up to date behind the commits. New places stay in memory; when there are enough they are
// frozen as one generation, sorted into buckets and written in small slices, so that no reply waits long. A slice rides
// in the transaction of a commit that happens anyway: a transaction of its own would double the fsyncs under load.
import type { Database } from './database.ts';
import { createGeneration, type Generation } from './generation.ts';
import type { StreamIndex } from './stream-index.ts';

/** A generation grows with the log, so that a search meets few of them, up to this. */
const GENERATION_EVENTS_MAX = 400_000;
const GENERATIONS_AIM = 64;
const ROWS_MIN = 4;

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
  /**
   * Writes the next slice in the caller's transaction, in proportion to the events this adds; it counts once
   * `sliceCommitted` is called, else it is written again.
   */
  writeSlice(events: number): void;
  sliceCommitted(): void;
  readonly unindexedEvents: number;
  /** Writes everything in memory at once: for rebuilding, not while serving. */
  writeAll(endPosition: number): void;
}

interface Frozen {
  readonly generation: Generation;
  readonly end: number;
  sorted: boolean;
  nextBucket: number;
  /** Bucket after the last one of the slice whose transaction is open. */
  writtenTo: number;
}

export interface IndexerOptions {
  /** Events that come together before a generation is frozen. */
  readonly generationEvents: number;
  /** Rows a slice writes, at most. */
  readonly sliceRows: number;
}

/** @param unindexed what is not in the index yet, to go on with */
export function createIndexer(
  database: Database,
  index: StreamIndex,
  options: IndexerOptions,
  unindexed: Generation = createGeneration(options.generationEvents),
): Indexer {
  let current = unindexed;
  let frozen: Frozen | undefined;

  const freeze = (end: number) => {
    frozen = { generation: current, end, sorted: false, nextBucket: 0, writtenTo: 0 };
    current = createGeneration(options.generationEvents);
  };

  const writeRows = (rows: number) => {
    if (frozen?.sorted !== true) return;
    const { nextBucket, generation, end } = frozen;
    frozen.writtenTo = Math.min(index.buckets, nextBucket + rows);
    for (let bucket = nextBucket; bucket < frozen.writtenTo; bucket++) index.write(bucket, generation);
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
    frozen.sorted = !frozen.generation.sort(index.buckets);
    return true;
  };

  return {
    add: (stream, revision, place) => current.add(stream, revision, place),
    lastRevision: (stream) =>
      current.lastRevision(stream) ?? frozen?.generation.lastRevision(stream) ?? lastIndexed(index, stream),
    places(stream, from, to) {
      const inMemory = [...(frozen?.generation.places(stream, from, to) ?? []), ...current.places(stream, from, to)];
      // Revisions have no hole and memory holds the latest, so what is missing is in front.
      return [...indexedPlaces(index, stream, from, to - inMemory.length), ...inMemory];
    },
    ready(endPosition) {
      const wanted = Math.max(options.generationEvents, Math.min(GENERATION_EVENTS_MAX, endPosition / GENERATIONS_AIM));
      if (frozen === undefined && current.events >= wanted) freeze(endPosition);
      return frozen !== undefined;
    },
    sort,
    writeSlice: (events) =>
      writeRows(rowsFor(current.events, (events * index.buckets) / options.generationEvents, options)),
    sliceCommitted: committed,
    get unindexedEvents() {
      return current.events + (frozen?.generation.events ?? 0);
    },
    writeAll(endPosition) {
      for (;;) {
        if (frozen === undefined) {
          if (current.events === 0) return;
          freeze(endPosition);
        }
        while (sort());
        database.transaction(() => writeRows(index.buckets));
        committed();
      }
    },
  };
}

/**
 * Twice what keeps in step, so that a generation is written long before the next is full; and never so much that a small
 * commit is mostly index. When more comes in even so, the slices grow and the commits with them.
 */
function rowsFor(waitingEvents: number, inStep: number, { sliceRows }: IndexerOptions): number {
  if (waitingEvents > 2 * GENERATION_EVENTS_MAX) return 16 * sliceRows;
  return Math.max(ROWS_MIN, Math.min(sliceRows, Math.ceil(2 * inStep)));
}

function lastIndexed(index: StreamIndex, stream: string): number | undefined {
  const last = index.segments(stream).at(-1);
  return last === undefined ? undefined : last.revision + last.places.length - 1;
}

function indexedPlaces(index: StreamIndex, stream: string, from: number, to: number): number[] {
  const out: number[] = [];
  if (to < from) return out;
  for (const { revision, places } of index.segments(stream)) {
    const end = Math.min(to, revision + places.length - 1);
    for (let wanted = Math.max(from, revision); wanted <= end; wanted++) out.push(places[wanted - revision]!);
  }
  return out;
}
