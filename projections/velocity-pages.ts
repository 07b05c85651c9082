// Velocity as pages of bytes, and back: `sku/n`, `location/n` and `seller/n` (names by id, as JSON), `rows/n` (each
// column of 1,024 rows after the other, little-endian as they lie in memory) and `head` (how far, and each channel's lag).
import { endianness } from 'node:os';
import { HALF_LIVES } from '../domain/signals/decay.ts';
import { type PublishLag, UNMEASURED } from '../domain/signals/publish-lag.ts';
import type { Names } from './names.ts';
import type { Page } from './projection.ts';
import { createVelocityTable, type VelocityColumns, type VelocityTable } from './velocity-table.ts';

export const PAGE_ROWS = 1_024;
const PAGE_NAMES = 4_096;

/** With the elements a row. */
const COLUMNS = [
  ['sku', 1],
  ['location', 1],
  ['seller', 1],
  ['step', 1],
  ['before', HALF_LIVES],
  ['within', HALF_LIVES],
] as const satisfies readonly (readonly [keyof VelocityColumns, number])[];

export type NameKind = 'sku' | 'location' | 'seller';
export const NAME_KINDS: readonly NameKind[] = ['sku', 'location', 'seller'];

export function namesOf(table: VelocityTable, kind: NameKind): Names {
  return kind === 'sku' ? table.skus : kind === 'location' ? table.locations : table.sellers;
}

export function rowPage(table: VelocityTable, page: number): Page {
  const from = page * PAGE_ROWS;
  const rows = Math.min(table.rows, from + PAGE_ROWS) - from;
  const parts = COLUMNS.map(([name, width]) => bytesOf(table.columns[name], from * width, rows * width));
  const bytes = new Uint8Array(4 + parts.reduce((sum, part) => sum + part.length, 0));
  new DataView(bytes.buffer).setUint32(0, rows, true);
  let at = 4;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { key: `rows/${page}`, bytes };
}

/** Pages of the names from `from` on, of which `size` are known. */
export function* namePages(kind: NameKind, names: Names, from: number, size: number): Generator<Page> {
  if (from === size) return;
  for (let page = Math.floor(from / PAGE_NAMES); page * PAGE_NAMES < size; page++) {
    const list = names.slice(page * PAGE_NAMES, Math.min(size, (page + 1) * PAGE_NAMES));
    yield { key: `${kind}/${page}`, bytes: Buffer.from(JSON.stringify(list)) };
  }
}

export interface Head {
  /** Of the last event that changed anything here. */
  readonly position: bigint;
  /** The running step of log time; -1 before the first stock event. */
  readonly step: number;
  /** The latest step by the clock of the events; it may go back. */
  readonly clockStep: number;
  readonly lags: ReadonlyMap<string, PublishLag>;
}

export function headPage({ position, step, clockStep, lags }: Head): Page {
  const rows = [...lags].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = rows.map(([channel, lag]) => [channel, lag.sumMs, lag.batches, lag.usedMs ?? null]);
  return { key: 'head', bytes: Buffer.from(JSON.stringify([String(position), step, clockStep, list])) };
}

/** Undefined: there are no pages, nothing had been folded. @throws when pages are missing or do not fit together */
export function readVelocity(
  pages: Iterable<Page>,
): { readonly table: VelocityTable; readonly head: Head } | undefined {
  if (endianness() !== 'LE') throw new Error('stored velocity needs a little-endian machine');
  const byKind: Record<NameKind | 'rows', Uint8Array[]> = { sku: [], location: [], seller: [], rows: [] };
  let head: Head | undefined;
  for (const { key, bytes } of pages) {
    const [kind, number] = key.split('/');
    if (kind === 'head') head = readHead(bytes);
    else if (byKind[kind as NameKind] === undefined) throw new Error(`unknown page ${key}`);
    else byKind[kind as NameKind][Number(number)] = bytes;
  }
  if (head === undefined) {
    if (Object.values(byKind).every((kind) => kind.length === 0)) return undefined;
    throw new Error('page head is missing');
  }
  const table = createVelocityTable(byKind.rows.length * PAGE_ROWS);
  for (const kind of NAME_KINDS) readNames(kind, byKind[kind], namesOf(table, kind));
  for (let page = 0; page < byKind.rows.length; page++) {
    const bytes = byKind.rows[page];
    if (bytes === undefined) throw new Error(`page rows/${page} is missing`);
    readRows(table, page, bytes);
  }
  return { table, head };
}

function readHead(bytes: Uint8Array): Head {
  type Row = [channel: string, sumMs: number, batches: number, usedMs: number | null];
  const [position, step, clockStep, list] = JSON.parse(textOf(bytes)) as [string, number, number, Row[]];
  const lags = list.map(([channel, sumMs, batches, usedMs]): [string, PublishLag] => [
    channel,
    { ...UNMEASURED, sumMs, batches, usedMs: usedMs ?? undefined },
  ]);
  return { position: BigInt(position), step, clockStep, lags: new Map(lags) };
}

function readNames(kind: NameKind, pages: readonly (Uint8Array | undefined)[], names: Names): void {
  for (let page = 0; page < pages.length; page++) {
    const bytes = pages[page];
    if (bytes === undefined || names.size !== page * PAGE_NAMES) throw new Error(`page ${kind}/${page} does not fit`);
    for (const name of JSON.parse(textOf(bytes)) as string[]) names.intern(name);
  }
}

function readRows(table: VelocityTable, page: number, bytes: Uint8Array): void {
  const from = page * PAGE_ROWS;
  const rows = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (table.rows !== from || rows > PAGE_ROWS) throw new Error(`page rows/${page} does not fit`);
  const ids = new Int32Array(rows * 2);
  new Uint8Array(ids.buffer).set(bytes.subarray(4, 4 + rows * 8));
  const sellers = new Uint16Array(rows);
  new Uint8Array(sellers.buffer).set(bytes.subarray(4 + rows * 8, 4 + rows * 10));
  for (let n = 0; n < rows; n++) {
    const [sku, location, seller] = [ids[n]!, ids[rows + n]!, sellers[n]!];
    if (sku >= table.skus.size || location >= table.locations.size || seller >= table.sellers.size)
      throw new Error(`page rows/${page} names an unknown id`);
    const [skuName, locationName] = [table.skus.name(sku), table.locations.name(location)];
    const known = table.stockNamed(`${skuName}~${locationName}`, 0);
    table.add(known < 0 ? table.addStock(skuName, locationName) : known, seller);
  }
  let at = 4;
  for (const [name, width] of COLUMNS) {
    const column = bytesOf(table.columns[name], from * width, rows * width);
    column.set(bytes.subarray(at, at + column.length));
    at += column.length;
  }
}

function bytesOf(column: VelocityColumns[keyof VelocityColumns], from: number, count: number): Uint8Array {
  const width = column.BYTES_PER_ELEMENT;
  return new Uint8Array(column.buffer, column.byteOffset + from * width, count * width);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
