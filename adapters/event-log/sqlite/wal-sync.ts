// Makes what was committed durable: fdatasync of the write-ahead log, in the background while the event loop goes on
// with the next commands. SQLite's own sync within COMMIT would hold everything up for as long as the disk takes.
import { closeSync, existsSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

export interface WalSync {
  /** Calls back once everything written so far is on disk, or with the error. One at a time. */
  start(done: (error: Error | null) => void): void;
  /** The same, at once and blocking. @throws the error of the system */
  now(): void;
  /** Not after an error: a descriptor that failed to sync is never touched again. */
  close(): void;
}

export function createWalSync(file: string): WalSync {
  let descriptor: number | undefined;
  // SQLite makes the file at its first write and keeps it until it closes.
  const opened = () => (descriptor ??= openSync(file, 'r+'));
  return {
    start: (done) => fdatasync(opened(), done),
    now() {
      if (descriptor !== undefined || existsSync(file)) fdatasyncSync(opened());
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
