// The table of stocks as pages of bytes, and back. Three kinds: `sku/n` and `location/n` (names by id, as JSON) and
// `rows/n` (each column of 1,024 rows after the other, then the reserved units as JSON).
// Columns are stored as they lie in memory: little-endian, as on every platform Node 26 is built for except s390x,
// which is refused.
import { endianness } from 'node:os';
import type { Names } from './names.ts';
import type { Page } from './projection.ts';
import type { ReservedEntry } from './reserved-units.ts';
import { createStockTable, type StockColumns, type StockTable } from './stock-table.ts';

export const PAGE_ROWS = 1_024;
export const PAGE_NAMES = 4_096;

const COLUMNS = [
  'sku',
  'location',
  'onHand',
  'reserved',
  'quarantined',
  'inTransitIn',
  'inTransitOut',
  'revision',
  'position',
  'life',
] as const satisfies readonly (keyof StockColumns)[];
const ROW_BYTES = 4 + 4 + 7 * 8 + 1;

export function rowPage(table: StockTable, page: number): Page {
  const from = page * PAGE_ROWS;
  const to = Math.min(table.rows, from + PAGE_ROWS);
  const rows = to - from;
  const held = table.reservedBy.entries(from, to);
  const tail = held.length === 0 ? NOTHING : Buffer.from(JSON.stringify(held));
  const bytes = new Uint8Array(4 + rows * ROW_BYTES + tail.length);
  new DataView(bytes.buffer).setUint32(0, rows, true);
  let at = 4;
  for (const name of COLUMNS) {
    const column = bytesOf(table.columns[name], from, rows);
    bytes.set(column, at);
    at += column.length;
  }
  bytes.set(tail, at);
  return { key: `rows/${page}`, bytes };
}
const NOTHING = new Uint8Array(0);

/** Page `page` of the names of which `size` are known. */
export function namePage(kind: 'sku' | 'location', names: Names, page: number, size: number): Page {
  const from = page * PAGE_NAMES;
  const list = names.slice(from, Math.min(size, from + PAGE_NAMES));
  return { key: `${kind}/${page}`, bytes: Buffer.from(JSON.stringify(list)) };
}

/** @throws when pages are missing or do not fit together */
export function readStockTable(pages: Iterable<Page>): StockTable {
  if (endianness() !== 'LE') throw new Error('stored stock levels need a little-endian machine');
  const byKind = { sku: [] as Uint8Array[], location: [] as Uint8Array[], rows: [] as Uint8Array[] };
  for (const { key, bytes } of pages) {
    const [kind, number] = key.split('/');
    const list = byKind[kind as keyof typeof byKind];
    if (list === undefined) throw new Error(`unknown page ${key}`);
    list[Number(number)] = bytes;
  }
  const last = byKind.rows.length - 1;
  const table = createStockTable(last < 0 ? 0 : last * PAGE_ROWS + PAGE_ROWS);
  readNames(byKind.sku, table.skus);
  readNames(byKind.location, table.locations);
  for (let page = 0; page <= last; page++) {
    const bytes = byKind.rows[page];
    if (bytes === undefined) throw new Error(`page rows/${page} is missing`);
    readRows(table, page, bytes, page === last);
  }
  return table;
}

function readNames(pages: readonly (Uint8Array | undefined)[], names: Names): void {
  for (let page = 0; page < pages.length; page++) {
    const bytes = pages[page];
    if (bytes === undefined || names.size !== page * PAGE_NAMES)
      throw new Error(`a page of names before ${page} is missing`);
    for (const name of JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as string[]) {
      names.intern(name);
    }
  }
}

function readRows(table: StockTable, page: number, bytes: Uint8Array, isLast: boolean): void {
  const from = page * PAGE_ROWS;
  const rows = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (table.rows !== from || rows > PAGE_ROWS || (rows < PAGE_ROWS && !isLast))
    throw new Error(`page rows/${page} does not fit`);
  const ids = new Int32Array(rows * 2);
  new Uint8Array(ids.buffer).set(bytes.subarray(4, 4 + rows * 8));
  for (let n = 0; n < rows; n++) {
    const [sku, location] = [ids[n]!, ids[rows + n]!];
    if (sku >= table.skus.size || location >= table.locations.size)
      throw new Error(`page rows/${page} names an unknown id`);
    table.add(sku, location);
  }
  let at = 4;
  for (const name of COLUMNS) {
    const column = bytesOf(table.columns[name], from, rows);
    column.set(bytes.subarray(at, at + column.length));
    at += column.length;
  }
  if (at === bytes.length) return;
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at).toString();
  for (const [row, channel, units] of JSON.parse(tail) as ReservedEntry[]) table.reservedBy.add(row, channel, units);
}

function bytesOf(column: StockColumns[keyof StockColumns], from: number, rows: number): Uint8Array {
  const width = column.BYTES_PER_ELEMENT;
  return new Uint8Array(column.buffer, column.byteOffset + from * width, rows * width);
}
