// Rows in the order in which they were placed in the log, of which most leave again. Those that left are dropped in one
// sweep when they are the half, so adding, leaving and reading on from a place cost the same however many there are.
// Plain data and functions over it: there is one list for each SKU, and closures would weigh more than their rows.
import type { Position } from '../domain/event-log.ts';

/** A position, as a number where that is exact: a bigint is an object of its own on the heap, and there is one for each row. */
export type Place = number | bigint;

export function placeOf(position: Position): Place {
  return position <= Number.MAX_SAFE_INTEGER ? Number(position) : position;
}

interface Placed {
  readonly placed: Place;
}

export interface PlacedRows<R extends Placed> {
  rows: R[];
  /** Of them, those that have left. */
  gone: number;
}

export interface PlacedPage<R> {
  readonly rows: readonly R[];
  /** Undefined: there is nothing after them. */
  readonly next?: Position;
}

/** Fewer that have left are not worth a sweep. */
const SWEPT_MIN = 32;

export function noRows<R extends Placed>(): PlacedRows<R> {
  return { rows: [], gone: 0 };
}

/** Rows that have not left. */
export function sizeOf({ rows, gone }: PlacedRows<Placed>): number {
  return rows.length - gone;
}

/** Call once for each row that left, after `isHere` says so of it. */
export function oneLeft<R extends Placed>(list: PlacedRows<R>, isHere: (row: R) => boolean): void {
  list.gone += 1;
  if (list.gone < SWEPT_MIN || list.gone * 2 < list.rows.length) return;
  list.rows = list.rows.filter(isHere);
  list.gone = 0;
}

/** The first rows placed after `position` that `matches`, oldest first, and where to go on; looks at `scanMax` rows. */
export function pageAfter<R extends Placed>(
  { rows }: PlacedRows<R>,
  position: Position,
  limit: number,
  scanMax: number,
  matches: (row: R) => boolean,
): PlacedPage<R> {
  const found: R[] = [];
  const first = firstAfter(rows, position);
  const end = Math.min(rows.length, first + scanMax);
  for (let n = first; n < end; n++) {
    const row = rows[n]!;
    if (!matches(row)) continue;
    if (found.length === limit) return { rows: found, next: BigInt(found.at(-1)!.placed) };
    found.push(row);
  }
  return end === rows.length ? { rows: found } : { rows: found, next: BigInt(rows[end - 1]!.placed) };
}

/** At most `max` of those that are here, the youngest first. */
export function youngest<R extends Placed>(
  { rows }: PlacedRows<R>,
  max: number,
  isHere: (row: R) => boolean,
): readonly R[] {
  const found: R[] = [];
  for (let n = rows.length - 1; n >= 0 && found.length < max; n--) if (isHere(rows[n]!)) found.push(rows[n]!);
  return found;
}

function firstAfter(rows: readonly Placed[], position: Position): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.placed <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
