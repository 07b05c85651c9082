// Finds frames in a damaged file without SQLite: looks at every page for rows of the `frames` table and keeps those
// that match their checksum. It answers the one question a repair must answer: is anything whole behind the damage?
// Format: https://sqlite.org/fileformat2.html (b-tree pages, cell payload overflow, record format)
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PAGE_BYTES } from './database.ts';
import { type Frame, frameIsWhole } from './frame.ts';
import type { Wal } from './wal.ts';

const TABLE_LEAF = 0x0d;
const FILE_HEADER_BYTES = 100;
const PAYLOAD_BYTES_MAX = 8 * 1024 * 1024;
/** Largest payload that stays in its page, and the least that does when the rest overflows. */
const LOCAL_MAX = PAGE_BYTES - 35;
const LOCAL_MIN = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;

export interface RawPages {
  readonly pageCount: number;
  page(number: number): Buffer | undefined;
  close(): void;
}

/** The file's pages with the committed pages of the write-ahead log over them. */
export function openRawPages(file: string, wal: Wal): RawPages {
  const descriptor = openSync(file, 'r');
  const inFile = Math.floor(fstatSync(descriptor).size / PAGE_BYTES);
  const pageCount = wal.pages.keys().reduce((most, page) => Math.max(most, page), inFile);
  return {
    pageCount,
    page(number) {
      const offset = wal.pages.get(number);
      if (offset !== undefined) return wal.bytes.subarray(offset, offset + PAGE_BYTES);
      if (number < 1 || number > inFile) return undefined;
      const page = Buffer.allocUnsafe(PAGE_BYTES);
      const read = readSync(descriptor, page, 0, PAGE_BYTES, (number - 1) * PAGE_BYTES);
      return read === PAGE_BYTES ? page : undefined;
    },
    close: () => closeSync(descriptor),
  };
}

/** Every whole frame in the pages, in no order. */
export function* rawFrames(pages: RawPages): Generator<Frame> {
  for (let number = 1; number <= pages.pageCount; number++) {
    const page = pages.page(number);
    const header = number === 1 ? FILE_HEADER_BYTES : 0;
    if (page?.[header] !== TABLE_LEAF) continue;
    const cells = page.readUInt16BE(header + 3);
    for (let n = 0; n < cells && header + 10 + 2 * n <= PAGE_BYTES; n++) {
      const frame = frameInCell(pages, page, page.readUInt16BE(header + 8 + 2 * n));
      if (frame !== undefined && frameIsWhole(frame)) yield frame;
    }
  }
}

function frameInCell(pages: RawPages, page: Buffer, at: number): Frame | undefined {
  if (at < 8 || at + 20 > PAGE_BYTES) return undefined;
  const [payloadBytes, afterSize] = varint(page, at);
  const [position, start] = varint(page, afterSize);
  if (payloadBytes < 10 || payloadBytes > PAYLOAD_BYTES_MAX) return undefined;
  const payload = wholePayload(pages, page, start, payloadBytes);
  return payload === undefined ? undefined : frameInRecord(payload, position);
}

function wholePayload(pages: RawPages, page: Buffer, start: number, size: number): Buffer | undefined {
  if (size <= LOCAL_MAX) return start + size <= PAGE_BYTES ? page.subarray(start, start + size) : undefined;
  const fit = LOCAL_MIN + ((size - LOCAL_MIN) % (PAGE_BYTES - 4));
  const local = fit <= LOCAL_MAX ? fit : LOCAL_MIN;
  if (start + local + 4 > PAGE_BYTES) return undefined;
  const parts = [page.subarray(start, start + local)];
  let next = page.readUInt32BE(start + local);
  for (let left = size - local; left > 0; left -= PAGE_BYTES - 4) {
    const overflow = pages.page(next);
    if (overflow === undefined) return undefined;
    parts.push(overflow.subarray(4, 4 + Math.min(left, PAGE_BYTES - 4)));
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

/** The columns NULL (the row id stands for it), count, checksum, events. */
function frameInRecord(payload: Buffer, position: number): Frame | undefined {
  const [headerBytes, first] = varint(payload, 0);
  const types: number[] = [];
  for (let at = first; at < headerBytes && types.length <= 4; ) {
    const [type, next] = varint(payload, at);
    types.push(type);
    at = next;
  }
  const [key, countType, checksumType, eventsType] = types;
  if (types.length !== 4 || key !== 0 || eventsType! < 12 || eventsType! % 2 !== 0) return undefined;
  const count = integer(payload, headerBytes, countType!);
  const checksum = integer(payload, headerBytes + count.size, checksumType!);
  const start = headerBytes + count.size + checksum.size;
  const events = payload.subarray(start, start + (eventsType! - 12) / 2);
  if (events.length !== (eventsType! - 12) / 2) return undefined;
  return { position, count: count.value, checksum: checksum.value, events };
}

function integer(bytes: Buffer, at: number, type: number): { value: number; size: number } {
  const size = [0, 1, 2, 3, 4, 6][type];
  if (size === undefined || size === 0 || at + size > bytes.length) return { value: type === 9 ? 1 : 0, size: 0 };
  return { value: bytes.readIntBE(at, size), size };
}

/** Value and the offset after it. Values above 2^53 do not occur in a whole frame; they come out inexact. */
function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let n = 0; n < 8; n++) {
    const byte = bytes[at + n] ?? 0;
    value = value * 0x80 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + n + 1];
  }
  return [value * 0x100 + (bytes[at + 8] ?? 0), at + 9];
}
