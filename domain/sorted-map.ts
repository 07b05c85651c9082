// A map that never changes: `including` and `without` answer another one, which shares what it can with the one before.
// Sorted by its keys, by code units, so that maps with the same entries are walked in the same order whatever came first.
// Its entries lie in arrays of up to 32: with an object an entry, the collector's work grew with all that is open.
import library from 'sorted-btree';

const { default: BTree } = library;
type Tree<V> = InstanceType<typeof BTree<string, V>>;

export interface SortedMap<V> {
  readonly size: number;
  get(key: string): V | undefined;
  has(key: string): boolean;
  entries(): Iterable<[string, V]>;
  values(): Iterable<V>;
  mapValues<R>(how: (value: V) => R): SortedMap<R>;
  /** O(log n): copies the arrays on its way. */
  without(key: string): SortedMap<V>;
}

export function sortedMap<V>(entries: Iterable<readonly [string, V]> = []): SortedMap<V> {
  const tree = new BTree<string, V>(undefined, byCodeUnits);
  for (const [key, value] of entries) tree.set(key, value);
  return tree.size === 0 ? EMPTY : tree;
}

/** Most stocks have nothing under way: all of them share it. */
const EMPTY: SortedMap<never> = new BTree<string, never>(undefined, byCodeUnits);

/** In place of what the key had, if anything. O(log n). */
export function including<V>(map: SortedMap<V>, key: string, value: V): SortedMap<V> {
  return (map as Tree<V>).with(key, value, true);
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
