// How far each follower of the log has come, in a SQLite file. Saved after what was done about the events is in the log;
// an older checkpoint only means that events are seen again. A damaged file is replaced.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Position, START } from '../domain/event-log.ts';
import { openCacheFile } from './cache-file.ts';

export interface Checkpoints {
  /** `START` for a name that has none. */
  load(name: string): Position;
  /** Does not throw: what cannot be saved is seen again. */
  save(name: string, position: Position): void;
  close(): void;
}

/** Opens or creates `checkpoints.sqlite` in `directory`. */
export function openCheckpoints(directory: string): Checkpoints {
  return openCacheFile(join(directory, 'checkpoints.sqlite'), open, (path) => rmSync(path, { force: true }));
}

function open(path: string): Checkpoints {
  const database = new DatabaseSync(path);
  // A few rows: looked at whole, because damage in the middle would only be met at the name that lies there.
  if (database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') {
    database.close();
    throw new Error(`${path} is damaged`);
  }
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID');
  const select = database.prepare('SELECT position FROM checkpoints WHERE name = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?)');
  return {
    load: (name) => BigInt((select.get(name)?.['position'] as string | undefined) ?? START),
    save(name, position) {
      try {
        upsert.run(name, String(position));
      } catch {
        // A full disk: the events are seen again.
      }
    },
    close: () => database.close(),
  };
}

/** Nothing outlives the process: for the log in memory. */
export function memoryCheckpoints(): Checkpoints {
  const positions = new Map<string, Position>();
  return {
    load: (name) => positions.get(name) ?? START,
    save: (name, position) => void positions.set(name, position),
    close() {},
  };
}
