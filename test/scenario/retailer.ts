// The retailer of the scenario, scaled down from the reference retailer of the mission: a warehouse and stores, SKUs of very
// different demand, two marketplaces, a web shop, tills of two kinds and an ERP. The same for both runs.
import { seeded } from '../support/marketplace/world.ts';

export interface Article {
  readonly sku: string;
  /** Share of all demand. */
  readonly weight: number;
  /** Cents. */
  readonly value: number;
  /** Bought far more during the promotion. */
  readonly isPromoted: boolean;
}

export interface Store {
  readonly id: string;
  /** How its sales arrive: one by one as Square tells them, or as a file that its till uploads. */
  readonly till: 'square' | 'upload';
  /** Ships orders of the marketplaces and the web shop too. */
  readonly shipsOrders: boolean;
}

export interface Retailer {
  readonly seed: number;
  readonly articles: readonly Article[];
  readonly stores: readonly Store[];
  readonly warehouse: 'warehouse';
  /** Where all online channels ship from: one pool, so that what each should show is known without knowing who ships what. */
  readonly pool: readonly string[];
  /** Units at the opening of the day, by location and SKU. */
  readonly opening: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const ONLINE_CHANNELS = ['amazon', 'ebay', 'shop'] as const;
export type OnlineChannel = (typeof ONLINE_CHANNELS)[number];

export interface Scale {
  readonly stores: number;
  readonly skus: number;
  /** Customers at tills and buyers online in the day. */
  readonly walkIns: number;
  readonly orders: number;
  readonly promoted: number;
}

export const FULL_SCALE: Scale = { stores: 25, skus: 2_000, walkIns: 2_400, orders: 1_600, promoted: 40 };

/** Every fifth store has Square tills, every fourth ships orders. */
const SQUARE_EVERY = 5;
const SHIPS_EVERY = 4;
/** Of Zipf's law: the k-th article sells 1 / k^0.9 as often as the first. */
const ZIPF_EXPONENT = 0.9;

export function createRetailer(seed: number, scale: Scale): Retailer {
  const random = seeded(seed);
  const articles = Array.from({ length: scale.skus }, (_, n): Article => {
    const sku = `ART-${String(n + 1).padStart(5, '0')}`;
    const value = 500 + Math.floor(random() ** 3 * 30_000);
    return { sku, weight: 1 / (n + 1) ** ZIPF_EXPONENT, value, isPromoted: n < scale.promoted };
  });
  const stores = Array.from({ length: scale.stores }, (_, n): Store => {
    const id = `store-${String(n + 1).padStart(2, '0')}`;
    return { id, till: n % SQUARE_EVERY === 0 ? 'square' : 'upload', shipsOrders: n % SHIPS_EVERY === 0 };
  });
  const warehouse = 'warehouse' as const;
  const shipping = stores.filter(({ shipsOrders }) => shipsOrders).map(({ id }) => id);
  const opening = openingStock(articles, stores, scale, random);
  return { seed, articles, stores, warehouse, opening, pool: [warehouse, ...shipping] };
}

/** Chance that a store carries an article, and how it grows with the units it sells there in a day. */
const CARRIED_MIN = 0.03;
const CARRIED_PER_SALE = 2;

/** Enough for an ordinary day, not for the promotion: what is scarce is what goes wrong. */
function openingStock(
  articles: readonly Article[],
  stores: readonly Store[],
  { walkIns, orders }: Scale,
  random: () => number,
): Retailer['opening'] {
  const total = articles.reduce((sum, { weight }) => sum + weight, 0);
  const opening = new Map<string, Map<string, number>>();
  const put = (location: string, sku: string, units: number) => {
    const at = opening.get(location) ?? new Map<string, number>();
    if (units > 0) at.set(sku, units);
    opening.set(location, at);
  };
  for (const { sku, weight } of articles) {
    const share = weight / total;
    put('warehouse', sku, Math.max(1, Math.round(orders * share * (0.7 + random() * 0.9))));
    const expected = (walkIns * share) / stores.length;
    for (const { id } of stores) {
      // A store carries what it sells, and a little of the rest.
      if (random() < CARRIED_MIN + CARRIED_PER_SALE * expected)
        put(id, sku, Math.ceil(expected * (0.5 + random() * 1.5)));
    }
  }
  return opening;
}
