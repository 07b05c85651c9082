// The rows of a projection by their keys, stored in many small pages by a hash of the key: when one row of a hundred
// thousand changes, its own page of a handful of rows is stored again, and not the neighbours of half the others.
import { type Position, START } from '../domain/event-log.ts';
import { hashBucket } from '../domain/hash-bucket.ts';
import { createChangedPages } from './changed-pages.ts';
import type { Page } from './projection.ts';

export interface StoredRows<Row> {
  /** Position of the last event that changed anything: an event up to there is a redelivery. */
  readonly seen: Position;
  get(key: string): Row | undefined;
  values(): Iterable<Row>;
  /** Call before the event at `position` changes the row of `key`. Gives the rows of its page, to change, set or delete it. */
  changing(key: string, position: Position): Map<string, Row>;
  takeChangedPages(): Iterable<Page>;
  markAllChanged(): void;
  restore(stored: Iterable<Page>): void;
}

export interface RowFormat<Row> {
  /** Names the pages. */
  readonly name: string;
  /** To a JSON value, and back with its key. */
  readonly toStored: (row: Row) => unknown;
  readonly fromStored: (stored: never) => readonly [key: string, row: Row];
}

/** A page of 100,000 rows holds six. */
const BUCKETS = 16_384;
/** The page before the buckets. */
const SEEN = 0;

export function createStoredRows<Row>({ name, toStored, fromStored }: RowFormat<Row>): StoredRows<Row> {
  /** Undefined: never touched, so not a page either. */
  const buckets: (Map<string, Row> | undefined)[] = [];
  let seen: Position = START;
  const prefix = `${name}/`;

  const encode = (page: number): Page => {
    if (page === SEEN) return { key: 'seen', bytes: Buffer.from(`"${seen}"`) };
    const stored = Array.from(buckets[page - 1]!.values(), toStored);
    return { key: `${prefix}${page - 1}`, bytes: Buffer.from(JSON.stringify(stored)) };
  };
  const pages = createChangedPages(encode);

  return {
    get seen() {
      return seen;
    },
    get: (key) => buckets[hashBucket(key, BUCKETS)]?.get(key),
    *values() {
      for (const rows of buckets) if (rows !== undefined) yield* rows.values();
    },
    changing(key, position) {
      const bucket = hashBucket(key, BUCKETS);
      pages.willChange(SEEN);
      pages.willChange(bucket + 1);
      seen = position;
      buckets[bucket] ??= new Map();
      return buckets[bucket];
    },
    takeChangedPages: pages.take,
    markAllChanged() {
      pages.changeAll(0);
      if (seen !== START) pages.willChange(SEEN);
      // Not by `keys()`, which visits the holes too.
      buckets.forEach((_, bucket) => {
        pages.willChange(bucket + 1);
      });
    },
    restore(stored) {
      for (const { key, bytes } of stored) {
        const content = JSON.parse(Buffer.from(bytes).toString()) as string | never[];
        if (typeof content === 'string') seen = BigInt(content);
        else buckets[Number(key.slice(prefix.length))] = new Map(content.map(fromStored));
      }
    },
  };
}
