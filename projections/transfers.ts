// Transfers that are open: somebody has yet to send, take, answer or explain something. Folded from what each event of a
// transfer says of how it stands, and stored, so that whoever keeps them going knows them at once after a start, and so
// that each stock can say what its in-transit units are. A transfer leaves when it has ended and owes nothing.
import type { Position, RecordedEvent } from '../domain/event-log.ts';
import type { LocationId, Sku } from '../domain/stock/stream.ts';
import type { Instant } from '../domain/time.ts';
import type { Standing } from '../domain/transfer/events.ts';
import type { TransferStatus } from '../domain/transfer/machine.ts';
import { isOpen } from '../domain/transfer/transfer.ts';
import { parseTransferStream, readTransferEvent } from '../domain/transfer/workflow.ts';
import { noRows, oneLeft, type PlacedPage, type PlacedRows, pageAfter } from './placed-rows.ts';
import type { Projection, ProjectionDefinition } from './projection.ts';
import { createStoredRows, type InPage } from './stored-rows.ts';
import { createTransits, type LineFigures, type StockTransit } from './transits.ts';

/** Kept up to date in place. */
export interface TransferRow extends Omit<Standing, 'figures'> {
  readonly id: string;
  /** Of the event that made it open: rows are listed in this order. */
  readonly placed: Position;
  /** When its last event was recorded. */
  readonly changedAt: Instant;
  /** Replaced, never changed. A line of which nothing is on its way is left out. */
  readonly lines: ReadonlyMap<Sku, LineFigures>;
}

export interface TransferFilter {
  readonly status?: TransferStatus | undefined;
  /** At either end. */
  readonly location?: LocationId | undefined;
  readonly stuck?: boolean | undefined;
  /** Cursor: those placed after this position. */
  readonly after: Position;
  readonly limit: number;
}

export interface Transfers extends Projection {
  /** Transfers that are open. */
  readonly size: number;
  /** Of them, those of which nothing was heard for too long. */
  stuck(): number;
  all(): Iterable<TransferRow>;
  /** The oldest first. A page may be short, even empty, and have a next one. */
  page(filter: TransferFilter, mayList?: (row: TransferRow) => boolean): PlacedPage<TransferRow>;
  /** What is on its way to and from a stock, the first opened first; at most `max` of them. */
  atStock(sku: Sku, location: LocationId, max: number): readonly StockTransit[];
  markAllChanged(): void;
}

export const TRANSFERS_PROJECTION: ProjectionDefinition<Transfers> = { name: 'transfers', create: createTransfers };

/** Rows looked at for one page, so that a filter that matches nothing does not block. */
const PAGE_SCAN_MAX = 20_000;

type Row = { -readonly [K in keyof TransferRow]: TransferRow[K] } & InPage<Row>;

export function createTransfers(): Transfers {
  const stored = createStoredRows({ name: 'transfers', keyOf: ({ id }) => id, toStored, fromStored });
  const rows = new Map<string, Row>();
  const placed = noRows<Row>();
  const isHere = (row: Row) => rows.get(row.id) === row;
  const transits = createTransits((id) => rows.get(id)!);

  const enter = (row: Row) => {
    rows.set(row.id, row);
    placed.rows.push(row);
    transits.change(row, NO_LINES, row.lines);
  };
  const leave = (row: Row) => {
    rows.delete(row.id);
    oneLeft(placed, isHere);
    transits.change(row, row.lines, NO_LINES);
  };
  return {
    name: TRANSFERS_PROJECTION.name,
    version: 3,
    get size() {
      return rows.size;
    },
    stuck: () => rows.values().reduce((total, row) => total + Number(row.stuck), 0),
    all: () => rows.values(),
    page: (filter, mayList = () => true) =>
      pageOf(placed, filter, (row) => isHere(row) && matches(row, filter) && mayList(row)),
    atStock: transits.at,
    apply(recorded) {
      const id = parseTransferStream(recorded.stream);
      if (id === undefined || recorded.position <= stored.seen) return;
      const before = rows.get(id);
      const told = toldBy(before, recorded);
      const hash = stored.changing(id, recorded.position);
      if (!isOpen(told)) {
        if (before === undefined) return;
        leave(before);
        stored.drop(hash, before);
      } else if (before === undefined) {
        const row = { id, placed: recorded.position, ...told, next: undefined, hash: 0 };
        stored.add(hash, row);
        enter(row);
      } else {
        transits.change(before, before.lines, told.lines);
        Object.assign(before, told);
      }
    },
    takeChangedPages: stored.takeChangedPages,
    markAllChanged: stored.markAllChanged,
    restore(pages) {
      stored.restore(pages);
      for (const row of [...stored.values()].sort((a, b) => (a.placed < b.placed ? -1 : 1))) enter(row);
    },
  };
}

function matches(row: TransferRow, { status, location, stuck }: TransferFilter): boolean {
  return (
    (status === undefined || row.status === status) &&
    (location === undefined || row.from === location || row.to === location) &&
    (stuck === undefined || row.stuck === stuck)
  );
}

const NO_LINES: ReadonlyMap<Sku, LineFigures> = new Map();

/** What the event says of the row. Whatever can throw comes before the first change. */
function toldBy(before: Row | undefined, recorded: RecordedEvent) {
  const { after, recordedAt } = readTransferEvent(recorded);
  const { figures, ...standing } = after;
  const lines = new Map(before?.lines);
  for (const [sku, ...units] of figures) {
    if (units.some((n) => n !== 0)) lines.set(sku, units);
    else lines.delete(sku);
  }
  return { ...standing, changedAt: recordedAt, lines };
}

function pageOf(placed: PlacedRows<Row>, { after, limit }: TransferFilter, mayShow: (row: Row) => boolean) {
  return pageAfter(placed, after, limit, PAGE_SCAN_MAX, mayShow);
}

type StoredRow = readonly [id: string, placed: string, columns: unknown[], lines: (readonly [Sku, ...LineFigures])[]];

const COLUMNS = ['from', 'to', 'status', 'owed', 'openedAt', 'heardAt', 'stuck', 'timesStuck', 'changedAt'] as const;
type Columns = Pick<TransferRow, (typeof COLUMNS)[number]>;

function toStored(row: Row): StoredRow {
  const lines = Array.from(row.lines, ([sku, units]) => [sku, ...units] as const);
  return [row.id, row.placed.toString(), COLUMNS.map((column) => row[column]), lines];
}

function fromStored([id, placed, columns, lines]: StoredRow): Row {
  const told = Object.fromEntries(COLUMNS.map((column, n) => [column, columns[n]])) as unknown as Columns;
  return {
    id,
    placed: BigInt(placed),
    ...told,
    lines: new Map(lines.map(([sku, ...units]) => [sku, units])),
    next: undefined,
    hash: 0,
  };
}
