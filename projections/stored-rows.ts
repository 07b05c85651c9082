// The rows of a projection by their keys, stored in many small pages by a hash of the key: when one row of a hundred
// thousand changes, its own page of a handful of rows is stored again, and not the neighbours of half the others.
import { type Position, START } from '../domain/event-log.ts';
import { hashBucket } from '../domain/hash-bucket.ts';
import { createChangedPages } from './changed-pages.ts';
import type { Page } from './projection.ts';

/** The number of a page. */
export type PageNumber = number;

export interface StoredRows<Row> {
  /** Position of the last event that changed anything: an event up to there is a redelivery. */
  readonly seen: Position;
  get(key: string): Row | undefined;
  values(): Iterable<Row>;
  /** Call before the event at `position` changes the row of `key`, or adds or drops it: the page where it is or is to be. */
  changing(key: string, position: Position): PageNumber;
  add(page: PageNumber, row: Row): void;
  drop(page: PageNumber, row: Row): void;
  takeChangedPages(): Iterable<Page>;
  markAllChanged(): void;
  restore(stored: Iterable<Page>): void;
}

export interface RowFormat<Row> {
  /** Names the pages. */
  readonly name: string;
  readonly hasKey: (row: Row, key: string) => boolean;
  /** To a JSON value, and back. */
  readonly toStored: (row: Row) => unknown;
  readonly fromStored: (stored: never) => Row;
}

/** So many that a page of 100,000 rows holds one or two: with six, five neighbours were stored again with each row. */
const BUCKETS = 65_536;
/** The page before the buckets. */
const SEEN = 0;

export function createStoredRows<Row>({ name, hasKey, toStored, fromStored }: RowFormat<Row>): StoredRows<Row> {
  /** By page. Undefined: never touched, so not a page either. Of the size they need: they are many, and nearly all small. */
  const buckets: (readonly Row[] | undefined)[] = [];
  let seen: Position = START;
  const prefix = `${name}/`;
  const pageOf = (key: string): PageNumber => hashBucket(key, BUCKETS) + 1;

  const encode = (page: PageNumber): Page => {
    if (page === SEEN) return { key: 'seen', bytes: Buffer.from(`"${seen}"`) };
    return { key: `${prefix}${page - 1}`, bytes: Buffer.from(JSON.stringify(buckets[page]!.map(toStored))) };
  };
  const pages = createChangedPages(encode);

  return {
    get seen() {
      return seen;
    },
    get: (key) => buckets[pageOf(key)]?.find((row) => hasKey(row, key)),
    *values() {
      for (const rows of buckets) if (rows !== undefined) yield* rows;
    },
    changing(key, position) {
      const page = pageOf(key);
      pages.willChange(SEEN);
      pages.willChange(page);
      seen = position;
      buckets[page] ??= NONE;
      return page;
    },
    add(page, row) {
      const rows = buckets[page]!;
      buckets[page] = rows.length === 0 ? [row] : [...rows, row];
    },
    drop(page, row) {
      buckets[page] = buckets[page]!.filter((one) => one !== row);
    },
    takeChangedPages: pages.take,
    markAllChanged() {
      pages.changeAll(0);
      if (seen !== START) pages.willChange(SEEN);
      // Not by `keys()`, which visits the holes too.
      buckets.forEach((_, page) => {
        pages.willChange(page);
      });
    },
    restore(stored) {
      for (const { key, bytes } of stored) {
        const content = JSON.parse(Buffer.from(bytes).toString()) as string | never[];
        if (typeof content === 'string') seen = BigInt(content);
        else buckets[Number(key.slice(prefix.length)) + 1] = content.map(fromStored);
      }
    },
  };
}

const NONE: readonly never[] = [];
