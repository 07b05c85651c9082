// What the simulated seller has at eBay: inventory items with a ship-to-home quantity, each with an offer that is a live
// listing and has a quantity of its own. Buyers see the lesser of the two and take units off both. A listing can be revised
// 250 times a calendar day; the 251st is refused, whatever it says.

export interface Item {
  readonly sku: string;
  readonly offerId: string;
  readonly listingId: string;
  /** Ship-to-home. */
  quantity: number;
  /** Of the offer; undefined: never set, then it is the item's. */
  available: number | undefined;
  /** Milliseconds since 1970. */
  updatedAt: number;
}

export interface Revisions {
  readonly day: number;
  readonly count: number;
}

export interface Items {
  readonly size: number;
  get(sku: string): Item | undefined;
  offer(offerId: string): Item | undefined;
  all(): readonly Item[];
  /** Lists an SKU with nothing to sell, unless it is listed. */
  list(sku: string, at: number): Item;
  /** Undefined: not listed. */
  shown(sku: string): number | undefined;
  /** Counts a revision of the listing; false: the day's are used up. */
  revise(item: Item, at: number): boolean;
  /** Of the day of `at`. */
  revisions(sku: string, at: number): number;
  /** False: it does not show that many, and nothing is taken. */
  take(sku: string, units: number, at: number): boolean;
  /** A cancelled order puts units back on sale. */
  putBack(sku: string, units: number, at: number): void;
  /** Somebody edits what is shown and tells nobody: drift. */
  drift(sku: string, units: number, at: number): void;
}

/** eBay's day begins at midnight in California, without regard to summer time here. */
const MIDNIGHT_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const dayOf = (at: number): number => Math.floor((at - MIDNIGHT_MS) / DAY_MS);

export function createItems(revisionsDailyMax: number): Items {
  const items = new Map<string, Item>();
  const byOffer = new Map<string, Item>();
  const revised = new Map<string, Revisions>();
  const shown = (item: Item): number => Math.min(item.quantity, item.available ?? item.quantity);
  const known = (sku: string): Item => {
    const item = items.get(sku);
    if (item === undefined) throw new Error(`${sku} is not listed`);
    return item;
  };
  const change = (item: Item, units: number, at: number): void => {
    item.quantity = Math.max(0, item.quantity + units);
    if (item.available !== undefined) item.available = Math.max(0, item.available + units);
    item.updatedAt = at;
  };
  const count = (sku: string, at: number): number => {
    const last = revised.get(sku);
    return last?.day === dayOf(at) ? last.count : 0;
  };
  return {
    get size() {
      return items.size;
    },
    get: (sku) => items.get(sku),
    offer: (offerId) => byOffer.get(offerId),
    all: () => [...items.values()],
    list(sku, at) {
      const listed = items.get(sku);
      if (listed !== undefined) return listed;
      const number = items.size + 1;
      const item: Item = {
        ...{ sku, offerId: String(9_000_000_000 + number), listingId: String(110_000_000_000 + number) },
        ...{ quantity: 0, available: undefined, updatedAt: at },
      };
      items.set(sku, item);
      byOffer.set(item.offerId, item);
      return item;
    },
    shown(sku) {
      const item = items.get(sku);
      return item && shown(item);
    },
    revise(item, at) {
      const before = count(item.sku, at);
      if (before >= revisionsDailyMax) return false;
      revised.set(item.sku, { day: dayOf(at), count: before + 1 });
      return true;
    },
    revisions: count,
    take(sku, units, at) {
      const item = items.get(sku);
      if (item === undefined || shown(item) < units) return false;
      change(item, -units, at);
      return true;
    },
    putBack: (sku, units, at) => change(known(sku), units, at),
    drift: (sku, units, at) => change(known(sku), units, at),
  };
}
