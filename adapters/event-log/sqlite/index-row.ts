// The bytes of one row of the stream index: for each stream of a bucket its events of one generation. A stream is
// known by a 32-bit tag, so who finds a tag must look at an event to know that it is the stream meant.
import { crc32 } from 'node:zlib';

/** Consecutive revisions of one stream (or of another with the same tag), from `revision` on. */
export interface Segment {
  readonly revision: number;
  readonly places: readonly number[];
}

export interface TaggedSegment extends Segment {
  readonly tag: number;
}

export interface StreamHash {
  /** Uniform 32 bits; its low bits choose the bucket. */
  readonly bucket: number;
  readonly tag: number;
}

/** Two FNV-1a hashes with different bases, each mixed as MurmurHash3 does at its end. */
export function hashStream(stream: string): StreamHash {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let n = 0; n < stream.length; n++) {
    const unit = stream.charCodeAt(n);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  return { bucket: mixed(a), tag: mixed(b) };
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

/** checksum (4) · per stream: tag (4), bytes that follow (4), revision, places as distances; numbers are varints. */
export function encodeRow(bucket: number, generation: number, streams: readonly TaggedSegment[]): Uint8Array {
  const sizeMax = streams.reduce((sum, { places }) => sum + 16 + 8 * places.length, 4);
  const bytes = new Uint8Array(sizeMax);
  const view = new DataView(bytes.buffer);
  let at = 4;
  for (const { tag, revision, places } of streams) {
    view.setUint32(at, tag, true);
    const start = at + 8;
    at = writeVarint(bytes, start, revision);
    let before = 0;
    for (const place of places) {
      at = writeVarint(bytes, at, place - before);
      before = place;
    }
    view.setUint32(start - 4, at - start, true);
  }
  const row = bytes.subarray(0, at);
  view.setUint32(0, rowChecksum(bucket, generation, row), true);
  return row;
}

export function rowIsWhole(bucket: number, generation: number, row: Uint8Array): boolean {
  return row.length >= 4 && viewOf(row).getUint32(0, true) === rowChecksum(bucket, generation, row);
}

/** The segments of a whole row under a tag; those of other streams are stepped over. */
export function segmentsIn(row: Uint8Array, tag: number | undefined, out: Segment[]): void {
  const view = viewOf(row);
  for (let at = 4; at < row.length; ) {
    const start = at + 8;
    const end = start + view.getUint32(at + 4, true);
    if (tag === undefined || view.getUint32(at, true) === tag) out.push(decodeSegment(row, start, end));
    at = end;
  }
}

function decodeSegment(row: Uint8Array, start: number, end: number): Segment {
  const numbers: number[] = [];
  for (let at = start; at < end; ) {
    let value = 0;
    let scale = 1;
    for (let byte = row[at++]!; ; byte = row[at++]!) {
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
    }
    numbers.push(value);
  }
  const [revision, ...distances] = numbers as [number, ...number[]];
  let place = 0;
  return { revision, places: distances.map((distance) => (place += distance)) };
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  return at;
}

function rowChecksum(bucket: number, generation: number, row: Uint8Array): number {
  return crc32(row.subarray(4), crc32(`${bucket}:${generation}`));
}

function viewOf(row: Uint8Array): DataView {
  return new DataView(row.buffer, row.byteOffset, row.length);
}
