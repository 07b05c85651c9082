// The SQLite file of the log: settings, tables, format version. WAL with synchronous=FULL: COMMIT returns after fsync;
// only a group commit syncs by itself, in the background (wal-sync.ts).
// Checkpoints are ours, not automatic: SQLite ignores an error of an automatic one, and a failed fsync must be seen.
// EXCLUSIVE locking keeps the WAL index in memory (no -shm file) and saves the lock calls of every statement.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LogCorrupt } from '../../../domain/event-log.ts';
import type { Frame } from './frame.ts';

export const LOG_FILE = 'log.sqlite';
export const WAL_FILE = 'log.sqlite-wal';
export const PAGE_BYTES = 4096;
/** Raise it when older code could misread what newer code writes. */
export const FORMAT = 1;

/** The file was written by another version of Evenstock, or is not a log at all. */
export class LogFormatUnknown extends Error {
  override readonly name = 'LogFormatUnknown';
}

/**
 * `format` of the file · `indexed_to`: every event before this position is in the stream index ·
 * `generations` of the index that are whole · `buckets` it has, chosen when the file is created.
 */
export type Meta = 'format' | 'indexed_to' | 'generations' | 'buckets';

export interface Database {
  readonly connection: DatabaseSync;
  readonly file: string;
  insertFrame(frame: Frame): void;
  /** Commits what `work` wrote, or nothing; on disk when it returns. */
  transaction(work: () => void): void;
  /** The same without waiting for the disk: the write-ahead log must be synced before anything else is committed. */
  transactionToSync(work: () => void, beforeCommit: () => void): void;
  /** The frame that starts exactly there. */
  frameAt(position: number): Frame | undefined;
  /** Up to `limit` frames that start at or after `position`, in order. */
  framesNext(position: number, limit: number): readonly Frame[];
  /** The last frame that starts at or before `position`. */
  frameHolding(position: number): Frame | undefined;
  /** Frames from one start position on, one at a time. */
  framesFrom(position: number): IterableIterator<Frame>;
  lastFrame(): Frame | undefined;
  meta(name: Meta): number;
  setMeta(name: Meta, value: number): void;
  /** Empties the stream index. */
  clearIndex(): void;
}

const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE frames (
    position INTEGER PRIMARY KEY, count INTEGER NOT NULL, checksum INTEGER NOT NULL, events BLOB NOT NULL);
  CREATE TABLE stream_index (
    bucket INTEGER NOT NULL, generation INTEGER NOT NULL, streams BLOB NOT NULL,
    PRIMARY KEY (bucket, generation)) WITHOUT ROWID;
  INSERT INTO meta VALUES ('format', ${FORMAT}), ('indexed_to', 0), ('generations', 0);
`;

/** Opens and, where `create` allows it, creates. @throws LogFormatUnknown · LogCorrupt · the errors of SQLite */
export function openDatabase(file: string, create: { readonly buckets: number } | undefined): Database {
  const connection = new DatabaseSync(file, { timeout: 0 });
  try {
    connection.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -32768;
      PRAGMA temp_store = MEMORY;
    `);
    checkFormat(connection, file, create?.buckets);
    return databaseOn(connection, file);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function checkFormat(connection: DatabaseSync, file: string, buckets: number | undefined): void {
  const tables = connection.prepare('SELECT name FROM sqlite_schema ORDER BY name').all();
  if (tables.length === 0) {
    if (buckets === undefined)
      throw new LogCorrupt(`${file} is empty although there was a log here; restore it from a backup`);
    connection.exec(`BEGIN; ${SCHEMA} INSERT INTO meta VALUES ('buckets', ${buckets}); COMMIT`);
    return;
  }
  if (!tables.some((table) => table['name'] === 'meta')) {
    throw new LogFormatUnknown(`${file} is an SQLite file but not an Evenstock event log; name another directory`);
  }
  const format = connection.prepare("SELECT value FROM meta WHERE name = 'format'").get()?.['value'];
  if (format !== FORMAT) {
    throw new LogFormatUnknown(
      `${file} has format ${String(format)} and this version of Evenstock reads format ${FORMAT}; ` +
        'start the version that wrote it',
    );
  }
}

function databaseOn(connection: DatabaseSync, file: string): Database {
  const columns = 'position, count, checksum, events FROM frames';
  const prepare = (sql: string) => connection.prepare(sql);
  const begin = prepare('BEGIN IMMEDIATE');
  const commit = prepare('COMMIT');
  const insert = prepare('INSERT INTO frames (position, count, checksum, events) VALUES (?, ?, ?, ?)');
  const at = prepare(`SELECT ${columns} WHERE position = ?`);
  const holding = prepare(`SELECT ${columns} WHERE position <= ? ORDER BY position DESC LIMIT 1`);
  const last = prepare(`SELECT ${columns} ORDER BY position DESC LIMIT 1`);
  const from = `SELECT ${columns} WHERE position >= ? ORDER BY position`;
  const next = prepare(`${from} LIMIT ?`);
  const meta = prepare('SELECT value FROM meta WHERE name = ?');
  const setMeta = prepare('UPDATE meta SET value = ? WHERE name = ?');
  const inTransaction = (work: () => void, beforeCommit?: () => void) => {
    begin.run();
    try {
      work();
      beforeCommit?.();
      commit.run();
    } catch (error) {
      if (connection.isTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  };
  const one = (statement: StatementSync, ...values: number[]) => statement.get(...values) as Frame | undefined;
  return {
    connection,
    file,
    insertFrame: (frame) => void insert.run(frame.position, frame.count, frame.checksum, frame.events),
    transaction(work) {
      inTransaction(work);
    },
    transactionToSync(work, beforeCommit) {
      connection.exec('PRAGMA synchronous = NORMAL');
      try {
        inTransaction(work, beforeCommit);
      } finally {
        connection.exec('PRAGMA synchronous = FULL');
      }
    },
    frameAt: (position) => one(at, position),
    framesNext: (position, limit) => next.all(position, limit) as unknown as Frame[],
    frameHolding: (position) => one(holding, position),
    // A statement of its own: two scans may be open at once.
    framesFrom: (position) => prepare(from).iterate(position) as IterableIterator<Frame>,
    lastFrame: () => one(last),
    meta(name) {
      const value = meta.get(name)?.['value'];
      if (typeof value !== 'number') throw new LogCorrupt(`${file}: the meta table has lost its row ${name}`);
      return value;
    },
    setMeta: (name, value) => void setMeta.run(value, name),
    clearIndex() {
      connection.exec('DELETE FROM stream_index');
      for (const name of ['generations', 'indexed_to']) setMeta.run(0, name);
    },
  };
}

/** Size of the write-ahead log in pages, without touching it. */
export function walPages(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.['log'] ?? 0);
}
