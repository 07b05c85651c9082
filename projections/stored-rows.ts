// The rows of a projection by their keys, stored in many small pages by a hash of the key: when one row of a hundred
// thousand changes, its own page of a handful of rows is stored again, and not the neighbours of half the others.
import { type Position, START } from '../domain/event-log.ts';
import { bucketOf, hashOf } from '../domain/hash-bucket.ts';
import { createChangedPages } from './changed-pages.ts';
import type { Page } from './projection.ts';

/** Of a row's key: says in which page it is. */
export type KeyHash = number;

/** A row is in one page at a time. Both are written by the stored rows alone. */
export interface InPage<Row> {
  /** The next of its page: lists of one or two would weigh more than what they hold. */
  next: Row | undefined;
  /** Of its key: tells it from its neighbours by a look at itself, not at texts elsewhere in memory. */
  hash: KeyHash;
}

export interface StoredRows<Row extends InPage<Row>> {
  /** Position of the last event that changed anything: an event up to there is a redelivery. */
  readonly seen: Position;
  get(key: string): Row | undefined;
  values(): Iterable<Row>;
  /** Call before the event at `position` changes the row of `key`, or adds or drops it: where it is or is to be. */
  changing(key: string, position: Position): KeyHash;
  add(hash: KeyHash, row: Row): void;
  drop(hash: KeyHash, row: Row): void;
  takeChangedPages(): Iterable<Page>;
  markAllChanged(): void;
  restore(stored: Iterable<Page>): void;
}

export interface RowFormat<Row extends InPage<Row>> {
  /** Names the pages. */
  readonly name: string;
  readonly keyOf: (row: Row) => string;
  /** To a JSON value, and back. */
  readonly toStored: (row: Row) => unknown;
  readonly fromStored: (stored: never) => Row;
}

/** So many that a page of 100,000 rows holds one or two: with six, five neighbours were stored again with each row. */
const BUCKETS = 65_536;
/** The page before the buckets. */
const SEEN = 0;

export function createStoredRows<Row extends InPage<Row>>(format: RowFormat<Row>): StoredRows<Row> {
  const { name, keyOf, toStored, fromStored } = format;
  /** The first row of each page; undefined where there is none, and a hole where there never was: no page either. Of its full
   * length from the start: V8 makes a dictionary of an array that is begun far from its beginning. */
  const firsts: Firsts<Row> = new Array(BUCKETS + 1);
  let seen: Position = START;
  const prefix = `${name}/`;

  const encode = (page: number): Page => {
    if (page === SEEN) return { key: 'seen', bytes: Buffer.from(`"${seen}"`) };
    const stored = Array.from(rowsFrom(firsts[page]), toStored);
    return { key: `${prefix}${page - 1}`, bytes: Buffer.from(JSON.stringify(stored)) };
  };
  const pages = createChangedPages(encode);

  return {
    get seen() {
      return seen;
    },
    get(key) {
      const hash = hashOf(key);
      let row = firsts[pageOf(hash)];
      while (row !== undefined && !(row.hash === hash && keyOf(row) === key)) row = row.next;
      return row;
    },
    *values() {
      for (const first of firsts) yield* rowsFrom(first);
    },
    changing(key, position) {
      const hash = hashOf(key);
      const page = pageOf(hash);
      pages.willChange(SEEN);
      pages.willChange(page);
      seen = position;
      firsts[page] ??= undefined;
      return hash;
    },
    add: (hash, row) => addTo(firsts, hash, row),
    drop: (hash, row) => dropFrom(firsts, pageOf(hash), row),
    takeChangedPages: pages.take,
    markAllChanged() {
      pages.changeAll(0);
      if (seen !== START) pages.willChange(SEEN);
      // Not by `keys()`, which visits the holes too.
      firsts.forEach((_, page) => {
        pages.willChange(page);
      });
    },
    restore(stored) {
      for (const { key, bytes } of stored) {
        const content = JSON.parse(Buffer.from(bytes).toString()) as string | never[];
        if (typeof content === 'string') seen = BigInt(content);
        else {
          const page = Number(key.slice(prefix.length)) + 1;
          firsts[page] = undefined;
          for (const one of content) {
            const row = fromStored(one);
            addTo(firsts, hashOf(keyOf(row)), row);
          }
        }
      }
    },
  };
}

type Firsts<Row> = (Row | undefined)[];

function pageOf(hash: KeyHash): number {
  return bucketOf(hash, BUCKETS) + 1;
}

function addTo<Row extends InPage<Row>>(firsts: Firsts<Row>, hash: KeyHash, row: Row): void {
  row.hash = hash;
  const page = pageOf(hash);
  let last = firsts[page];
  if (last === undefined) firsts[page] = row;
  else {
    while (last.next !== undefined) last = last.next;
    last.next = row;
  }
}

function dropFrom<Row extends InPage<Row>>(firsts: Firsts<Row>, page: number, row: Row): void {
  let before = firsts[page];
  if (before === row) firsts[page] = row.next;
  else {
    while (before !== undefined && before.next !== row) before = before.next;
    if (before !== undefined) before.next = row.next;
  }
  row.next = undefined;
}

function* rowsFrom<Row extends InPage<Row>>(first: Row | undefined): Generator<Row> {
  for (let row = first; row !== undefined; row = row.next) yield row;
}
