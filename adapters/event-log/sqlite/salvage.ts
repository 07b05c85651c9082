// Repairs a file that SQLite itself cannot read: everything whole from position 0 on is copied into a new file, if and
// only if nothing whole lies behind the first hole. The damaged files stay beside it under cut-<time>.
import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LogCorrupt } from '../../../domain/event-log.ts';
import { LOG_FILE, openDatabase, WAL_FILE } from './database.ts';
import type { Frame } from './frame.ts';
import { openRawPages, type RawPages, rawFrames } from './raw-frames.ts';
import type { Wal } from './wal.ts';

/** Complete once it has this name: then the repair is decided and only renames are left. */
const SALVAGED_FILE = 'log.salvaged';
const UNFINISHED_FILE = 'log.salvaging';
const FRAMES_PER_COMMIT = 500;

export interface Salvaged {
  /** Position after the last event that was saved. */
  readonly end: number;
  readonly sideFile: string;
}

/** @throws LogCorrupt naming the first position that is missing while later events exist */
export function salvage(directory: string, wal: Wal, time: string, why: string, buckets: number): Salvaged {
  const file = join(directory, LOG_FILE);
  const pages = openRawPages(file, wal);
  try {
    const end = wholePrefix(pages, file, why);
    const unfinished = join(directory, UNFINISHED_FILE);
    for (const suffix of ['', '-wal', '-journal']) rmSync(unfinished + suffix, { force: true });
    copyFrames(pages, unfinished, end, buckets);
    renameSync(unfinished, join(directory, SALVAGED_FILE));
    return { end, sideFile: finishSalvage(directory, time)! };
  } finally {
    pages.close();
  }
}

/** Puts a salvaged file in place, also after a crash in the middle of doing so. The side file's name if there was one. */
export function finishSalvage(directory: string, time: string): string | undefined {
  const salvaged = join(directory, SALVAGED_FILE);
  if (!existsSync(salvaged)) return undefined;
  const file = join(directory, LOG_FILE);
  const side = join(directory, `cut-${time}.sqlite`);
  // The old write-ahead log must be gone first: SQLite would apply it to the new file.
  if (existsSync(join(directory, WAL_FILE))) renameSync(join(directory, WAL_FILE), `${side}-wal`);
  if (existsSync(file)) {
    try {
      linkSync(file, side);
    } catch {
      copyFileSync(file, side);
    }
  }
  renameSync(salvaged, file);
  return side;
}

function wholePrefix(pages: RawPages, file: string, why: string): number {
  const counts = new Map<number, number>();
  for (const frame of rawFrames(pages)) counts.set(frame.position, frame.count);
  let end = 0;
  for (let count = counts.get(0); count !== undefined; count = counts.get(end)) end += count;
  for (const position of counts.keys()) {
    if (position < end) continue;
    throw new LogCorrupt(
      `${file}: the events from position ${end} to ${position - 1} are damaged (${why}) and later ones are whole; ` +
        'nothing was changed, restore the file from a backup',
    );
  }
  if (end === 0) throw new LogCorrupt(`${file}: no event in it is whole (${why}); restore the file from a backup`);
  return end;
}

/** In the order of the pages, which is nearly that of the log; the table sorts them. */
function copyFrames(pages: RawPages, target: string, end: number, buckets: number): void {
  const database = openDatabase(target, { buckets });
  const known = new Set<number>();
  let batch: Frame[] = [];
  const write = () => {
    database.transaction(() => batch.forEach(database.insertFrame));
    batch = [];
  };
  try {
    for (const frame of rawFrames(pages)) {
      if (frame.position >= end || known.has(frame.position)) continue;
      known.add(frame.position);
      batch.push(frame);
      if (batch.length >= FRAMES_PER_COMMIT) write();
    }
    write();
    database.connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.connection.close();
  }
}
