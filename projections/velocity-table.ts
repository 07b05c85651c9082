// Demand as rows of typed columns: one row for each stock and who sold of it (a channel, or nobody named), about 60
// bytes. A stock that never sold has none. Rows are in the order of first demand and never move.
import { HALF_LIVES, left } from '../domain/signals/decay.ts';
import { createNames, type Names } from './names.ts';
import { createStockIndex } from './stock-index.ts';

/** Columns that are stored. */
export interface VelocityColumns {
  sku: Int32Array;
  location: Int32Array;
  seller: Uint16Array;
  /** The step of five minutes in which it last sold. */
  step: Int32Array;
  /** By half-life, row after row: decayed units up to the start of `step`. */
  before: Float32Array;
  /** The same shape: units of `step` itself, of which late facts count less. */
  within: Float32Array;
}

export interface VelocityTable {
  readonly columns: VelocityColumns;
  readonly rows: number;
  readonly skus: Names;
  readonly locations: Names;
  readonly sellers: Names;
  /** The stock named `<sku>~<location>` from place `from` of `text`, or -1 when it never had demand. */
  stockNamed(text: string, from: number): number;
  /** A stock that is not there yet. */
  addStock(sku: string, location: string): number;
  /** The row of a stock and who sold of it, or -1. */
  find(stock: number, seller: number): number;
  /** Adds such a row, which must not be there yet. */
  add(stock: number, seller: number): number;
  rowsOfStock(stock: number): Iterable<number>;
  /** Rows of one SKU, latest first. */
  rowsOfSku(sku: number): Iterable<number>;
  /** Decayed units of a row as of the start of `now`: what sold within it does not count yet. */
  unitsAtStart(row: number, halfLife: number, now: number): number;
  /** Decayed units of a row, those of the running step included. */
  units(row: number, halfLife: number, now: number): number;
}

const ROWS_MIN = 1_024;
const SELLERS_MAX = 65_535;

export function createVelocityTable(rowsExpected = 0): VelocityTable {
  let capacity = ROWS_MIN;
  while (capacity < rowsExpected) capacity *= 2;
  const columns = emptyColumns(capacity);
  const [skus, locations, sellers] = [createNames(), createNames(), createNames()];
  const stocks = createStocks(skus, locations, rowsExpected);
  const ofStock = createChains();
  const ofSku = createChains();
  let rows = 0;

  return {
    columns,
    skus,
    locations,
    sellers,
    get rows() {
      return rows;
    },
    stockNamed: stocks.find,
    addStock: stocks.add,
    find(stock, seller) {
      let row = ofStock.latest(stock);
      while (row >= 0 && columns.seller[row] !== seller) row = ofStock.older(row);
      return row;
    },
    add(stock, seller) {
      if (seller > SELLERS_MAX) throw new Error(`more than ${SELLERS_MAX} channels have sold`);
      if (rows === capacity) {
        capacity *= 2;
        growColumns(columns, capacity);
      }
      const sku = stocks.sku(stock);
      columns.sku[rows] = sku;
      columns.location[rows] = stocks.location(stock);
      columns.seller[rows] = seller;
      ofStock.add(stock, rows);
      ofSku.add(sku, rows);
      rows += 1;
      return rows - 1;
    },
    rowsOfStock: ofStock.all,
    rowsOfSku: ofSku.all,
    unitsAtStart(row, halfLife, now) {
      const at = row * HALF_LIVES + halfLife;
      const steps = now - columns.step[row]!;
      // Rounded as `addDemand` stores it: the same before and after the first sale of the step.
      return steps === 0
        ? columns.before[at]!
        : Math.fround((columns.before[at]! + columns.within[at]!) * left(steps, halfLife));
    },
    units(row, halfLife, now) {
      const at = row * HALF_LIVES + halfLife;
      return (columns.before[at]! + columns.within[at]!) * left(now - columns.step[row]!, halfLife);
    },
  };
}

/** Stocks by name, in the order of their first demand. */
function createStocks(skus: Names, locations: Names, expected: number) {
  let skuOf = new Int32Array(ROWS_MIN);
  let locationOf = new Int32Array(ROWS_MIN);
  let size = 0;
  const sku = (stock: number) => skuOf[stock]!;
  const location = (stock: number) => locationOf[stock]!;
  const index = createStockIndex({ skus, locations, sku, location }, expected);
  return {
    sku,
    location,
    find: index.find,
    add(skuName: string, locationName: string): number {
      if (size === skuOf.length) {
        skuOf = grown(skuOf, size * 2);
        locationOf = grown(locationOf, size * 2);
      }
      skuOf[size] = skus.intern(skuName);
      locationOf[size] = locations.intern(locationName);
      index.add(skuName, locationName);
      size += 1;
      return size - 1;
    },
  };
}

/** Rows that belong together: from the latest of a group to the one before it, and so on. */
function createChains() {
  /** Row + 1, 0 for none: by group, and by row. */
  let latest = new Int32Array(ROWS_MIN);
  let older = new Int32Array(ROWS_MIN);
  const chains = {
    latest: (group: number) => (latest[group] ?? 0) - 1,
    older: (row: number) => older[row]! - 1,
    add(group: number, row: number) {
      while (group >= latest.length) latest = grown(latest, latest.length * 2);
      while (row >= older.length) older = grown(older, older.length * 2);
      older[row] = latest[group]!;
      latest[group] = row + 1;
    },
    *all(group: number): Generator<number> {
      for (let row = chains.latest(group); row >= 0; row = chains.older(row)) yield row;
    },
  };
  return chains;
}

/** Adds units of step `now` to a row; `lateSteps` late. */
export function addDemand(table: VelocityTable, row: number, now: number, units: number, lateSteps: number): void {
  const { columns } = table;
  const steps = now - columns.step[row]!;
  for (let halfLife = 0; halfLife < HALF_LIVES; halfLife++) {
    const at = row * HALF_LIVES + halfLife;
    if (steps !== 0) {
      columns.before[at] = (columns.before[at]! + columns.within[at]!) * left(steps, halfLife);
      columns.within[at] = 0;
    }
    columns.within[at] = columns.within[at]! + units * left(lateSteps, halfLife);
  }
  columns.step[row] = now;
}

function emptyColumns(capacity: number): VelocityColumns {
  return {
    sku: new Int32Array(capacity),
    location: new Int32Array(capacity),
    seller: new Uint16Array(capacity),
    step: new Int32Array(capacity),
    before: new Float32Array(capacity * HALF_LIVES),
    within: new Float32Array(capacity * HALF_LIVES),
  };
}

function growColumns(columns: VelocityColumns, capacity: number): void {
  columns.sku = grown(columns.sku, capacity);
  columns.location = grown(columns.location, capacity);
  columns.seller = grown(columns.seller, capacity);
  columns.step = grown(columns.step, capacity);
  columns.before = grown(columns.before, capacity * HALF_LIVES);
  columns.within = grown(columns.within, capacity * HALF_LIVES);
}

function grown<A extends Int32Array | Float32Array | Uint16Array>(column: A, capacity: number): A {
  const larger = new (column.constructor as new (length: number) => A)(capacity);
  larger.set(column);
  return larger;
}
