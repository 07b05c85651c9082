// What an error of SQLite means for the log: space is missing (temporary), the file is damaged, another process
// holds it, or anything else while writing (fatal: after a failed fsync nothing that descriptor says can be believed).
import { LogCorrupt, Unavailable } from '../../../domain/event-log.ts';

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Primary result code (https://sqlite.org/rescode.html), undefined for an error that is not SQLite's. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

export const isDiskFull = (error: unknown): boolean => resultCode(error) === SQLITE_FULL;
export const isBusy = (error: unknown): boolean => resultCode(error) === SQLITE_BUSY;
export const isDamage = (error: unknown): boolean =>
  resultCode(error) === SQLITE_CORRUPT || resultCode(error) === SQLITE_NOTADB;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs a read; what SQLite says of a damaged or unreadable file comes out as an error of the port. */
export function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) throw new LogCorrupt(`${file}: ${messageOf(error)}`, { cause: error });
    if (resultCode(error) === undefined) throw error;
    throw new Unavailable('down', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Whether the log may go on. One per open log: writer, index and checkpoint report here. */
export interface Condition {
  /** Set once, never cleared: the process must end and recover by opening again. */
  readonly fatal: Unavailable | undefined;
  readonly diskFull: boolean;
  /** Takes an error of a write. Returns what callers are told; anything but a full disk is fatal. */
  failed(error: unknown): Unavailable;
  wrote(): void;
}

export function createCondition(onFatal: (error: Error) => void): Condition {
  let fatal: Unavailable | undefined;
  let diskFull = false;
  return {
    get fatal() {
      return fatal;
    },
    get diskFull() {
      return diskFull;
    },
    failed(error) {
      if (fatal !== undefined) return fatal;
      if (isDiskFull(error)) {
        diskFull = true;
        return new Unavailable('disk-full', 'the disk of the event log is full', { cause: error });
      }
      fatal = new Unavailable('down', `the event log cannot be written: ${messageOf(error)}`, { cause: error });
      onFatal(fatal);
      return fatal;
    },
    wrote() {
      diskFull = false;
    },
  };
}
