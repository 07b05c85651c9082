// What the integration of a retailer with copies knows besides the ERP: which orders it has fetched, and where each is to be
// picked by the ERP's books. A parcel that was sent stays promised until the ERP has booked it.
import type { Line } from './books.ts';
import type { Known } from './causes.ts';
import { offlineStore } from './day.ts';
import type { Retailer } from './retailer.ts';
import type { Placed } from './world.ts';

export interface OrderDesk {
  /** The ERP has booked it. */
  booked(line: Line): void;
  /** At the location that has most by the books. */
  reserve(order: Placed): void;
  release(order: Placed): void;
  /** It stays promised until `parcelBooked`. */
  sent(order: Placed): void;
  parcelBooked(line: Line): void;
  /** Undefined: it was not fetched yet. */
  placeOf(id: string): string | undefined;
  promised(sku: string): number;
  known(sku: string): Known;
}

export function createOrderDesk(retailer: Retailer): OrderDesk {
  const { opening, pool } = retailer;
  const offline = offlineStore(retailer);
  const onHand = new Map<string, number>();
  const reserved = new Map<string, number>();
  const places = new Map<string, string>();
  const at = (sku: string, location: string) => onHand.get(`${sku}~${location}`) ?? 0;
  const add = (to: Map<string, number>, key: string, units: number) => void to.set(key, (to.get(key) ?? 0) + units);
  const inPool = (sku: string) => pool.reduce((sum, location) => sum + at(sku, location), 0);
  const promised = (sku: string) => reserved.get(sku) ?? 0;
  const release = ({ id, sku, units }: Placed) => {
    if (places.delete(id)) add(reserved, sku, -units);
  };
  for (const [location, stock] of opening) for (const [sku, units] of stock) add(onHand, `${sku}~${location}`, units);
  return {
    booked: ({ sku, location, units }) => add(onHand, `${sku}~${location}`, units),
    reserve({ id, sku, units }) {
      const [place] = [...pool].sort((a, b) => at(sku, b) - at(sku, a));
      places.set(id, place!);
      add(reserved, sku, units);
    },
    release,
    sent(order) {
      release(order);
      add(reserved, order.sku, order.units);
    },
    parcelBooked: ({ sku, units }) => add(reserved, sku, units),
    placeOf: (id) => places.get(id),
    promised,
    known: (sku) => ({
      ...{ onHand: inPool(sku), atOffline: at(sku, offline), promised: promised(sku) },
      figure: () => Math.max(0, inPool(sku) - promised(sku)),
    }),
  };
}
