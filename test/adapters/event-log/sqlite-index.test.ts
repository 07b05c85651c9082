// The stream index: damage is seen wherever it is, streams that share a tag are kept apart, a rebuild repairs it.
// Seen failing: with `rowIsWhole` always true, changed bytes give streams a wrong head; with `ofStream` answering all
// segments of a tag, streams that share one are read as each other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashStream } from '../../../adapters/event-log/sqlite/index-row.ts';
import { openSqliteLog, type SqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import type { SqliteLogOptions } from '../../../adapters/event-log/sqlite/options.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { Conflict, LogCorrupt } from '../../../domain/event-log.ts';
import { anEvent } from '../../contracts/event-log.ts';

/** Two stream names with one 32-bit tag: among 400,000 names about 18 pairs share one. */
function streamsOfOneTag(): [string, string] {
  const seen = new Map<number, string>();
  for (let n = 0; ; n++) {
    const stream = `stock-SKU-${n}~store-1`;
    const { tag } = hashStream(stream);
    const other = seen.get(tag);
    if (other !== undefined) return [other, stream];
    seen.set(tag, stream);
  }
}

describe('given a log whose events are indexed', () => {
  let directory: string;
  const open = (settings: Partial<SqliteLogOptions> = {}) =>
    openSqliteLog({
      directory,
      clock: systemClock,
      indexBuckets: 1,
      generationEvents: 8,
      recentEventsMax: 1,
      ...settings,
    });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evenstock-index-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Appends one event to each stream in turn, and lets the index be written. */
  async function write(log: SqliteLog, streams: readonly string[], rounds: number) {
    for (let round = 0; round < rounds; round++) {
      for (const stream of streams) await log.append(stream, round - 1, [anEvent()]);
    }
    for (let n = 0; n < 20; n++) await nextTurn();
    expect(log.stats().unindexedEvents).toBeLessThan(8);
  }

  it('when two streams share a tag, then each has its own events and a third of that tag has none', async () => {
    const [a, b] = streamsOfOneTag();
    const log = await open();
    await write(log, [a, b], 12);
    await log.close();
    const again = await open();
    for (const stream of [a, b]) {
      const read = await again.read(stream, 0, 100);
      expect(read.map((event) => [event.stream, event.revision])).toEqual(
        Array.from({ length: 12 }, (_, revision) => [stream, revision]),
      );
    }
    await again.close();
  });

  it('when only the other stream of a tag exists, then this one is new', async () => {
    const [a, b] = streamsOfOneTag();
    const log = await open();
    await write(log, [a], 16);
    await log.close();
    const again = await open();
    expect(await again.read(b, 0, 100)).toEqual([]);
    await expect(again.append(b, -1, [anEvent()])).resolves.toMatchObject({ revision: 0 });
    await again.close();
  });

  it('when any byte of a row is changed or a row is missing, then nothing wrong is read, and a rebuild repairs it', async () => {
    const streams = ['s-0', 's-1', 's-2'];
    const log = await open();
    await write(log, streams, 8);
    await log.close();
    const file = join(directory, 'log.sqlite');
    const edit = (work: (db: DatabaseSync) => void) => {
      const db = new DatabaseSync(file);
      work(db);
      db.close();
    };
    const last = 'generation = (SELECT max(generation) FROM stream_index)';
    let row = new Uint8Array();
    edit((db) => {
      row = db.prepare(`SELECT streams FROM stream_index WHERE ${last}`).get()!['streams'] as Uint8Array<ArrayBuffer>;
    });
    const damage = (bytes: Uint8Array) =>
      edit((db) => db.prepare(`UPDATE stream_index SET streams = ? WHERE ${last}`).run(bytes));
    for (let byte = 0; byte < row.length; byte++) {
      damage(row.map((value, n) => (n === byte ? value ^ (1 << (byte % 8)) : value)));
      const damaged = await open({ generationEvents: 1_000 });
      for (const stream of streams) {
        await expect(damaged.read(stream, 0, 100)).rejects.toThrow(LogCorrupt);
        await expect(damaged.append(stream, 3, [anEvent()])).rejects.toThrow(/rebuild the index/);
      }
      await damaged.close();
    }
    edit((db) => db.exec(`DELETE FROM stream_index WHERE ${last}`));
    const missing = await open({ generationEvents: 1_000 });
    await expect(missing.read('s-0', 0, 100)).rejects.toThrow(LogCorrupt);
    await missing.close();
    const rebuilt = await open({ rebuildIndex: true });
    expect(rebuilt.recovery.rebuiltIndex).toBe(true);
    for (const stream of streams) expect(await rebuilt.read(stream, 0, 100)).toHaveLength(8);
    await expect(rebuilt.append('s-0', 3, [anEvent()])).rejects.toThrow(Conflict);
    await rebuilt.verify();
    await rebuilt.close();
  });
});
