// Orders of the simulated marketplace, as its Fulfillment API words them: bought at what is shown, shipped in parcels,
// cancelled, refunded. Every change moves the order's lastModifiedDate, which polls go by.
import type { Items } from './items.ts';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

interface Parcel {
  readonly fulfillmentId: string;
  readonly shippedDate: string;
  readonly lineItems: readonly { readonly lineItemId: string; readonly quantity: number }[];
}

export interface SimulatedOrder {
  readonly orderId: string;
  readonly creationDate: string;
  lastModifiedDate: string;
  readonly lines: readonly (Line & { readonly lineItemId: string; readonly listingId: string })[];
  readonly parcels: Parcel[];
  cancelled: boolean;
  refunded: boolean;
}

export interface Orders {
  all(): readonly SimulatedOrder[];
  get(orderId: string): SimulatedOrder | undefined;
  /** Undefined: not that many are shown of one of them; nothing is taken. */
  buy(lines: readonly Line[]): SimulatedOrder | undefined;
  /** A parcel with these; undefined: with all that has not left yet. */
  ship(orderId: string, lines?: readonly Line[]): SimulatedOrder;
  /** Puts the units back on sale, as eBay does. */
  cancel(orderId: string): SimulatedOrder;
  refund(orderId: string): SimulatedOrder;
}

export function createOrders(items: Items, now: () => number): Orders {
  const orders = new Map<string, SimulatedOrder>();
  let parcels = 0;
  const time = () => new Date(now()).toISOString();
  const changed = (order: SimulatedOrder): SimulatedOrder => {
    order.lastModifiedDate = time();
    return order;
  };
  const known = (orderId: string): SimulatedOrder => {
    const order = orders.get(orderId);
    if (order === undefined) throw new Error(`there is no order ${orderId}`);
    return order;
  };
  return {
    all: () => [...orders.values()],
    get: (orderId) => orders.get(orderId),
    buy(lines) {
      if (!takeAll(items, lines, now())) return undefined;
      const number = orders.size + 1;
      const order: SimulatedOrder = {
        orderId: `27-${String(number).padStart(5, '0')}-${10_000 + number}`,
        creationDate: time(),
        lastModifiedDate: time(),
        lines: lines.map((line, n) => ({
          ...line,
          lineItemId: String(10_000_000_000 + number * 100 + n),
          listingId: items.get(line.sku)!.listingId,
        })),
        ...{ parcels: [], cancelled: false, refunded: false },
      };
      orders.set(order.orderId, order);
      return order;
    },
    ship(orderId, lines) {
      const order = known(orderId);
      const left = new Map(lines?.map(({ sku, quantity }) => [sku, quantity]));
      const lineItems = order.lines.flatMap((line) => {
        const open = line.quantity - shippedOf(order, line.lineItemId);
        const quantity = Math.min(open, lines === undefined ? open : (left.get(line.sku) ?? 0));
        left.set(line.sku, (left.get(line.sku) ?? 0) - quantity);
        return quantity <= 0 ? [] : [{ lineItemId: line.lineItemId, quantity }];
      });
      if (lineItems.length === 0) return order;
      parcels += 1;
      order.parcels.push({ fulfillmentId: String(9_400_000 + parcels), shippedDate: time(), lineItems });
      return changed(order);
    },
    cancel(orderId) {
      const order = known(orderId);
      if (order.cancelled) return order;
      order.cancelled = true;
      for (const { sku, quantity, lineItemId } of order.lines) {
        const open = quantity - shippedOf(order, lineItemId);
        if (open > 0) items.putBack(sku, open, now());
      }
      return changed(order);
    },
    refund(orderId) {
      const order = known(orderId);
      order.refunded = true;
      return changed(order);
    },
  };
}

/** All or nothing. */
function takeAll(items: Items, lines: readonly Line[], at: number): boolean {
  const missing = lines.findIndex(({ sku, quantity }) => !items.take(sku, quantity, at));
  if (missing >= 0) for (const { sku, quantity } of lines.slice(0, missing)) items.putBack(sku, quantity, at);
  return missing < 0;
}

export function shippedOf({ parcels }: SimulatedOrder, lineItemId: string): number {
  return parcels
    .flatMap(({ lineItems }) => lineItems)
    .filter((line) => line.lineItemId === lineItemId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
