// Opening: take the lock, look at the write-ahead log, open the file, check what may be torn (everything after the
// indexed part, and the last frame), cut a damaged tail or refuse. What was found and done is reported, not hidden.
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LogCorrupt } from '../../../domain/event-log.ts';
import type { Clock } from '../../../domain/time.ts';
import { type Database, LOG_FILE, openDatabase, WAL_FILE } from './database.ts';
import { isDamage, messageOf } from './failure.ts';
import { createGeneration, type Generation } from './generation.ts';
import { finishSalvage, salvage } from './salvage.ts';
import { lockDirectory, PID_FILE, type SingleWriter } from './single-writer.ts';
import { createStreamIndex } from './stream-index.ts';
import { checkTail, cutTail, type TailCheck } from './tail-check.ts';
import { rebuildStreamIndex } from './verify.ts';
import { readWal, type Wal } from './wal.ts';

export interface Cut {
  /** What was cut, for people. */
  readonly what: string;
  /** Where the cut bytes are kept. */
  readonly sideFile: string;
  /** Position of the first event that may be lost; undefined when only an unfinished write was dropped. */
  readonly fromPosition: bigint | undefined;
}

export interface Recovery {
  /** Process that held the log and did not close it. */
  readonly tookOverFrom: number | undefined;
  readonly cuts: readonly Cut[];
  readonly rebuiltIndex: boolean;
  /** Events read again at opening because they were not yet indexed. */
  readonly scannedEvents: number;
}

export interface OpenSettings {
  readonly rebuildIndex: boolean;
  /** Of the stream index of a new file. */
  readonly buckets: number;
}

export interface Opened {
  readonly database: Database;
  readonly writer: SingleWriter;
  readonly nextPosition: number;
  readonly unindexed: Generation;
  readonly recovery: Recovery;
}

/** @throws LogInUse · LogFormatUnknown · LogCorrupt */
export function openRecovered(directory: string, clock: Clock, settings: OpenSettings): Opened {
  mkdirSync(directory, { recursive: true });
  const writer = lockDirectory(directory, process.pid);
  try {
    const time = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-');
    return { writer, ...openLocked(directory, writer, time, settings) };
  } catch (error) {
    writer.release(false);
    throw error;
  }
}

function openLocked(directory: string, writer: SingleWriter, time: string, settings: OpenSettings) {
  const { before } = writer;
  const cuts: Cut[] = [];
  const finished = finishSalvage(directory, time);
  if (finished !== undefined) cuts.push({ what: 'a damaged file', sideFile: finished, fromPosition: undefined });
  else checkNothingMissing(directory, before);
  const wal = readWal(join(directory, WAL_FILE));
  if (wal.tailBytes > 0) cuts.push(keepWalTail(directory, wal, time));
  const { database, tail } = openChecked(directory, before === undefined, wal, time, cuts, settings.buckets);
  try {
    const rebuiltIndex = settings.rebuildIndex || cuts.some((cut) => cut.fromPosition !== undefined);
    if (rebuiltIndex) rebuildStreamIndex(database, createStreamIndex(database, noStream), tail.end);
    writer.opened();
    const tookOverFrom = before === undefined || before.closed ? undefined : before.pid;
    const recovery = { tookOverFrom, cuts, rebuiltIndex, scannedEvents: tail.unindexed.events };
    return {
      database,
      nextPosition: tail.end,
      unindexed: rebuiltIndex ? createGeneration(0) : tail.unindexed,
      recovery,
    };
  } catch (error) {
    database.connection.close();
    throw error;
  }
}

/** A rebuild writes the index and never searches it. */
const noStream = () => '';

/** A log that was here is never taken for a new one, and its latest commits are not left out unseen. */
function checkNothingMissing(directory: string, before: SingleWriter['before']): void {
  if (before === undefined) return;
  const accept = `or delete ${PID_FILE} to go on without what was in it`;
  const file = join(directory, LOG_FILE);
  // Checked before SQLite sees it: of an empty file it would delete the write-ahead log.
  if (!existsSync(file) || statSync(file).size === 0) {
    throw new LogCorrupt(`${file} is missing or empty although a log was here; restore it from a backup, ${accept}`);
  }
  if (!before.closed && !existsSync(join(directory, WAL_FILE))) {
    throw new LogCorrupt(
      `${join(directory, WAL_FILE)} is missing and the log was not closed: the latest events may be in it; restore it, ${accept}`,
    );
  }
}

function keepWalTail(directory: string, wal: Wal, time: string): Cut {
  const sideFile = join(directory, `cut-${time}.wal`);
  copyFileSync(join(directory, WAL_FILE), sideFile);
  const what = `the last ${wal.tailBytes} bytes of ${WAL_FILE}: a commit that was not finished, or was damaged`;
  return { what, sideFile, fromPosition: undefined };
}

/** Opens the file so that its checked part is whole: as it is, with its tail cut, or salvaged. */
function openChecked(directory: string, create: boolean, wal: Wal, time: string, cuts: Cut[], buckets: number) {
  const file = join(directory, LOG_FILE);
  let open: Database | undefined;
  let why: string;
  try {
    open = openDatabase(file, create ? { buckets } : undefined);
    let tail = checkTail(open);
    if (tail.bad !== undefined && tail.wholeBehind)
      throw new LogCorrupt(`${file}: ${tail.bad}, and later events are whole`);
    if (tail.bad !== undefined) {
      const sideFile = join(directory, `cut-${time}.frames`);
      cuts.push({ what: tail.bad, sideFile, fromPosition: BigInt(tail.end) });
      cutTail(open, tail.end, sideFile);
      tail = checkTail(open);
    }
    if (tail.bad === undefined) return { database: open, tail };
    why = tail.bad;
  } catch (error) {
    if (!isDamage(error)) {
      open?.connection.close();
      throw error;
    }
    why = messageOf(error);
  }
  // Nothing is read through SQLite from here on: closing first, so that it cannot change the file it misreads.
  open?.connection.close();
  return openSalvaged(directory, wal, time, why, cuts, buckets);
}

function openSalvaged(directory: string, wal: Wal, time: string, why: string, cuts: Cut[], buckets: number) {
  const { end, sideFile } = salvage(directory, wal, time, why, buckets);
  cuts.push({ what: `${LOG_FILE} was damaged: ${why}`, sideFile, fromPosition: BigInt(end) });
  const database = openDatabase(join(directory, LOG_FILE), undefined);
  const tail: TailCheck = { end, bad: undefined, wholeBehind: false, unindexed: createGeneration(0) };
  return { database, tail };
}
