// Pages and checkpoints of projections in one SQLite file: a cache of the log. What is stored together is committed
// together, so state and checkpoint never disagree; what is damaged or of another version reads as absent.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { DeadLetter } from './dead-letters.ts';
import type { Checkpoint, Page } from './projection.ts';

export interface StoredProjection {
  readonly checkpoint: Checkpoint;
  /** Each rebuild stores its pages under a new number, beside the old until it is committed. */
  readonly generation: number;
  readonly pages: readonly Page[];
  readonly deadLetters: readonly DeadLetter[];
  readonly deadLettersForgotten: number;
}

export interface ToStore {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly checkpoint: Checkpoint;
  /** Undefined: those stored are right. */
  readonly deadLetters: readonly DeadLetter[] | undefined;
  readonly deadLettersForgotten: number;
}

export interface PageStore {
  /** What is stored of a projection in this version, whole and undamaged; else why it must be built from the log. */
  load(name: string, version: number): StoredProjection | { readonly absent: string };
  /** The highest generation in use, whatever its version: a new one must be higher. */
  generation(name: string): number;
  begin(): void;
  putPage(name: string, generation: number, page: Page): void;
  putProjection(projection: ToStore): void;
  commit(): void;
  rollback(): void;
  /** Moves what is committed from the write-ahead log into the file: the long part of storing, apart from the commit. */
  settle(): void;
  /** Deletes some pages that no checkpoint needs; true when there may be more. */
  sweep(): boolean;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS projections (
    name TEXT PRIMARY KEY, version INTEGER, generation INTEGER, pages INTEGER, position TEXT, stream TEXT,
    revision INTEGER, id TEXT, forgotten INTEGER);
  CREATE TABLE IF NOT EXISTS pages (
    name TEXT, generation INTEGER, key TEXT, checksum INTEGER, bytes BLOB, PRIMARY KEY (name, generation, key));
  CREATE TABLE IF NOT EXISTS dead_letters (
    name TEXT, position TEXT, stream TEXT, revision INTEGER, type TEXT, reason TEXT, at INTEGER,
    PRIMARY KEY (name, position));
  PRAGMA user_version = 1;
`;
const SWEEP_PAGES_MAX = 32;
// https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Opens or creates `projections.sqlite` in `directory`; a damaged file is replaced. @throws when another process has it */
export function openPageStore(directory: string): PageStore {
  const path = join(directory, 'projections.sqlite');
  try {
    return open(path);
  } catch (error) {
    const code = (error as { errcode?: number }).errcode;
    if (code === SQLITE_BUSY) throw new Error(`${path} is in use by another process`, { cause: error });
    if (!isDamaged(error)) throw error;
    return replacePageStore(directory);
  }
}

/** Whether SQLite says that the file itself is damaged: at the opening, or later, where it comes to the place. */
export function isDamaged(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  // The low byte; the rest says where.
  return code !== undefined && [SQLITE_CORRUPT, SQLITE_NOTADB].includes(code & 0xff);
}

/** Throws the file away and makes an empty one. No store must be open on it. */
export function replacePageStore(directory: string): PageStore {
  const path = join(directory, 'projections.sqlite');
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return open(path);
}

function open(path: string): PageStore {
  const database = new DatabaseSync(path);
  try {
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0',
    );
    database.exec(SCHEMA);
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = prepareStatements(database);
  return {
    load: (name, version) => load(statements, name, version),
    generation(name) {
      const inProjections = (statements.select.get(name)?.['generation'] as number | undefined) ?? 0;
      return Math.max(inProjections, (statements.highest.get(name)?.['generation'] as number | null) ?? 0);
    },
    begin: () => database.exec('BEGIN IMMEDIATE'),
    putPage(name, generation, { key, bytes }) {
      statements.upsertPage.run(name, generation, key, crc32(bytes), bytes);
    },
    putProjection({ name, version, generation, checkpoint, deadLetters, deadLettersForgotten }) {
      const { position, stream, revision, id } = checkpoint;
      const pages = statements.countPages.get(name, generation)!['pages'] as number;
      statements.upsert.run(
        name,
        version,
        generation,
        pages,
        String(position),
        stream,
        revision,
        id,
        deadLettersForgotten,
      );
      if (deadLetters === undefined) return;
      statements.clearLetters.run(name);
      for (const l of deadLetters)
        statements.insertLetter.run(name, String(l.position), l.stream, l.revision, l.type, l.reason, l.at);
    },
    commit: () => database.exec('COMMIT'),
    settle: () => database.exec('PRAGMA wal_checkpoint(PASSIVE)'),
    rollback() {
      if (database.isTransaction) database.exec('ROLLBACK');
    },
    sweep: () => Number(statements.sweep.run().changes) === SWEEP_PAGES_MAX,
    close: () => database.close(),
  };
}

function readLetter(row: Record<string, unknown>): DeadLetter {
  return {
    projection: row['name'] as string,
    position: BigInt(row['position'] as string),
    stream: row['stream'] as string,
    revision: row['revision'] as number,
    type: row['type'] as string,
    reason: row['reason'] as string,
    at: row['at'] as number,
  };
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    select: prepare('SELECT * FROM projections WHERE name = ?'),
    selectPages: prepare('SELECT key, checksum, bytes FROM pages WHERE name = ? AND generation = ?'),
    countPages: prepare('SELECT count(*) AS pages FROM pages WHERE name = ? AND generation = ?'),
    selectLetters: prepare('SELECT * FROM dead_letters WHERE name = ?'),
    highest: prepare('SELECT max(generation) AS generation FROM pages WHERE name = ?'),
    // In its place: REPLACE deletes the row and its entry in the index, and writes both anew at the end.
    upsertPage: prepare(`INSERT INTO pages VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, generation, key)
      DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes`),
    upsert: prepare('INSERT OR REPLACE INTO projections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    clearLetters: prepare('DELETE FROM dead_letters WHERE name = ?'),
    insertLetter: prepare('INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)'),
    sweep: prepare(`DELETE FROM pages WHERE rowid IN (SELECT pages.rowid FROM pages
    JOIN projections ON projections.name = pages.name AND projections.generation <> pages.generation
    LIMIT ${SWEEP_PAGES_MAX})`),
  };
}

function load(
  statements: ReturnType<typeof prepareStatements>,
  name: string,
  version: number,
): StoredProjection | { readonly absent: string } {
  const row = statements.select.get(name);
  if (row === undefined) return { absent: 'nothing is stored' };
  if (row['version'] !== version) return { absent: `version ${row['version']} is stored, ${version} is needed` };
  const generation = row['generation'] as number;
  const pages: Page[] = [];
  for (const page of statements.selectPages.iterate(name, generation)) {
    const bytes = page['bytes'] as Uint8Array;
    if (crc32(bytes) !== page['checksum']) return { absent: `page ${page['key']} is damaged` };
    pages.push({ key: page['key'] as string, bytes });
  }
  if (pages.length !== row['pages']) return { absent: `${pages.length} of ${row['pages']} pages are stored` };
  return {
    generation,
    pages,
    checkpoint: {
      position: BigInt(row['position'] as string),
      stream: row['stream'] as string,
      revision: row['revision'] as number,
      id: row['id'] as string,
    },
    deadLetters: statements.selectLetters.all(name).map(readLetter),
    deadLettersForgotten: row['forgotten'] as number,
  };
}
