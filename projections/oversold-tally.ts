// How many stocks are oversold, and by how many units in all: kept with each change of a row, because counting a million
// rows whenever somebody asks would stop everything else for milliseconds.
import type { StockTable } from './stock-table.ts';

export interface Oversold {
  readonly stocks: number;
  readonly units: number;
}

export interface OversoldTally {
  now(): Oversold;
  /** A row's units promised beyond what is there were `before` and are `after`. */
  moved(before: number, after: number): void;
}

/** Starts from the rows of `table`. */
export function tallyOversold(table: StockTable): OversoldTally {
  const tally = { stocks: 0, units: 0 };
  const moved = (before: number, after: number) => {
    if (before === after) return;
    tally.stocks += Number(after > 0) - Number(before > 0);
    tally.units += after - before;
  };
  for (let row = 0; row < table.rows; row++) moved(0, oversoldUnits(table, row));
  return { now: () => ({ ...tally }), moved };
}

/** As `oversold` of the domain, without making an object for the levels. */
export function oversoldUnits({ columns }: StockTable, row: number): number {
  return Math.max(0, columns.reserved[row]! + columns.quarantined[row]! - columns.onHand[row]!);
}
