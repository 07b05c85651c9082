// What simulated Amazon shows: quantities per listing and network. A change that it accepts is applied later, and all that
// is due is applied before anybody looks, so the time of a test rules it.

export interface Availability {
  readonly quantity: number;
  readonly leadTimeToShipMaxDays?: number | undefined;
}

export interface Issue {
  readonly code: string;
  readonly message: string;
  readonly severity: 'ERROR' | 'WARNING' | 'INFO';
  readonly attributeNames: readonly string[];
}

export interface Listing {
  readonly sku: string;
  readonly createdAt: number;
  updatedAt: number;
  /** By code of the network. */
  readonly availability: Map<string, Availability>;
  issues: readonly Issue[];
  /** Of External Fulfillment: units held for orders, and the last sequence number. */
  reserved: number;
  sequence: number | undefined;
}

/** One operation on `fulfillment_availability`. */
export interface Change {
  readonly op: string;
  readonly value: readonly {
    readonly fulfillment_channel_code: string;
    readonly quantity?: number | undefined;
    readonly lead_time_to_ship_max_days?: number | undefined;
  }[];
}

export interface Listings {
  /** Everything in the order of creation. */
  all(): readonly Listing[];
  get(sku: string): Listing | undefined;
  list(sku: string, units?: number): Listing;
  /** Applied at that time. */
  change(sku: string, change: Change, at: number): void;
  /** What buyers see. */
  shown(sku: string): number | undefined;
  /** A buyer takes units off. False: it does not show that many. */
  take(sku: string, units: number): boolean;
  /** Somebody edits what is shown, and tells nobody. */
  drift(sku: string, units: number): void;
}

export const OWN_NETWORK = 'DEFAULT';

/** `before`: what else is due is done before anybody looks. */
export function createListings(now: () => number, before: () => void = () => {}): Listings {
  const listings = new Map<string, Listing>();
  let due: { readonly at: number; readonly sku: string; readonly change: Change }[] = [];

  function settle(): void {
    before();
    if (due.length === 0) return;
    const at = now();
    const ripe = due.filter((one) => one.at <= at).sort((a, b) => a.at - b.at);
    due = due.filter((one) => one.at > at);
    for (const { sku, change } of ripe) apply(listings.get(sku)!, change, at);
  }

  function show(sku: string, units: number): void {
    const listing = listings.get(sku);
    if (listing === undefined) throw new Error(`${sku} is not listed`);
    const before = listing.availability.get(OWN_NETWORK);
    listing.availability.set(OWN_NETWORK, { ...before, quantity: Math.max(0, units) });
    listing.updatedAt = now();
  }

  return {
    all() {
      settle();
      return [...listings.values()].sort((a, b) => a.createdAt - b.createdAt);
    },
    get(sku) {
      settle();
      return listings.get(sku);
    },
    list(sku, units) {
      const at = now();
      const listing: Listing = {
        ...{ sku, createdAt: at, updatedAt: at, issues: [], reserved: 0, sequence: undefined },
        availability: new Map(units === undefined ? [] : [[OWN_NETWORK, { quantity: units }]]),
      };
      listings.set(sku, listing);
      return listing;
    },
    change(sku, change, at) {
      settle();
      due.push({ sku, change, at });
      settle();
    },
    shown(sku) {
      settle();
      return listings.get(sku)?.availability.get(OWN_NETWORK)?.quantity;
    },
    take(sku, units) {
      settle();
      const shown = listings.get(sku)?.availability.get(OWN_NETWORK)?.quantity ?? 0;
      if (shown < units) return false;
      show(sku, shown - units);
      return true;
    },
    drift(sku, units) {
      settle();
      show(sku, (listings.get(sku)?.availability.get(OWN_NETWORK)?.quantity ?? 0) + units);
    },
  };
}

/** An entry stands under its network: another network's stays. `merge` leaves what the entry does not name. */
function apply(listing: Listing, { op, value }: Change, at: number): void {
  for (const entry of value) {
    const code = entry.fulfillment_channel_code;
    if (op === 'delete') {
      listing.availability.delete(code);
      continue;
    }
    const before = op === 'merge' ? listing.availability.get(code) : undefined;
    const quantity = entry.quantity ?? before?.quantity ?? 0;
    const leadTimeToShipMaxDays = entry.lead_time_to_ship_max_days ?? before?.leadTimeToShipMaxDays;
    listing.availability.set(code, {
      quantity,
      ...(leadTimeToShipMaxDays === undefined ? {} : { leadTimeToShipMaxDays }),
    });
  }
  listing.updatedAt = at;
}
