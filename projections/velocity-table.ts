// Demand as rows of typed columns: one row for each stock and who sold of it (a channel, or nobody named), about 60
// bytes. A stock that never sold has none. Rows are in the order of first demand and never move.
import { HALF_LIVES, left } from '../domain/signals/decay.ts';
import { createNames, type Names } from './names.ts';

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
  /** The row, added if it is not there yet, by the ids of its names. */
  row(sku: number, location: number, seller: number): number;
  /** As `row`, or -1. */
  find(sku: number, location: number, seller: number): number;
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
  /** Open addressing: row + 1, 0 for none; a power of two, at most two thirds full. */
  let slots = new Int32Array(capacity * 2);
  let latestOfSku = new Int32Array(ROWS_MIN);
  let olderOfSku = new Int32Array(capacity);
  let rows = 0;

  const slotOf = (sku: number, location: number, seller: number): number => {
    const mask = slots.length - 1;
    for (let slot = hashOf(sku, location, seller) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0) return slot;
      if (columns.sku[row] === sku && columns.location[row] === location && columns.seller[row] === seller) return slot;
    }
  };
  const grow = () => {
    capacity *= 2;
    growColumns(columns, capacity);
    olderOfSku = grown(olderOfSku, capacity);
    slots = new Int32Array(capacity * 2);
    for (let row = 0; row < rows; row++) {
      slots[slotOf(columns.sku[row]!, columns.location[row]!, columns.seller[row]!)] = row + 1;
    }
  };

  return {
    columns,
    skus,
    locations,
    sellers,
    get rows() {
      return rows;
    },
    find: (sku, location, seller) => slots[slotOf(sku, location, seller)]! - 1,
    row(sku, location, seller) {
      if (seller > SELLERS_MAX) throw new Error(`more than ${SELLERS_MAX} channels have sold`);
      const found = slots[slotOf(sku, location, seller)]! - 1;
      if (found >= 0) return found;
      if (rows === capacity) grow();
      while (sku >= latestOfSku.length) latestOfSku = grown(latestOfSku, latestOfSku.length * 2);
      columns.sku[rows] = sku;
      columns.location[rows] = location;
      columns.seller[rows] = seller;
      slots[slotOf(sku, location, seller)] = rows + 1;
      olderOfSku[rows] = latestOfSku[sku]!;
      latestOfSku[sku] = rows + 1;
      rows += 1;
      return rows - 1;
    },
    *rowsOfSku(sku) {
      for (let next = latestOfSku[sku] ?? 0; next !== 0; next = olderOfSku[next - 1]!) yield next - 1;
    },
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

/** MurmurHash3's finaliser over the three ids. */
function hashOf(sku: number, location: number, seller: number): number {
  let h = Math.imul(sku, 0x9e3779b1) ^ Math.imul(location + 1, 0x85ebca77) ^ Math.imul(seller + 1, 0xc2b2ae3d);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
