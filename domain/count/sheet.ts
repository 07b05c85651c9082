// One sheet of a stocktake: some of its SKUs, and for each what has been counted, what was expected then and what has
// become of it. The state is the fold of the sheet's events. A stock is owed the count of every line that is `applying`.
import { type SortedMap, sortedMap } from '../sorted-map.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import type { VarianceReason } from './commands.ts';
import type { LineStatus } from './machine.ts';

export interface Count {
  /** Of this sheet's counts, from 1: makes the id of the command to the stock. */
  readonly number: number;
  readonly counted: number;
  /** The fence: what had happened by then is in the count. */
  readonly countedAt: Instant;
  /** On-hand as of the fence, as far as our stock knew when the line arrived. */
  readonly expected: number;
  /** Revision of the stock's last event that was known then, -1 for none. */
  readonly revision: number;
  /** The last count before this one in event time: a fact from before it changes nothing here. */
  readonly since?: Instant;
  /** The client that sent it. */
  readonly counter: string;
  readonly device?: string | undefined;
  readonly reason?: VarianceReason | undefined;
  /** Nobody found it: somebody must approve that. */
  readonly zero?: true;
  /** The command that brought it. */
  readonly commandId: string;
}

export interface Line {
  readonly sku: Sku;
  readonly status: LineStatus;
  /** It was known here when the stocktake was opened. */
  readonly known: boolean;
  /** The latest. */
  readonly count?: Count | undefined;
  /** Who approved, rejected or wanted it counted again, last, and by which command. */
  readonly decided?: { readonly by: string; readonly commandId: string } | undefined;
}

export interface Sheet {
  /** `<stocktake id>~<number>`. */
  readonly id: string;
  readonly isOpen: boolean;
  readonly ended: 'completed' | 'cancelled' | undefined;
  readonly location: LocationId;
  /** Other SKUs than the expected ones may be counted. */
  readonly takesOthers: boolean;
  readonly lines: SortedMap<Line>;
  readonly numbered: number;
}

export function newSheet(id: string): Sheet {
  return {
    id,
    isOpen: false,
    ended: undefined,
    location: '',
    takesOthers: false,
    lines: sortedMap(),
    numbered: 0,
  };
}

/** Lines by status, and what was counted of the known ones; stands in every event of a sheet, as levels do in a stock's. */
export interface Tally {
  /** SKUs known here at the opening. */
  readonly expected: number;
  /** Of these, with a count that has not been rejected, dropped or asked for again. */
  readonly counted: number;
  /** Counted and not known before. */
  readonly found: number;
  readonly statuses: Readonly<Record<LineStatus, number>>;
  /** Units above and below what was expected, of lines applied or on their way to the stock. */
  readonly over: number;
  readonly short: number;
}

const NONE: Readonly<Record<LineStatus, number>> = {
  uncounted: 0,
  applying: 0,
  applied: 0,
  waiting: 0,
  recount: 0,
  rejected: 0,
  parked: 0,
  dropped: 0,
};
export const NO_TALLY: Tally = { expected: 0, counted: 0, found: 0, statuses: NONE, over: 0, short: 0 };

export function tallyOf({ lines }: Sheet): Tally {
  const statuses = { ...NONE };
  const sums = { expected: 0, counted: 0, found: 0, over: 0, short: 0 };
  for (const { status, known, count } of lines.values()) {
    statuses[status] += 1;
    if (known) sums.expected += 1;
    if (known && isCounted(status)) sums.counted += 1;
    if (!known && isCounted(status)) sums.found += 1;
    if (count === undefined || (status !== 'applied' && status !== 'applying')) continue;
    const variance = count.counted - count.expected;
    if (variance > 0) sums.over += variance;
    else sums.short -= variance;
  }
  return { ...sums, statuses };
}

function isCounted(status: LineStatus): boolean {
  return status === 'applying' || status === 'applied' || status === 'waiting' || status === 'parked';
}

export function addTallies(a: Tally, b: Tally): Tally {
  const statuses = { ...a.statuses };
  for (const status of Object.keys(statuses) as LineStatus[]) statuses[status] += b.statuses[status];
  return {
    expected: a.expected + b.expected,
    counted: a.counted + b.counted,
    found: a.found + b.found,
    statuses,
    over: a.over + b.over,
    short: a.short + b.short,
  };
}
