// Where the events of a stream are: one row per (stream, generation), written long after the commit and rebuildable
// from the frames. A row carries a checksum over its key, and a search checks the rows at both sides of where the
// stream's last row ends: a damaged key is beside the place it was searched at, so it is found, never taken for "none".
import { crc32 } from 'node:zlib';
import { LogCorrupt } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';

/** Events a row may hold; bounds what a read of a slice decodes beside what it wants. */
export const ROW_PLACES_MAX = 512;

interface Row {
  readonly stream: string;
  readonly revision: number;
  readonly places: Uint8Array;
}

export interface StreamIndex {
  /** Last indexed revision of a stream, undefined when no event of it is indexed. @throws LogCorrupt */
  lastRevision(stream: string): number | undefined;
  /** Appends the places of revisions `from`…`to` (both indexed) to `out`. @throws LogCorrupt on a hole */
  places(stream: string, from: number, to: number, out: number[]): void;
  /** Writes the places of consecutive revisions, idempotently. */
  write(stream: string, revision: number, places: readonly number[]): void;
  clear(): void;
  /** Every row in key order. */
  rows(): Iterable<{ readonly stream: string; readonly revision: number; readonly places: readonly number[] }>;
}

export function createStreamIndex(database: Database): StreamIndex {
  const { connection, file } = database;
  const columns = 'SELECT stream, revision, places FROM stream_index';
  const upTo = connection.prepare(`${columns} WHERE stream <= ? ORDER BY stream DESC, revision DESC LIMIT 1`);
  const next = connection.prepare(`${columns} WHERE stream > ? ORDER BY stream, revision LIMIT 1`);
  const start = connection.prepare(`${columns} WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT 1`);
  const between = connection.prepare(
    `${columns} WHERE stream = ? AND revision > ? AND revision <= ? ORDER BY revision`,
  );
  const insert = connection.prepare('INSERT OR REPLACE INTO stream_index (stream, revision, places) VALUES (?, ?, ?)');
  const decoded = (row: Row) => decodePlaces(row, file);

  return {
    lastRevision(stream) {
      const row = upTo.get(stream) as Row | undefined;
      const beside = next.get(stream) as Row | undefined;
      if (beside !== undefined) decoded(beside);
      if (row === undefined) return undefined;
      const places = decoded(row);
      return row.stream === stream ? row.revision + places.length - 1 : undefined;
    },
    places(stream, from, to, out) {
      const first = start.get(stream, from) as Row | undefined;
      let expected = from;
      const take = (row: Row) => {
        const places = decoded(row);
        const skip = expected - row.revision;
        if (skip < 0 || skip >= places.length) return;
        const end = Math.min(places.length, to - row.revision + 1);
        for (let n = skip; n < end; n++) out.push(places[n]!);
        expected = row.revision + end;
      };
      if (first !== undefined) take(first);
      if (expected <= to) for (const row of between.all(stream, from, to) as unknown as Row[]) take(row);
      if (expected <= to) {
        throw new LogCorrupt(`${file}: the stream index has no place for revision ${expected} of ${stream}`);
      }
    },
    write(stream, revision, places) {
      for (let n = 0; n < places.length; n += ROW_PLACES_MAX) {
        const part = places.slice(n, n + ROW_PLACES_MAX);
        insert.run(stream, revision + n, encodePlaces(stream, revision + n, part));
      }
    },
    clear: () => connection.exec('DELETE FROM stream_index'),
    *rows() {
      for (const row of connection.prepare(`${columns} ORDER BY stream, revision`).iterate() as Iterable<unknown>) {
        const { stream, revision } = row as Row;
        yield { stream, revision, places: decoded(row as Row) };
      }
    },
  };
}

/** crc32 of key and rest (4 bytes), then each place as a varint of its distance to the one before. */
function encodePlaces(stream: string, revision: number, places: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 8 * places.length);
  let at = 4;
  let before = 0;
  for (const place of places) {
    let rest = place - before;
    before = place;
    while (rest >= 0x80) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[at++] = rest;
  }
  const sealed = bytes.subarray(0, at);
  new DataView(bytes.buffer).setUint32(0, rowChecksum(stream, revision, sealed), true);
  return sealed;
}

function decodePlaces(row: Row, file: string): number[] {
  const { stream, revision, places: bytes } = row;
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 5 || stored.getUint32(0, true) !== rowChecksum(stream, revision, bytes)) {
    throw new LogCorrupt(
      `${file}: the stream index is damaged at ${stream} revision ${revision}; the events are not: rebuild the index`,
    );
  }
  const places: number[] = [];
  let before = 0;
  for (let at = 4; at < bytes.length; ) {
    let distance = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++]!;
      distance += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
    }
    before += distance;
    places.push(before);
  }
  return places;
}

function rowChecksum(stream: string, revision: number, bytes: Uint8Array): number {
  return crc32(bytes.subarray(4), crc32(`${stream}:${revision}`));
}
