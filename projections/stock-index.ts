// Finds the row of a stock by the name of its stream: open addressing in Int32Arrays over a hash of the characters.
// A Map of a million stream names costs 100 bytes and more a stock and 0.7 µs a look-up (each name arrives as a new
// string); this costs 12 to 16 bytes and 0.1 µs, and cuts no substring on the way.
import type { Names } from './names.ts';

export interface StockIndex {
  /** The row of the stock `<sku>~<location>`, which starts in `text` at `from`, or -1. */
  find(text: string, from: number): number;
  /** The same by the two names, which need not be put together for it. */
  findPair(sku: string, location: string): number;
  /** Adds the next row (0, 1, 2 …); its names must not be there yet. */
  add(sku: string, location: string): void;
}

export interface RowNames {
  readonly skus: Names;
  readonly locations: Names;
  sku(row: number): number;
  location(row: number): number;
}

const SLOTS_MIN = 2_048;
const TILDE = 0x7e;

export function createStockIndex(names: RowNames, rowsExpected = 0): StockIndex {
  /** Row + 1, 0 for none; a power of two, at most two thirds full. */
  let slots = new Int32Array(slotsFor(rowsExpected));
  let hashes = new Int32Array(Math.max(SLOTS_MIN, rowsExpected));
  let rows = 0;

  const isNamed = (row: number, text: string, from: number): boolean => {
    const sku = names.skus.name(names.sku(row));
    const location = names.locations.name(names.location(row));
    return (
      text.length === from + sku.length + 1 + location.length &&
      isAt(text, from, sku) &&
      text.charCodeAt(from + sku.length) === TILDE &&
      isAt(text, from + sku.length + 1, location)
    );
  };
  const areNames = (row: number, sku: string, location: string): boolean =>
    names.skus.name(names.sku(row)) === sku && names.locations.name(names.location(row)) === location;
  const place = (row: number) => {
    const mask = slots.length - 1;
    let slot = hashes[row]! & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  };
  const grow = () => {
    slots = new Int32Array(slots.length * 2);
    for (let row = 0; row < rows; row++) place(row);
  };

  return {
    find(text, from) {
      const hash = finished(hashed(SEED, text, from));
      const mask = slots.length - 1;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const row = slots[slot]! - 1;
        if (row < 0 || (hashes[row] === hash && isNamed(row, text, from))) return row;
      }
    },
    findPair(sku, location) {
      const hash = hashOf(sku, location);
      const mask = slots.length - 1;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const row = slots[slot]! - 1;
        if (row < 0 || (hashes[row] === hash && areNames(row, sku, location))) return row;
      }
    },
    add(sku, location) {
      if ((rows + 1) * 3 > slots.length * 2) grow();
      if (rows === hashes.length) {
        const larger = new Int32Array(rows * 2);
        larger.set(hashes);
        hashes = larger;
      }
      hashes[rows] = hashOf(sku, location);
      place(rows);
      rows += 1;
    },
  };
}

function slotsFor(rows: number): number {
  let slots = SLOTS_MIN;
  while (rows * 3 > slots * 2) slots *= 2;
  return slots;
}

function isAt(text: string, from: number, part: string): boolean {
  for (let n = 0; n < part.length; n++) if (text.charCodeAt(from + n) !== part.charCodeAt(n)) return false;
  return true;
}

// FNV-1a over code units, finalised as in MurmurHash3 so that the low bits depend on all.
const SEED = 0x811c9dc5 | 0;
function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}
function hashed(seed: number, text: string, from: number): number {
  let hash = seed;
  for (let n = from; n < text.length; n++) hash = step(hash, text.charCodeAt(n));
  return hash;
}
/** Of `<sku>~<location>`. */
function hashOf(sku: string, location: string): number {
  return finished(hashed(step(hashed(SEED, sku, 0), TILDE), location, 0));
}
function finished(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
