// One process per log. The truth is a lock of the operating system, held through an otherwise empty SQLite file, so
// it ends with its process however that ends and no process id can be mistaken for another. `log.pid` only names
// the holder for people, and remembers that a log was here and whether it was closed.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './failure.ts';

export const LOCK_FILE = 'log.lock';
export const PID_FILE = 'log.pid';

/** Another process has this log open. */
export class LogInUse extends Error {
  override readonly name = 'LogInUse';
}

export interface SingleWriter {
  /** What the last holder left: undefined when no log was ever finished being created here. */
  readonly before: { readonly pid: number; readonly closed: boolean } | undefined;
  /** Marks the log as created and open by this process. Best effort: a full disk must not keep reads down. */
  opened(): void;
  /** `closed` when every file is complete, so that a missing write-ahead log is no loss. */
  release(closed: boolean): void;
}

/** @throws LogInUse with the process id that holds the log. */
export function lockDirectory(directory: string, pid: number): SingleWriter {
  const lock = new DatabaseSync(join(directory, LOCK_FILE), { timeout: 0 });
  const pidFile = join(directory, PID_FILE);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    const holder = readPidFile(pidFile);
    const who = holder === undefined || holder.closed ? 'another process' : `process ${holder.pid}`;
    throw new LogInUse(
      `${directory}: the event log is in use by ${who}; stop it first, or name another directory for this one`,
    );
  }
  return {
    before: readPidFile(pidFile),
    opened: () => writePidFile(directory, pidFile, { pid, closed: false }),
    release(closed) {
      if (closed) writePidFile(directory, pidFile, { pid, closed });
      lock.close();
    },
  };
}

function writePidFile(directory: string, file: string, content: { pid: number; closed: boolean }): void {
  try {
    writeFileSync(file, `${JSON.stringify(content)}\n`, { flush: true });
    const folder = openSync(directory, 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch {
    // A full disk, or a platform that cannot open a folder. The lock holds without this file.
  }
}

function readPidFile(file: string): { pid: number; closed: boolean } | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && 'pid' in content && typeof content.pid === 'number') {
      return { pid: content.pid, closed: 'closed' in content && content.closed === true };
    }
  } catch {
    // Torn by a crash or a full disk: a log was here, its holder is unknown.
  }
  return { pid: 0, closed: false };
}
