// Orders that buyers place at simulated Amazon: they take units off what is shown at once, and leave in parcels. Amazon
// changes `lastUpdatedTime` with each step.

export type OrderStatus = 'PENDING' | 'UNSHIPPED' | 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'CANCELLED';

export interface OrderItem {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface Parcel {
  readonly id: string;
  readonly shippedAt: number;
  readonly items: readonly { readonly id: string; readonly quantity: number }[];
}

export interface Order {
  readonly id: string;
  readonly createdAt: number;
  updatedAt: number;
  status: OrderStatus;
  readonly fulfilledBy: 'MERCHANT' | 'AMAZON';
  readonly items: readonly OrderItem[];
  readonly parcels: Parcel[];
}

export interface Orders {
  readonly all: readonly Order[];
  get(id: string): Order | undefined;
  place(
    items: readonly { readonly sku: string; readonly quantity: number }[],
    more?: Partial<Pick<Order, 'status' | 'fulfilledBy'>>,
  ): Order;
  /** Payment is confirmed. */
  release(id: string): Order;
  /** A parcel leaves, with all that has not left where nothing else is said. */
  ship(id: string, units?: Readonly<Record<string, number>>): Order;
  cancel(id: string): Order;
}

export function createOrders(now: () => number, changed: (order: Order) => void = () => {}): Orders {
  const orders: Order[] = [];
  const byId = new Map<string, Order>();
  const of = (id: string): Order => {
    const order = byId.get(id);
    if (order === undefined) throw new Error(`there is no order ${id}`);
    return order;
  };
  const touch = (order: Order, status: OrderStatus): Order => {
    order.status = status;
    order.updatedAt = now();
    changed(order);
    return order;
  };
  return {
    all: orders,
    get: (id) => byId.get(id),
    place(items, more = {}) {
      const n = orders.length + 1;
      const at = now();
      const order: Order = {
        ...{ id: orderNumber(n), createdAt: at, updatedAt: at, status: 'UNSHIPPED', fulfilledBy: 'MERCHANT', ...more },
        items: items.map((item, k) => ({ id: `${n}${String(k + 1).padStart(3, '0')}`, ...item })),
        parcels: [],
      };
      orders.push(order);
      byId.set(order.id, order);
      changed(order);
      return order;
    },
    release: (id) => touch(of(id), 'UNSHIPPED'),
    ship(id, units) {
      const order = of(id);
      const left = unshipped(order);
      const items = order.items
        .map((item) => ({
          id: item.id,
          quantity: Math.min(left.get(item.id)!, units?.[item.sku] ?? (units ? 0 : item.quantity)),
        }))
        .filter(({ quantity }) => quantity > 0);
      order.parcels.push({ id: String(order.parcels.length + 1), shippedAt: now(), items });
      const isWhole = [...unshipped(order).values()].every((quantity) => quantity === 0);
      return touch(order, isWhole ? 'SHIPPED' : 'PARTIALLY_SHIPPED');
    },
    cancel: (id) => touch(of(id), 'CANCELLED'),
  };
}

/** Order item → units that have not left. */
export function unshipped({ items, parcels }: Order): Map<string, number> {
  const left = new Map(items.map(({ id, quantity }) => [id, quantity]));
  for (const parcel of parcels) for (const { id, quantity } of parcel.items) left.set(id, left.get(id)! - quantity);
  return left;
}

/** In the 3-7-7 form of Amazon's. */
function orderNumber(n: number): string {
  const digits = String(n).padStart(14, '0');
  return `306-${digits.slice(0, 7)}-${digits.slice(7)}`;
}
