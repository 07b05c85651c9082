// A small shop: items with units at locations, and orders that take them, as Shopify does it: an order lowers what is
// available at once, a cancellation or a return may put it back, and nobody is asked.

export interface ShopItem {
  /** Numbers of the inventory item and of its variant. */
  readonly item: string;
  readonly variant: string;
  readonly sku: string;
  readonly tracked: boolean;
  /** The parent of a bundle: its numbers follow from its components and cannot be set. */
  readonly isBundle: boolean;
  /** By the number of a location; none: not stocked there. */
  readonly levels: Map<string, { available: number; updatedAt: number }>;
}

export interface OrderLine {
  readonly id: string;
  readonly item: ShopItem | undefined;
  readonly quantity: number;
  unfulfilled: number;
}

export interface ShopOrderRecord {
  readonly id: string;
  readonly createdAt: number;
  updatedAt: number;
  readonly test: boolean;
  cancelledAt: number | undefined;
  readonly lines: OrderLine[];
  readonly fulfilments: { readonly id: string; status: string; readonly createdAt: number; readonly units: Units }[];
  readonly refunds: {
    readonly id: string;
    readonly createdAt: number;
    readonly restock: Restock;
    readonly units: Units;
  }[];
}

/** Units by the id of a line. */
export type Units = ReadonlyMap<string, number>;
export type Restock = 'return' | 'cancel' | 'no_restock';

export interface Shop {
  readonly location: string;
  readonly items: ReadonlyMap<string, ShopItem>;
  readonly orders: ReadonlyMap<string, ShopOrderRecord>;
  /** Lists an SKU; its ids are made up and answered. */
  list(sku: string, options?: { units?: number; tracked?: boolean; isBundle?: boolean; isStocked?: boolean }): ShopItem;
  itemOf(sku: string): ShopItem | undefined;
  /** Units available at the shop's location; undefined: not stocked there. */
  available(sku: string): number | undefined;
  setAvailable(item: ShopItem, location: string, units: number): void;
  /** Takes an order; undefined: it shows fewer. `at`: when, for tests. */
  buy(
    lines: readonly { readonly sku: string; readonly units: number }[],
    options?: { test?: boolean },
  ): ShopOrderRecord | undefined;
  /** All that is left, or these units by line. */
  fulfil(order: string, units?: Units): void;
  refund(order: string, units: Units, restock: Restock): void;
  cancel(order: string): void;
  /** The order is edited: a line more; what is taken out is a refund with restock `cancel`. */
  add(order: string, sku: string, units: number): void;
}

/** What the shop's counter needs to know of its shelves. */
interface Shelves {
  readonly orders: Map<string, ShopOrderRecord>;
  readonly now: () => number;
  readonly id: () => string;
  itemOf(sku: string): ShopItem | undefined;
  available(item: ShopItem | undefined): number;
  add(item: ShopItem | undefined, units: number): void;
}

export function createShop(now: () => number = Date.now, location = '655441491'): Shop {
  const items = new Map<string, ShopItem>();
  const bySku = new Map<string, ShopItem>();
  const orders = new Map<string, ShopOrderRecord>();
  let ids = 1_000;
  const id = () => String(++ids);
  const itemOf = (sku: string) => bySku.get(sku);
  const shelves: Shelves = {
    ...{ orders, now, id, itemOf },
    available: (item) => item?.levels.get(location)?.available ?? 0,
    add(item, units) {
      const level = item?.levels.get(location);
      if (level !== undefined) Object.assign(level, { available: level.available + units, updatedAt: now() });
    },
  };
  return {
    ...{ location, items, orders, itemOf },
    list(sku, { units = 0, tracked = true, isBundle = false, isStocked = true } = {}) {
      const levels = new Map(isStocked ? [[location, { available: units, updatedAt: now() }]] : []);
      const item: ShopItem = { item: id(), variant: id(), sku, tracked, isBundle, levels };
      items.set(item.item, item);
      bySku.set(sku, item);
      return item;
    },
    available: (sku) => bySku.get(sku)?.levels.get(location)?.available,
    setAvailable: (item, at, available) => void item.levels.set(at, { available, updatedAt: now() }),
    ...counterOf(shelves),
  };
}

function counterOf({
  orders,
  now,
  id,
  itemOf,
  available,
  add,
}: Shelves): Pick<Shop, 'buy' | 'fulfil' | 'refund' | 'cancel' | 'add'> {
  const changed = (order: string): ShopOrderRecord => {
    const found = orders.get(order);
    if (found === undefined) throw new Error(`there is no order ${order}`);
    found.updatedAt = now();
    return found;
  };
  return {
    buy(wanted, { test = false } = {}) {
      const lines = wanted.map(({ sku, units }) => {
        return { id: id(), item: itemOf(sku), quantity: units, unfulfilled: units };
      });
      const takes = (item: ShopItem | undefined) =>
        lines.reduce((sum, line) => sum + (line.item === item ? line.quantity : 0), 0);
      if (lines.some(({ item }) => available(item) < takes(item))) return undefined;
      for (const { item, quantity } of lines) add(item, -quantity);
      const at = now();
      const record: ShopOrderRecord = {
        ...{ id: id(), createdAt: at, updatedAt: at, test, cancelledAt: undefined },
        ...{ lines, fulfilments: [], refunds: [] },
      };
      orders.set(record.id, record);
      return record;
    },
    fulfil(order, units) {
      const { lines, fulfilments } = changed(order);
      const left = units ?? new Map(lines.map((line) => [line.id, line.unfulfilled]));
      for (const line of lines) line.unfulfilled -= left.get(line.id) ?? 0;
      fulfilments.push({ id: id(), status: 'success', createdAt: now(), units: left });
    },
    add(order, sku, units) {
      const item = itemOf(sku);
      changed(order).lines.push({ id: id(), item, quantity: units, unfulfilled: units });
      add(item, -units);
    },
    refund(order, units, restock) {
      const { lines, refunds } = changed(order);
      for (const line of lines) {
        const quantity = units.get(line.id) ?? 0;
        if (restock === 'cancel') line.unfulfilled -= quantity;
        if (restock !== 'no_restock') add(line.item, quantity);
      }
      refunds.push({ id: id(), createdAt: now(), restock, units });
    },
    cancel(order) {
      const found = changed(order);
      found.cancelledAt = now();
      const units = new Map(found.lines.map((line) => [line.id, line.unfulfilled]));
      for (const line of found.lines) {
        add(line.item, line.unfulfilled);
        line.unfulfilled = 0;
      }
      found.refunds.push({ id: id(), createdAt: now(), restock: 'cancel', units });
    },
  };
}
