// The disks of the simulated processes: a directory each. A crash takes the directory as it lies there, or an older
// copy of it, or none; the dead process keeps its own, so that nothing it still does reaches the next one.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StoredFiles {
  empty(): string;
  copyOf(directory: string): string;
  discard(directory: string): void;
  /** Removes everything. */
  remove(): void;
}

/** In memory where the system has such a place: a simulated disk need not wait for a real one. */
export function createStoredFiles(): StoredFiles {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const root = mkdtempSync(join(parent, 'evenstock-simulation-'));
  let made = 0;
  const empty = () => {
    made += 1;
    const directory = join(root, String(made));
    mkdirSync(directory);
    return directory;
  };
  return {
    empty,
    copyOf(directory) {
      const copy = empty();
      for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(copy, name));
      return copy;
    },
    discard: (directory) => rmSync(directory, { recursive: true, force: true }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
