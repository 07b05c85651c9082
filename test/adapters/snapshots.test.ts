import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSnapshots, type StoredSnapshot } from '../../adapters/snapshots.ts';
import { emptyStock, stockToJson } from '../../domain/stock/stock.ts';

const snapshot: StoredSnapshot = { stock: { ...stockToJson(emptyStock()), revision: 41 }, hash: 'h', memoryMs: 1_000 };
const discard = (path: string) => rmSync(path, { force: true });

describe('snapshots', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evenstock-snapshots-'));
    return () => rmSync(directory, { recursive: true });
  });
  const change = (sql: string) => {
    const database = new DatabaseSync(join(directory, 'snapshots.sqlite'));
    database.exec(sql);
    database.close();
  };
  const saved = () => {
    const snapshots = openSnapshots(directory, discard);
    snapshots.save('stock-A~store-1', snapshot);
    snapshots.close();
  };
  const loaded = () => {
    const snapshots = openSnapshots(directory, discard);
    const found = snapshots.load('stock-A~store-1');
    snapshots.close();
    return found;
  };

  it('survive a restart', () => {
    saved();
    expect(loaded()).toEqual(JSON.parse(JSON.stringify(snapshot)));
  });

  it('of another version or with another checksum read as absent', () => {
    saved();
    change('UPDATE snapshots SET version = version + 1');
    expect(loaded()).toBeUndefined();
    saved();
    change(`UPDATE snapshots SET body = replace(body, '41', '42')`);
    expect(loaded()).toBeUndefined();
  });

  it('are thrown away with a file that is no database', () => {
    writeFileSync(join(directory, 'snapshots.sqlite'), 'x'.repeat(5_000));
    expect(loaded()).toBeUndefined();
    saved();
    expect(loaded()).toBeDefined();
  });
});
