// Stocktakes and how far each has come: by location, newest first, with the tallies of its sheets. Folded from their
// streams, whose events carry the status and the tally after them. The lines themselves are read from the sheets.

import type { StocktakeStatus } from '../domain/count/machine.ts';
import { addTallies, NO_TALLY, type Tally } from '../domain/count/sheet.ts';
import { SHEET_EVENT_TYPES, SHEET_EVENT_VERSION, SHEET_UPCASTERS } from '../domain/count/sheet-events.ts';
import { parseSheetId } from '../domain/count/sheet-of.ts';
import {
  STOCKTAKE_CATEGORY,
  STOCKTAKE_EVENT_TYPES,
  STOCKTAKE_EVENT_VERSION,
  STOCKTAKE_UPCASTERS,
} from '../domain/count/stocktake.ts';
import type { JsonObject, Position, RecordedEvent } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import { readVersioned } from '../domain/versioned-event.ts';
import { createChangedPages } from './changed-pages.ts';
import type { Page, Projection } from './projection.ts';

export const STOCKTAKES = 'stocktakes';

export interface StocktakeRow {
  readonly id: string;
  readonly status: StocktakeStatus;
  readonly location: string;
  readonly scope: 'full' | 'skus';
  readonly openedAt: Instant;
  readonly openedBy: string;
  /** When no more lines were taken, if that is so. */
  readonly endedAt: Instant | undefined;
  /** Of its first event: the order of all. */
  readonly position: Position;
  readonly revision: number;
  /** By number; undefined until it is open. */
  readonly sheets: readonly (SheetRow | undefined)[];
}

export interface SheetRow {
  readonly revision: number;
  readonly tally: Tally;
}

export interface Stocktakes extends Projection {
  readonly size: number;
  stocktake(id: string): StocktakeRow | undefined;
  /** Newest first, from before the one at `before`. */
  newestFirst(before?: Position): Iterable<StocktakeRow>;
  /** Those that are half opened or half closed, or have a count that a stock has not answered. */
  unsettled(): Iterable<StocktakeRow>;
  /** Stocktakes that are being opened or counted, and lines of all that wait to be decided. */
  sums(): { readonly open: number; readonly waiting: number };
  markAllChanged(): void;
}

type Row = Omit<{ -readonly [K in keyof StocktakeRow]: StocktakeRow[K] }, 'sheets'> & {
  sheets: (SheetRow | undefined)[];
};

const PREFIX = `${STOCKTAKE_CATEGORY}-`;
const ROWS_PER_PAGE = 8;

export function createStocktakes(): Stocktakes {
  const table = createTable();
  const { rows } = table;
  const pages = createChangedPages((page) => encode(page, rows));

  const foldStocktake = (recorded: RecordedEvent, id: string) => {
    const place = table.places.get(id);
    if (place !== undefined && recorded.revision <= rows[place]!.revision) return;
    const event = readVersioned(recorded, STOCKTAKE_EVENT_VERSION, STOCKTAKE_EVENT_TYPES, STOCKTAKE_UPCASTERS);
    if (place === undefined) {
      const row = opened(recorded, id, event);
      pages.willChange(pageOf(rows.length));
      table.add(row);
      return;
    }
    const row = rows[place]!;
    pages.willChange(pageOf(place));
    table.count(row, -1);
    row.revision = recorded.revision;
    row.status = event['status'] as StocktakeStatus;
    table.count(row, 1);
    if (row.status !== 'opening' && row.status !== 'counting') row.endedAt ??= event['recordedAt'] as Instant;
    table.settle(place);
  };
  const foldSheet = (recorded: RecordedEvent, id: string, number: number) => {
    const place = table.places.get(id);
    // A stocktake is in the log before its sheets.
    if (place === undefined) throw new Error(`${recorded.stream}@${recorded.revision} is of no known stocktake`);
    const before = rows[place]!.sheets[number];
    if (before !== undefined && recorded.revision <= before.revision) return;
    const event = readVersioned(recorded, SHEET_EVENT_VERSION, SHEET_EVENT_TYPES, SHEET_UPCASTERS);
    pages.willChange(pageOf(place));
    const after: SheetRow = { revision: recorded.revision, tally: event['tally'] as unknown as Tally };
    rows[place]!.sheets[number] = after;
    table.waits(waitingOn(after) - waitingOn(before));
    table.settle(place);
  };

  return {
    ...table.reading,
    name: STOCKTAKES,
    version: 1,
    get size() {
      return rows.length;
    },
    apply(recorded) {
      if (!recorded.stream.startsWith(PREFIX)) return;
      const id = recorded.stream.slice(PREFIX.length);
      const sheet = parseSheetId(id);
      if (sheet === undefined) foldStocktake(recorded, id);
      else foldSheet(recorded, sheet.stocktakeId, sheet.number);
    },
    takeChangedPages: pages.take,
    markAllChanged: () => pages.changeAll(Math.ceil(rows.length / ROWS_PER_PAGE)),
    restore(stored) {
      for (const row of decode(stored)) table.add(row);
    },
  };
}

/** Rows in the order of their first events, and which are not settled. */
function createTable() {
  const rows: Row[] = [];
  const places = new Map<string, number>();
  const unsettled = new Set<number>();
  const sums = { open: 0, waiting: 0 };
  const settle = (place: number) => void (isSettled(rows[place]!) ? unsettled.delete(place) : unsettled.add(place));
  const count = (row: Row, by: 1 | -1) => {
    if (row.status === 'opening' || row.status === 'counting') sums.open += by;
  };
  const reading: Pick<Stocktakes, 'stocktake' | 'newestFirst' | 'unsettled' | 'sums'> = {
    sums: () => ({ ...sums }),
    stocktake(id) {
      const place = places.get(id);
      return place === undefined ? undefined : rows[place];
    },
    *newestFirst(before) {
      for (let place = before === undefined ? rows.length : firstFrom(rows, before); place > 0; ) yield rows[--place]!;
    },
    *unsettled() {
      for (const place of unsettled) yield rows[place]!;
    },
  };
  return {
    rows,
    places,
    settle,
    reading,
    count,
    waits(lines: number) {
      sums.waiting += lines;
    },
    add(row: Row) {
      places.set(row.id, rows.length);
      rows.push(row);
      settle(rows.length - 1);
      count(row, 1);
      sums.waiting += row.sheets.reduce((sum, sheet) => sum + waitingOn(sheet), 0);
    },
  };
}

/** Is a step of this stocktake still to be taken? */
export function isInBetween({ status }: Pick<StocktakeRow, 'status'>): boolean {
  return status === 'opening' || status === 'completing' || status === 'cancelling';
}

function isSettled({ status, sheets }: Row): boolean {
  return (
    !isInBetween({ status }) && sheets.every((sheet) => sheet === undefined || sheet.tally.statuses.applying === 0)
  );
}

function waitingOn(sheet: SheetRow | undefined): number {
  return sheet?.tally.statuses.waiting ?? 0;
}

/** Of all its sheets. */
export function stocktakeTally({ sheets }: Pick<StocktakeRow, 'sheets'>): Tally {
  return sheets.reduce((sum, sheet) => (sheet === undefined ? sum : addTallies(sum, sheet.tally)), NO_TALLY);
}

function opened(recorded: RecordedEvent, id: string, event: JsonObject): Row {
  if (recorded.type !== 'StocktakeOpened' || typeof event['sheets'] !== 'number') {
    throw new Error(`${recorded.stream}@${recorded.revision}: ${recorded.type} begins no stocktake`);
  }
  return {
    id,
    status: event['status'] as StocktakeStatus,
    location: event['location'] as string,
    scope: (event['scope'] as { readonly type: 'full' | 'skus' }).type,
    openedAt: event['recordedAt'] as Instant,
    openedBy: event['source'] as string,
    endedAt: undefined,
    position: recorded.position,
    revision: recorded.revision,
    sheets: Array.from({ length: event['sheets'] }, () => undefined),
  };
}

/** Rows before the first whose position is not below `position`. */
function firstFrom(rows: readonly Row[], position: Position): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (rows[middle]!.position < position) from = middle + 1;
    else to = middle;
  }
  return from;
}

type StoredRow = Omit<StocktakeRow, 'position' | 'endedAt' | 'sheets'> & {
  readonly position: string;
  readonly endedAt: Instant | null;
  readonly sheets: readonly (SheetRow | null)[];
};

function pageOf(place: number): number {
  return Math.floor(place / ROWS_PER_PAGE);
}

function numberOf({ key }: Page): number {
  return Number(key.slice('stocktakes/'.length));
}

function encode(page: number, rows: readonly Row[]): Page {
  const stored = rows.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map(
    ({ position, endedAt, sheets, ...row }): StoredRow => ({
      ...row,
      position: position.toString(),
      endedAt: endedAt ?? null,
      sheets: sheets.map((sheet) => sheet ?? null),
    }),
  );
  return { key: `stocktakes/${page}`, bytes: Buffer.from(JSON.stringify(stored)) };
}

function decode(stored: Iterable<Page>): readonly Row[] {
  const inOrder = [...stored].sort((a, b) => numberOf(a) - numberOf(b));
  return inOrder
    .flatMap(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as StoredRow[])
    .map((row) => ({
      ...row,
      endedAt: row.endedAt ?? undefined,
      position: BigInt(row.position),
      sheets: row.sheets.map((sheet) => sheet ?? undefined),
    }));
}
