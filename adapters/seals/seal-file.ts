// The file of seals, a line each, and beside it the witness: place and hash of every sealed event, which lets `verify` name
// what was altered. The witness is written first and the seal names its length, so a crash between leaves nothing that counts.
import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { writeAll } from './write-all.ts';

/** What keeps a seal from being written or read. The message is for people. */
export class SealFileUnusable extends Error {
  override readonly name = 'SealFileUnusable';
}

export const witnessOf = (file: string) => `${file}.witness.gz`;

/** The lines of the file, the last one too only if it was finished; none when there is no file. */
export async function readSealLines(file: string): Promise<readonly string[]> {
  if (!existsSync(file)) return [];
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n');
  // What follows the last line end is a line that a crash cut short: nobody was told of that seal.
  return lines.slice(0, -1);
}

export interface SealWriter {
  /** Bytes of the witness, of which `keep` count: what a crash left behind them is cut off. @throws SealFileUnusable when it is shorter */
  openWitness(keep: number): Promise<FileHandle>;
  /** Behind the first `bytes` of the file, instead of what a crash left there. Durable when it resolves. */
  append(line: string, bytes: number): Promise<void>;
  close(): void;
}

/** One process at a time. The lock is the operating system's and ends with its holder. @throws SealFileUnusable */
export function openSealWriter(file: string): SealWriter {
  const lock = lockOf(file);
  return {
    async openWitness(keep) {
      const witness = witnessOf(file);
      const length = existsSync(witness) ? (await stat(witness)).size : 0;
      if (length < keep) {
        throw new SealFileUnusable(
          `${witness} has ${length} bytes and the last seal says ${keep}: bring it back from a copy, or begin a new file of seals`,
        );
      }
      const handle = await open(witness, length === 0 ? 'w' : 'r+');
      await handle.truncate(keep);
      return handle;
    },
    async append(line, bytes) {
      // Not made anew when it should be there.
      const handle = await open(file, bytes > 0 || existsSync(file) ? 'r+' : 'w');
      try {
        await handle.truncate(bytes);
        await writeAll(handle, Buffer.from(`${line}\n`), bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    close: () => lock.close(),
  };
}

function lockOf(file: string): DatabaseSync {
  try {
    const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
    try {
      lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (error) {
    throw new SealFileUnusable(
      `${file} cannot be written, or another process seals into it: ${(error as Error).message}`,
    );
  }
}
