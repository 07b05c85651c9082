// What the shop was last seen to show of each inventory item: the value that the next set is made for (compare-and-set). A
// cache, no truth: a wrong entry is refused by the shop as stale, and read again.

export interface Shown {
  get(item: string): number | undefined;
  set(item: string, units: number): void;
  /** It may show anything: read it before the next set. */
  forget(item: string): void;
}

/** Items remembered; the one not used for longest leaves. About 100 bytes each. */
const ITEMS_MAX = 200_000;

export function createShown(itemsMax: number = ITEMS_MAX): Shown {
  const units = new Map<string, number>();
  return {
    get: (item) => units.get(item),
    set(item, shown) {
      units.delete(item);
      units.set(item, shown);
      if (units.size > itemsMax) units.delete(units.keys().next().value!);
    },
    forget: (item) => void units.delete(item),
  };
}
