// Snapshots of stocks in a SQLite file: a cache and nothing more. Written without waiting for the disk; a
// snapshot of another version or with a wrong checksum reads as absent; the file can be deleted at any time.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { STOCK_SNAPSHOT_VERSION, type StockJson } from '../domain/stock/stock.ts';
import { openCacheFile } from './cache-file.ts';

export interface StoredSnapshot {
  readonly stock: StockJson;
  /** Hash-chain value of the stream's event at `stock.revision`. */
  readonly hash: string;
  /** How long the stock it was folded with remembers, ms: of no use to whoever must remember longer. */
  readonly memoryMs: number;
}

/** Neither `load` nor `save` throws: a snapshot that cannot be read is absent, one that cannot be written is not kept. */
export interface Snapshots {
  load(stream: string): StoredSnapshot | undefined;
  save(stream: string, snapshot: StoredSnapshot): void;
  close(): void;
}

/** Opens or creates `snapshots.sqlite` in `directory`; a damaged file is replaced. */
export function openSnapshots(directory: string, discard: (path: string) => void): Snapshots {
  return openCacheFile(join(directory, 'snapshots.sqlite'), open, discard);
}

function open(path: string): Snapshots {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  database.exec(
    'CREATE TABLE IF NOT EXISTS snapshots (stream TEXT PRIMARY KEY, version INTEGER, body TEXT, checksum INTEGER) WITHOUT ROWID',
  );
  const select = database.prepare('SELECT version, body, checksum FROM snapshots WHERE stream = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)');
  // Few streams are long enough for a snapshot: asking the file about every other one was 7 % of a cold command.
  const known = new Set<string>();
  for (const row of database.prepare('SELECT stream FROM snapshots').iterate()) known.add(row['stream'] as string);
  return {
    load(stream) {
      if (!known.has(stream)) return undefined;
      try {
        const row = select.get(stream);
        if (row === undefined || row['version'] !== STOCK_SNAPSHOT_VERSION) return undefined;
        const body = row['body'] as string;
        return crc32(body) === row['checksum'] ? (JSON.parse(body) as StoredSnapshot) : undefined;
      } catch {
        return undefined;
      }
    },
    save(stream, snapshot) {
      const body = JSON.stringify(snapshot);
      try {
        upsert.run(stream, STOCK_SNAPSHOT_VERSION, body, crc32(body));
        known.add(stream);
      } catch {
        // A full or failing disk: the log will say so where it matters.
      }
    },
    close: () => database.close(),
  };
}

/** No cache at all: every stock is folded from its events. */
export const noSnapshots: Snapshots = { load: () => undefined, save() {}, close() {} };
