// Measures the embedded log: appends against a row-per-event table in the same run (in turns of a second, so that what
// else the machine does falls on both), commit latency, scan, hydration, restart. `node bench/event-log.ts [streams] [seconds]` prints one table; the functions return the numbers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteLog, type SqliteLog } from '../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../adapters/platform.ts';
import { type NewEvent, START } from '../domain/event-log.ts';

export interface AppendFigures {
  readonly eventsPerSecond: number;
  readonly cpuMicrosPerEvent: number;
  readonly commitMsP50: number;
  readonly commitMsP99: number;
  readonly commitMsMax: number;
  readonly events: number;
}

export interface AppendLoad {
  readonly streams: number;
  /** Appends of one event each that share a commit. */
  readonly batch: number;
  readonly seconds: number;
}

const stream = (n: number) =>
  `stock-SKU-${String(n % 40_000).padStart(5, '0')}~store-${String(Math.floor(n / 40_000)).padStart(3, '0')}`;

/** About 500 bytes as stored, like a sale with its chain hashes. */
export function benchEvent(n: number): NewEvent {
  const tail = String(n).padStart(12, '0');
  return {
    id: `7c9e6679-7425-50de-944b-${tail}`,
    type: 'UnitsSold',
    data: {
      v: 1,
      commandId: `pos-eu-west:receipt:${tail}:1`,
      quantity: (n % 5) + 1,
      occurredAt: 1_790_000_000_000 + n,
      recordedAt: 1_790_000_000_900 + n,
      source: { name: 'pos-eu-west', sequence: n },
      channel: 'store',
      receipt: `R-${tail}`,
      till: `till-${n % 12}`,
    },
    metadata: {
      previousHash: 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE',
      hash: `c2hhMjU2LWxvb2thbGlrZS1mb3ItYmVuY2g${tail.slice(3)}`,
    },
  };
}

/** A linear congruential generator: the same streams in the same order for both stores. */
function randomStreams(streams: number): () => number {
  let state = 12_345;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * streams);
  };
}

/** Collects commits over several slices of time. */
function tally() {
  const durations: number[] = [];
  let events = 0;
  let seconds = 0;
  let cpuMicros = 0;
  return {
    /** Calls `commit` (which answers how many events it wrote) again and again for a while. */
    async during(slice: number, commit: () => Promise<number> | number): Promise<void> {
      const cpu = process.cpuUsage();
      const start = performance.now();
      let now = start;
      while (now - start < slice * 1000) {
        events += await commit();
        const then = performance.now();
        durations.push(then - now);
        now = then;
      }
      seconds += (now - start) / 1000;
      const used = process.cpuUsage(cpu);
      cpuMicros += used.user + used.system;
    },
    figures(): AppendFigures {
      durations.sort((a, b) => a - b);
      const at = (share: number) =>
        durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? 0;
      return {
        eventsPerSecond: Math.round(events / seconds),
        cpuMicrosPerEvent: Number((cpuMicros / events).toFixed(2)),
        commitMsP50: at(0.5),
        commitMsP99: at(0.99),
        commitMsMax: at(1),
        events,
      };
    },
  };
}

/** One event in each stream, so that the measured appends meet streams that exist and lie all over the index. */
async function fill(log: SqliteLog, streams: number): Promise<void> {
  for (let n = 0; n < streams; n += 1_000) {
    const turn: Promise<unknown>[] = [];
    for (let k = n; k < Math.min(streams, n + 1_000); k++) turn.push(log.append(stream(k), -1, [benchEvent(k)]));
    await Promise.all(turn);
  }
}

/** Appends to streams that hold one event each. Answers the commit to repeat. */
function appending({ streams, batch }: AppendLoad, log: SqliteLog): () => Promise<number> {
  const revisions = new Int32Array(streams);
  const pick = randomStreams(streams);
  let events = streams;
  return async () => {
    const turn: Promise<unknown>[] = [];
    for (let n = 0; n < batch; n++) {
      const picked = pick();
      turn.push(log.append(stream(picked), revisions[picked]!, [benchEvent(events++)]));
      revisions[picked]! += 1;
    }
    await Promise.all(turn);
    return batch;
  };
}

export async function benchAppend(load: AppendLoad, log: SqliteLog): Promise<AppendFigures> {
  const run = tally();
  await run.during(load.seconds, appending(load, log));
  return run.figures();
}

/** The obvious design: a row per event, unique (stream, revision), the same settings, the same commits. */
function rowPerEvent({ streams, batch }: AppendLoad, directory: string) {
  const db = new DatabaseSync(join(directory, 'rows.sqlite'));
  db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;
    CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL,
      type TEXT NOT NULL, data TEXT NOT NULL, metadata TEXT NOT NULL, UNIQUE (stream, revision));`);
  const insert = db.prepare(
    'INSERT INTO events (stream, revision, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const add = (name: string, revision: number, event: NewEvent) =>
    insert.run(name, revision, event.id, event.type, JSON.stringify(event.data), JSON.stringify(event.metadata));
  const revisions = new Int32Array(streams);
  const pick = randomStreams(streams);
  let events = streams;
  return {
    fill() {
      for (let n = 0; n < streams; n++) {
        if (n % 10_000 === 0) db.exec(n === 0 ? 'BEGIN' : 'COMMIT; BEGIN');
        add(stream(n), 0, benchEvent(n));
      }
      db.exec('COMMIT');
    },
    commit() {
      db.exec('BEGIN');
      for (let n = 0; n < batch; n++) {
        const picked = pick();
        revisions[picked]! += 1;
        add(stream(picked), revisions[picked]!, benchEvent(events++));
      }
      db.exec('COMMIT');
      return batch;
    },
    close: () => db.close(),
  };
}

/** Both stores in turns of a second. */
export async function benchAppendAgainstRows(load: AppendLoad, log: SqliteLog, directory: string) {
  const rows = rowPerEvent(load, directory);
  rows.fill();
  const [framed, perEvent] = [tally(), tally()];
  const append = appending(load, log);
  for (let second = 0; second < load.seconds; second++) {
    await framed.during(1, append);
    await perEvent.during(1, rows.commit);
  }
  rows.close();
  const [frames, rowFigures] = [framed.figures(), perEvent.figures()];
  const ratio = Number((frames.eventsPerSecond / rowFigures.eventsPerSecond).toFixed(1));
  return { frames, rows: rowFigures, ratio };
}

/** Reads the whole log once, as a rebuild does. Events a second, parsed. */
export async function benchScan(log: SqliteLog): Promise<number> {
  const start = performance.now();
  let events = 0;
  for (let after = START; ; ) {
    const page = await log.readAll(after, 1_000);
    if (page.length === 0) break;
    events += page.length;
    after = page[page.length - 1]!.position;
  }
  return Math.round(events / ((performance.now() - start) / 1000));
}

/** Reads whole cold streams at random. Streams a second, and events a stream. */
export async function benchHydrate(log: SqliteLog, streams: number, seconds: number) {
  const pick = randomStreams(streams);
  const start = performance.now();
  let reads = 0;
  let events = 0;
  while (performance.now() - start < seconds * 1000) {
    events += (await log.read(stream(pick()), 0, 100)).length;
    reads += 1;
  }
  return { readsPerSecond: Math.round(reads / ((performance.now() - start) / 1000)), eventsPerRead: events / reads };
}

export async function benchEventLog(streams: number, seconds: number) {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-bench-'));
  try {
    const open = () => openSqliteLog({ directory, clock: systemClock });
    let log = await open();
    const filled = performance.now();
    await fill(log, streams);
    const fillPerSecond = Math.round(streams / ((performance.now() - filled) / 1000));
    const append = await benchAppendAgainstRows({ streams, batch: 100, seconds }, log, directory);
    const unindexed = log.stats().unindexedEvents;
    const residentMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
    await log.close();
    const restart = performance.now();
    log = await open();
    const restartMs = Math.round(performance.now() - restart);
    const scanPerSecond = await benchScan(log);
    const hydrate = await benchHydrate(log, streams, Math.min(seconds, 5));
    await log.close();
    return { streams, fillPerSecond, append, unindexed, residentMiB, restartMs, scanPerSecond, hydrate };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const streams = Number(process.argv[2] ?? 1_000_000);
  const seconds = Number(process.argv[3] ?? 10);
  console.log(JSON.stringify(await benchEventLog(streams, seconds), undefined, 2));
}
