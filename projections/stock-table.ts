// Every stock as a row of typed columns: 81 bytes a stock where an object would cost several hundred. Rows are in the
// order of each stock's first event in the log and never move, so the same events give the same table.
import type { Levels } from '../domain/stock/levels.ts';
import { createNames, type Names } from './names.ts';
import { createReservedUnits, type ReservedUnits } from './reserved-units.ts';
import { createStockIndex } from './stock-index.ts';

/** Columns that are stored. Quantities and revisions are exact in a double up to 2^53. */
export interface StockColumns {
  sku: Int32Array;
  location: Int32Array;
  onHand: Float64Array;
  reserved: Float64Array;
  quarantined: Float64Array;
  inTransitIn: Float64Array;
  inTransitOut: Float64Array;
  revision: Float64Array;
  position: BigInt64Array;
  life: Uint8Array;
}

/** `life` of a row. */
export const ACTIVE = 0;
export const FROZEN = 1;
export const RETIRED = 2;

export interface StockTable {
  readonly columns: StockColumns;
  readonly rows: number;
  readonly skus: Names;
  readonly locations: Names;
  readonly reservedBy: ReservedUnits;
  /** The row of a stock, or -1. */
  find(sku: string, location: string): number;
  /** The row of the stock named `<sku>~<location>` from place `from` of `text`, or -1. */
  findNamed(text: string, from: number): number;
  /** Adds a stock that is not there yet, by the ids of its names. */
  add(sku: number, location: number): number;
  /** Rows of one SKU, latest first. */
  rowsOfSku(sku: number): Iterable<number>;
  levels(row: number): Levels;
}

const ROWS_MIN = 1_024;

export function createStockTable(rowsExpected = 0): StockTable {
  let capacity = ROWS_MIN;
  while (capacity < rowsExpected) capacity *= 2;
  const columns = emptyColumns(capacity);
  const skus = createNames();
  const locations = createNames();
  const index = createStockIndex(
    { skus, locations, sku: (row) => columns.sku[row]!, location: (row) => columns.location[row]! },
    rowsExpected,
  );
  /** Rows of a SKU as a chain: its latest row, and from each row the one before, as row + 1 with 0 for none. */
  let latestOfSku = new Int32Array(ROWS_MIN);
  let olderOfSku = new Int32Array(capacity);
  let rows = 0;

  return {
    columns,
    skus,
    locations,
    reservedBy: createReservedUnits(),
    get rows() {
      return rows;
    },
    find: index.findPair,
    findNamed: index.find,
    add(sku, location) {
      if (rows === capacity) {
        capacity *= 2;
        growColumns(columns, capacity);
        olderOfSku = grown(olderOfSku, capacity);
      }
      while (sku >= latestOfSku.length) latestOfSku = grown(latestOfSku, latestOfSku.length * 2);
      columns.sku[rows] = sku;
      columns.location[rows] = location;
      columns.revision[rows] = -1;
      columns.position[rows] = -1n;
      index.add(skus.name(sku), locations.name(location));
      olderOfSku[rows] = latestOfSku[sku]!;
      latestOfSku[sku] = rows + 1;
      rows += 1;
      return rows - 1;
    },
    *rowsOfSku(sku) {
      for (let next = latestOfSku[sku] ?? 0; next !== 0; next = olderOfSku[next - 1]!) yield next - 1;
    },
    levels: (row) => ({
      onHand: columns.onHand[row]!,
      reserved: columns.reserved[row]!,
      quarantined: columns.quarantined[row]!,
      inTransitIn: columns.inTransitIn[row]!,
      inTransitOut: columns.inTransitOut[row]!,
    }),
  };
}

function emptyColumns(capacity: number): StockColumns {
  return {
    sku: new Int32Array(capacity),
    location: new Int32Array(capacity),
    onHand: new Float64Array(capacity),
    reserved: new Float64Array(capacity),
    quarantined: new Float64Array(capacity),
    inTransitIn: new Float64Array(capacity),
    inTransitOut: new Float64Array(capacity),
    revision: new Float64Array(capacity),
    position: new BigInt64Array(capacity),
    life: new Uint8Array(capacity),
  };
}

function growColumns(columns: StockColumns, capacity: number): void {
  columns.sku = grown(columns.sku, capacity);
  columns.location = grown(columns.location, capacity);
  columns.onHand = grown(columns.onHand, capacity);
  columns.reserved = grown(columns.reserved, capacity);
  columns.quarantined = grown(columns.quarantined, capacity);
  columns.inTransitIn = grown(columns.inTransitIn, capacity);
  columns.inTransitOut = grown(columns.inTransitOut, capacity);
  columns.revision = grown(columns.revision, capacity);
  columns.life = grown(columns.life, capacity);
  const position = new BigInt64Array(capacity);
  position.set(columns.position);
  columns.position = position;
}

function grown<A extends Int32Array | Float64Array | Uint8Array>(column: A, capacity: number): A {
  const larger = new (column.constructor as new (length: number) => A)(capacity);
  larger.set(column);
  return larger;
}
