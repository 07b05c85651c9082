// What the simulated marketplace shows: units per SKU with the version they came with. An older version never replaces
// a newer one; the same version again is a repeat. Buyers take units off what is shown, as on a real marketplace.

export interface Listing {
  readonly units: number;
  readonly version: bigint;
  readonly updatedAt: number;
}

export interface Order {
  readonly number: number;
  readonly sku: string;
  readonly units: number;
  readonly at: number;
}

export interface Listings {
  readonly size: number;
  get(sku: string): Listing | undefined;
  entries(): IterableIterator<[string, Listing]>;
  apply(sku: string, units: number, version: bigint, at: number): 'applied' | 'stale';
  /** Undefined: it does not show that many. */
  order(sku: string, units: number, at: number): Order | undefined;
  /** Somebody edits what is shown, by `units`, and tells nobody: drift. */
  drift(sku: string, units: number, at?: number): void;
  /** Orders after a number, oldest first. */
  orders(after: number, limit: number): readonly Order[];
  /** The same version came with other units: whoever published it broke the promise of versions. */
  readonly violations: number;
}

/** The oldest orders leave: it is a simulator, not a ledger. */
const ORDERS_MAX = 100_000;

export function createListings(): Listings {
  const shown = new Map<string, Listing>();
  /** Units as published, before buyers took theirs. */
  const told = new Map<string, number>();
  const orders: Order[] = [];
  let violations = 0;
  let ordered = 0;
  return {
    get size() {
      return shown.size;
    },
    get: (sku) => shown.get(sku),
    entries: () => shown.entries(),
    apply(sku, units, version, updatedAt) {
      const before = shown.get(sku);
      if (before !== undefined && version < before.version) return 'stale';
      if (before !== undefined && version === before.version) {
        if (told.get(sku) !== units) violations += 1;
        return 'applied';
      }
      shown.set(sku, { units, version, updatedAt });
      told.set(sku, units);
      return 'applied';
    },
    order(sku, units, at) {
      const before = shown.get(sku);
      if (before === undefined || before.units < units) return undefined;
      shown.set(sku, { ...before, units: before.units - units, updatedAt: at });
      ordered += 1;
      const order = { number: ordered, sku, units, at };
      orders.push(order);
      if (orders.length > ORDERS_MAX) orders.splice(0, ORDERS_MAX / 10);
      return order;
    },
    drift(sku, units, at) {
      const before = shown.get(sku);
      if (before === undefined) throw new Error(`${sku} is not listed`);
      shown.set(sku, { ...before, units: Math.max(0, before.units + units), updatedAt: at ?? before.updatedAt });
    },
    orders: (after, limit) => orders.filter(({ number }) => number > after).slice(0, limit),
    get violations() {
      return violations;
    },
  };
}
