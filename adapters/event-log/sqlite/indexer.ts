// Keeps the stream index up to date behind the commits. New places stay in memory; when there are enough they are
// frozen as one generation, sorted by stream and written in small slices, one a turn of the event loop. When writing
// falls behind, the next generation simply grows, and a larger generation is cheaper per event.
import type { Database } from './database.ts';
import { type SortedRuns, sortedRuns } from './sorted-runs.ts';
import type { StreamIndex } from './stream-index.ts';

export interface Indexer {
  /** The event at `place` has this revision. Call in log order. */
  add(stream: string, revision: number, place: number): void;
  /** Last revision of a stream among the events not yet indexed. */
  lastRevision(stream: string): number | undefined;
  /** Places of revisions `from`…`to`, which exist. */
  places(stream: string, from: number, to: number): number[];
  /** Whether `step` has something to do. Freezes a generation when enough has come together. */
  ready(endPosition: number): boolean;
  /** One slice. @throws the errors of SQLite; nothing is lost, call again. */
  step(): void;
  readonly unindexedEvents: number;
  /** Writes everything in memory at once: for opening and rebuilding, not while serving. */
  writeAll(endPosition: number): void;
}

/** Per stream: the first revision, then the places of it and what follows. */
type Entries = Map<string, number[]>;

interface Frozen {
  readonly entries: Entries;
  readonly events: number;
  readonly end: number;
  readonly runs: SortedRuns;
  sorted: boolean;
}

export interface IndexerOptions {
  /** Events that come together before a generation is frozen. */
  readonly generationEvents: number;
  /** Rows a slice writes; it grows when more than ten generations' worth of events wait. */
  readonly sliceRows: number;
}

export function createIndexer(database: Database, index: StreamIndex, options: IndexerOptions): Indexer {
  let current: Entries = new Map();
  let currentEvents = 0;
  let frozen: Frozen | undefined;

  const freeze = (end: number) => {
    frozen = { entries: current, events: currentEvents, end, runs: sortedRuns([...current.keys()]), sorted: false };
    current = new Map();
    currentEvents = 0;
  };

  const writeSlice = (generation: Frozen, rows: number) => {
    let done = false;
    // A slice that fails is taken up again from `taken`: the runs have moved on.
    while (taken.length < rows) {
      const stream = generation.runs.next();
      if (stream === undefined) {
        done = true;
        break;
      }
      taken.push(stream);
    }
    database.transaction(() => {
      for (const stream of taken) {
        const entry = generation.entries.get(stream)!;
        index.write(stream, entry[0]!, entry.slice(1));
      }
      if (done) database.setIndexedTo(generation.end);
    });
    taken.length = 0;
    if (done) frozen = undefined;
  };
  const taken: string[] = [];

  const step = (rows: number) => {
    if (frozen === undefined) return;
    if (!frozen.sorted) frozen.sorted = !frozen.runs.sortNext();
    else writeSlice(frozen, rows);
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
      return entry === undefined ? undefined : entry[0]! + entry.length - 2;
    },
    places(stream, from, to) {
      const inMemory = [frozen?.entries.get(stream), current.get(stream)].filter((entry) => entry !== undefined);
      const out: number[] = [];
      const firstInMemory = inMemory[0]?.[0] ?? to + 1;
      if (from < firstInMemory) index.places(stream, from, Math.min(to, firstInMemory - 1), out);
      for (const entry of inMemory) {
        const first = entry[0]!;
        const start = Math.max(from, first);
        const end = Math.min(to, first + entry.length - 2);
        for (let revision = start; revision <= end; revision++) out.push(entry[revision - first + 1]!);
      }
      return out;
    },
    ready(endPosition) {
      if (frozen === undefined && currentEvents >= options.generationEvents) freeze(endPosition);
      return frozen !== undefined;
    },
    step() {
      const behind = currentEvents > 10 * options.generationEvents;
      step(behind ? 10 * options.sliceRows : options.sliceRows);
    },
    get unindexedEvents() {
      return currentEvents + (frozen?.events ?? 0);
    },
    writeAll(endPosition) {
      for (;;) {
        if (frozen === undefined) {
          if (currentEvents === 0) return;
          freeze(endPosition);
        }
        step(100_000);
      }
    },
  };
}
