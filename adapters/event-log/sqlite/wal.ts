// Reads SQLite's write-ahead log before SQLite does. SQLite stops at the first frame whose checksum is wrong and drops
// what follows without a word; a log must know whether that was a torn last commit or damage with commits behind it.
// Format: https://sqlite.org/fileformat2.html#the_write_ahead_log
import { existsSync, readFileSync } from 'node:fs';
import { LogCorrupt } from '../../../domain/event-log.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

export interface Wal {
  /** Page number → offset in `bytes` of the last committed version of that page. */
  readonly pages: ReadonlyMap<number, number>;
  readonly bytes: Buffer;
  /** Bytes of this cycle after the last whole commit: a write that never finished, or a last commit that was damaged. */
  readonly tailBytes: number;
}

/** @throws LogCorrupt when commits follow the damage, so that more than the tail is lost */
export function readWal(file: string): Wal {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const none = { pages: new Map<number, number>(), bytes, tailBytes: 0 };
  if (bytes.length < HEADER_BYTES) return { ...none, tailBytes: bytes.length };
  const pageBytes = bytes.readUInt32BE(8);
  const sums = headerSums(bytes);
  if (sums === undefined) {
    // The header is synced before any frame is written: one that is wrong with frames behind it was damaged later.
    if (bytes.subarray(0, HEADER_BYTES).every((byte) => byte === 0)) return { ...none, tailBytes: bytes.length };
    throw new LogCorrupt(`${file}: the header is damaged; restore log.sqlite and log.sqlite-wal from a backup`);
  }
  const walk = walkCommits(bytes, pageBytes, sums);
  const tail = tailOf(bytes, walk.end, FRAME_HEADER_BYTES + pageBytes);
  if (tail.commitsLost) {
    throw new LogCorrupt(`${file}: damaged at byte ${walk.valid}, and commits follow; restore it from a backup`);
  }
  return { pages: walk.pages, bytes, tailBytes: tail.bytes };
}

type Sums = [number, number];

function headerSums(bytes: Buffer): Sums | undefined {
  if ((bytes.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return undefined;
  const sums = addSums(bytes, 0, 24, [0, 0]);
  return sums[0] === bytes.readUInt32BE(24) && sums[1] === bytes.readUInt32BE(28) ? sums : undefined;
}

/** Follows the chain of checksums to the end of the last whole commit (`end`) and of the last valid frame (`valid`). */
function walkCommits(bytes: Buffer, pageBytes: number, start: Sums) {
  const pages = new Map<number, number>();
  const uncommitted = new Map<number, number>();
  const step = FRAME_HEADER_BYTES + pageBytes;
  let sums = start;
  let end = HEADER_BYTES;
  let valid = HEADER_BYTES;
  for (let at = HEADER_BYTES; at + step <= bytes.length; at += step) {
    if (sameSalts(bytes, at) < 2) break;
    sums = addSums(bytes, at, at + 8, sums);
    sums = addSums(bytes, at + FRAME_HEADER_BYTES, at + step, sums);
    if (sums[0] !== bytes.readUInt32BE(at + 16) || sums[1] !== bytes.readUInt32BE(at + 20)) break;
    uncommitted.set(bytes.readUInt32BE(at), at + FRAME_HEADER_BYTES);
    valid = at + step;
    if (bytes.readUInt32BE(at + 4) === 0) continue;
    for (const [page, offset] of uncommitted) pages.set(page, offset);
    uncommitted.clear();
    end = valid;
  }
  return { pages, end, valid };
}

/**
 * What of this cycle lies behind the last whole commit. Every commit is synced before the next is written, so a crash
 * leaves at most one unfinished there; a commit mark with more behind it means that a finished one was damaged.
 */
function tailOf(bytes: Buffer, end: number, step: number): { bytes: number; commitsLost: boolean } {
  let last = end;
  let firstMark = 0;
  for (let at = end; at + FRAME_HEADER_BYTES <= bytes.length; at += step) {
    // One equal salt is enough: the other may be what was damaged. Frames of an earlier cycle have neither.
    if (sameSalts(bytes, at) === 0) continue;
    last = Math.min(bytes.length, at + step);
    if (firstMark === 0 && bytes.readUInt32BE(at + 4) !== 0) firstMark = last;
  }
  return { bytes: last - end, commitsLost: firstMark !== 0 && last > firstMark };
}

function sameSalts(bytes: Buffer, frame: number): number {
  const first = bytes.readUInt32BE(frame + 8) === bytes.readUInt32BE(16) ? 1 : 0;
  return first + (bytes.readUInt32BE(frame + 12) === bytes.readUInt32BE(20) ? 1 : 0);
}

/** SQLite's cumulative checksum over 32-bit words, in the byte order the magic number names. */
function addSums(bytes: Buffer, from: number, to: number, start: Sums): Sums {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = (bytes[3]! & 1) === 0;
  let [a, b] = start;
  for (let at = from; at < to; at += 8) {
    a = (a + words.getUint32(at, little) + b) | 0;
    b = (b + words.getUint32(at + 4, little) + a) | 0;
  }
  return [a >>> 0, b >>> 0];
}
