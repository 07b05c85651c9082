// What is really on the shelves, which no system knows: units by SKU and location, and what was promised to buyers whose
// orders were accepted. An order is oversold when it is accepted while fewer units are left than it is for.
import type { PoolUnits } from './causes.ts';
import type { Retailer } from './retailer.ts';

export interface AcceptedOrder {
  readonly id: string;
  readonly sku: string;
  readonly units: number;
}

export interface Truth {
  onHand(sku: string, location: string): number;
  /** Everything, for the comparison at the end: `<sku>~<location>` → units above 0. */
  readonly all: ReadonlyMap<string, number>;
  /** A customer takes what is on the shelf, promised or not. False: it is not there. */
  take(sku: string, location: string, units: number): boolean;
  put(sku: string, location: string, units: number): void;
  /** A channel has sold. */
  accept(order: AcceptedOrder): 'covered' | 'oversold';
  /** Somebody goes to pick the order there. False: the shelf does not have it. */
  ship(orderId: string, location: string): boolean;
  cancel(orderId: string): void;
  /** Units of the pool that nobody was promised: what every online channel should show. Below 0: oversold. */
  free(sku: string): number;
  pool(sku: string): PoolUnits;
  /** Where the order could be picked now, the fullest shelf first. */
  whereToPick(orderId: string): readonly string[];
  readonly open: ReadonlyMap<string, AcceptedOrder>;
}

/** @param offline the store of the pool that is offline some hours, if there is one */
export function createTruth({ opening, pool }: Pick<Retailer, 'opening' | 'pool'>, offline = ''): Truth {
  const all = new Map<string, number>();
  const open = new Map<string, AcceptedOrder>();
  const onHand = (sku: string, location: string) => all.get(`${sku}~${location}`) ?? 0;
  const change = (sku: string, location: string, units: number) => {
    const left = onHand(sku, location) + units;
    if (left < 0) throw new Error(`${left} units of ${sku} at ${location}`);
    if (left === 0) all.delete(`${sku}~${location}`);
    else all.set(`${sku}~${location}`, left);
  };
  for (const [location, stock] of opening) for (const [sku, units] of stock) change(sku, location, units);
  const promised = new Map<string, number>();
  const inPool = (sku: string) => pool.reduce((sum, location) => sum + onHand(sku, location), 0);
  const free = (sku: string) => inPool(sku) - (promised.get(sku) ?? 0);
  const close = ({ id, sku, units }: AcceptedOrder) => {
    open.delete(id);
    promised.set(sku, promised.get(sku)! - units);
  };
  const orderOf = (id: string) => {
    const order = open.get(id);
    if (order === undefined) throw new Error(`there is no open order ${id}`);
    return order;
  };
  return {
    onHand,
    all,
    take(sku, location, units) {
      if (onHand(sku, location) < units) return false;
      change(sku, location, -units);
      return true;
    },
    put: change,
    ...{
      free,
      pool: (sku) => ({ onHand: inPool(sku), atOffline: onHand(sku, offline), promised: promised.get(sku) ?? 0 }),
    },
    accept(order) {
      const isCovered = free(order.sku) >= order.units;
      open.set(order.id, order);
      promised.set(order.sku, (promised.get(order.sku) ?? 0) + order.units);
      return isCovered ? 'covered' : 'oversold';
    },
    ship(orderId, location) {
      const order = orderOf(orderId);
      if (onHand(order.sku, location) < order.units) return false;
      change(order.sku, location, -order.units);
      close(order);
      return true;
    },
    cancel(orderId) {
      close(orderOf(orderId));
    },
    whereToPick(orderId) {
      const { sku, units } = orderOf(orderId);
      return pool.filter((location) => onHand(sku, location) >= units).sort((a, b) => onHand(sku, b) - onHand(sku, a));
    },
    open,
  };
}
