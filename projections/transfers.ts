// Transfers that are open: somebody has yet to send, take, answer or explain something. Folded from what each event of a
// transfer says of how it stands, and stored, so that whoever keeps them going knows them at once after a start, and so
// that each stock can say what its in-transit units are. A transfer leaves when it has ended and owes nothing.
import { type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import type { LocationId, Sku } from '../domain/stock/stream.ts';
import type { Standing } from '../domain/transfer/events.ts';
import { isOpen } from '../domain/transfer/transfer.ts';
import { parseTransferStream, readTransferEvent } from '../domain/transfer/workflow.ts';
import { createChangedPages } from './changed-pages.ts';
import type { Page, Projection, ProjectionDefinition } from './projection.ts';
import { createTransits, type LineFigures, type StockTransit } from './transits.ts';

export interface TransferRow extends Omit<Standing, 'figures'> {
  readonly id: string;
  /** Of the event that made it open: rows are listed in this order, and a place in the list is named by it. */
  readonly place: Position;
  readonly lines: ReadonlyMap<Sku, LineFigures>;
}

export interface TransfersReader {
  readonly size: number;
  find(id: string): TransferRow | undefined;
  /** Those after a place in the order in which they became open. */
  after(place: Position): Iterable<TransferRow>;
  /** What is on its way to and from a stock, the first opened first. */
  ofStock(sku: Sku, location: LocationId): readonly StockTransit[];
}

export interface Transfers extends Projection, TransfersReader {
  markAllChanged(): void;
}

export const TRANSFERS_PROJECTION: ProjectionDefinition<Transfers> = { name: 'transfers', create: createTransfers };

/** Pages of transfers, by a hash of their ids. */
const BUCKETS = 1_024;
/** The page before the buckets: position of the last event folded, which makes redelivery harmless. */
const SEEN = 0;

type Rows = Map<string, TransferRow>;

export function createTransfers(): Transfers {
  /** Undefined: never touched, so not a page either. */
  const buckets: (Rows | undefined)[] = [];
  /** All rows, in the order of their places. */
  let rows: Rows = new Map();
  let seen: Position = START;
  const transits = createTransits();
  const pages = createChangedPages((page) => encode(page, seen, buckets));

  return {
    name: TRANSFERS_PROJECTION.name,
    version: 1,
    get size() {
      return rows.size;
    },
    find: (id) => rows.get(id),
    *after(place) {
      for (const row of rows.values()) if (row.place > place) yield row;
    },
    ofStock: (sku, location) => transits.of(sku, location, (id) => rows.get(id)!),
    apply(recorded) {
      const id = parseTransferStream(recorded.stream);
      if (id === undefined || recorded.position <= seen) return;
      const before = rows.get(id);
      const row = rowAfter(id, before, recorded);
      const bucket = bucketOf(id);
      pages.willChange(SEEN);
      pages.willChange(bucket + 1);
      buckets[bucket] ??= new Map();
      seen = recorded.position;
      transits.replace(before, row);
      if (row === undefined) {
        buckets[bucket].delete(id);
        rows.delete(id);
      } else {
        buckets[bucket].set(id, row);
        rows.set(id, row);
      }
    },
    takeChangedPages: pages.take,
    markAllChanged() {
      pages.changeAll(0);
      if (seen !== START) pages.willChange(SEEN);
      for (const bucket of buckets.keys()) if (buckets[bucket] !== undefined) pages.willChange(bucket + 1);
    },
    restore(stored) {
      for (const { key, bytes } of stored) {
        const content = JSON.parse(Buffer.from(bytes).toString()) as string | StoredRow[];
        if (typeof content === 'string') seen = BigInt(content);
        else buckets[Number(key.slice('transfers/'.length))] = new Map(content.map(readRow));
      }
      const all = buckets.flatMap((bucket) => (bucket === undefined ? [] : [...bucket]));
      rows = new Map(all.sort(([, a], [, b]) => (a.place < b.place ? -1 : 1)));
      for (const row of rows.values()) transits.replace(undefined, row);
    },
  };
}

/** The row as the event leaves it; undefined when the transfer is open no more. Throws before anything has changed. */
function rowAfter(id: string, before: TransferRow | undefined, recorded: RecordedEvent): TransferRow | undefined {
  const { figures, ...standing } = readTransferEvent(recorded).after;
  if (!isOpen(standing)) return undefined;
  const lines = new Map(before?.lines);
  for (const [sku, ...units] of figures) {
    if (units.some((n) => n !== 0)) lines.set(sku, units);
    else lines.delete(sku);
  }
  return { id, place: before?.place ?? recorded.position, ...standing, lines };
}

type StoredRow = readonly [id: string, place: string, standing: unknown[], lines: (readonly [Sku, ...LineFigures])[]];

const COLUMNS = ['from', 'to', 'status', 'owed', 'openedAt', 'heardAt', 'stuck'] as const;

function encode(page: number, seen: Position, buckets: readonly (Rows | undefined)[]): Page {
  if (page === SEEN) return { key: 'seen', bytes: Buffer.from(`"${seen}"`) };
  const stored = Array.from(buckets[page - 1]!.values(), (row): StoredRow => {
    const lines = Array.from(row.lines, ([sku, units]) => [sku, ...units] as const);
    return [row.id, row.place.toString(), COLUMNS.map((column) => row[column]), lines];
  });
  return { key: `transfers/${page - 1}`, bytes: Buffer.from(JSON.stringify(stored)) };
}

function readRow([id, place, standing, lines]: StoredRow): [string, TransferRow] {
  const columns = Object.fromEntries(COLUMNS.map((column, n) => [column, standing[n]]));
  const figures = new Map(lines.map(([sku, ...units]) => [sku, units]));
  return [id, { id, place: BigInt(place), ...(columns as unknown as Omit<Standing, 'figures'>), lines: figures }];
}

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same on every machine. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
