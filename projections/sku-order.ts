// SKUs in ascending code-unit order, made when first asked for and kept by merging what came since: pages of a list
// cost what they show, not what there is.
import type { Names } from './names.ts';

export interface SkuOrder {
  readonly size: number;
  /** The id at a place in the order. */
  at(place: number): number;
  /** The first place whose SKU is > `name` (`inclusive`: ≥ `name`). */
  placeAfter(name: string, inclusive: boolean): number;
}

export function createSkuOrder(names: () => Names): () => SkuOrder {
  let ids = new Uint32Array(0);
  let of: Names | undefined;

  const at = (place: number) => ids[place]!;
  const placeAfter = (name: string, inclusive: boolean) => {
    let [low, high] = [0, ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = of!.name(ids[middle]!);
      if (there < name || (!inclusive && there === name)) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return () => {
    const now = names();
    if (now !== of) ids = new Uint32Array(0);
    of = now;
    if (ids.length < now.size) ids = merged(now, ids);
    return { size: ids.length, at, placeAfter };
  };
}

/** `ids` are sorted; the names after them are new. */
function merged(names: Names, ids: Uint32Array): Uint32Array<ArrayBuffer> {
  const added = sortedIds(names, ids.length);
  const all = new Uint32Array(names.size);
  let [old, fresh] = [0, 0];
  for (let place = 0; place < all.length; place++) {
    const takeOld = old < ids.length && (fresh >= added.length || names.name(ids[old]!) < names.name(added[fresh]!));
    all[place] = takeOld ? ids[old++]! : added[fresh++]!;
  }
  return all;
}

function sortedIds(names: Names, from: number): Uint32Array {
  // Array.sort without a comparator orders text by code units natively; twice as fast as with one.
  const sorted = names.slice(from, names.size).toSorted();
  return Uint32Array.from(sorted, (name) => names.find(name));
}
