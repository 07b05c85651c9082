// Rows in the order in which they were placed in the log, of which most leave again. Those that left are dropped in one
// sweep when they are the half, so adding, leaving and reading on from a place cost the same however many there are.
import type { Position } from '../domain/event-log.ts';

export interface PlacedRows<R extends { readonly placed: Position }> {
  /** Rows that have not left. */
  readonly size: number;
  /** `row` was placed after all that are here. */
  add(row: R): void;
  /** Call once for each row that left, after `isHere` says so of it. */
  left(): void;
  /** The first rows placed after `position` that `matches`, oldest first, and where to go on; looks at `scanMax` rows. */
  page(position: Position, limit: number, scanMax: number, matches: (row: R) => boolean): PlacedPage<R>;
  /** At most `max` of them, the youngest first. */
  youngest(max: number): readonly R[];
}

export interface PlacedPage<R> {
  readonly rows: readonly R[];
  /** Undefined: there is nothing after them. */
  readonly next?: Position;
}

/** Fewer that have left are not worth a sweep. */
const SWEPT_MIN = 32;

export function createPlacedRows<R extends { readonly placed: Position }>(isHere: (row: R) => boolean): PlacedRows<R> {
  let rows: R[] = [];
  let gone = 0;
  return {
    get size() {
      return rows.length - gone;
    },
    add: (row) => void rows.push(row),
    left() {
      gone += 1;
      if (gone < SWEPT_MIN || gone * 2 < rows.length) return;
      rows = rows.filter(isHere);
      gone = 0;
    },
    page(position, limit, scanMax, matches) {
      const found: R[] = [];
      const first = firstAfter(rows, position);
      const end = Math.min(rows.length, first + scanMax);
      for (let n = first; n < end; n++) {
        const row = rows[n]!;
        if (!isHere(row) || !matches(row)) continue;
        if (found.length === limit) return { rows: found, next: found.at(-1)!.placed };
        found.push(row);
      }
      return end === rows.length ? { rows: found } : { rows: found, next: rows[end - 1]!.placed };
    },
    youngest(max) {
      const found: R[] = [];
      for (let n = rows.length - 1; n >= 0 && found.length < max; n--) if (isHere(rows[n]!)) found.push(rows[n]!);
      return found;
    },
  };
}

function firstAfter(rows: readonly { readonly placed: Position }[], position: Position): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.placed <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
