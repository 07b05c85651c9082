// What a simulated WooCommerce shop keeps: products and variations with their stock, and orders. As the real one does, it
// takes the units of an order from its own stock when the order is to be sent, and puts them back when it is cancelled.

export interface Product {
  readonly id: number;
  readonly type: 'simple' | 'variable' | 'variation';
  readonly parent: number;
  manageStock: boolean;
  stock: number | null;
  modifiedAt: number;
}

export type OrderStatus = 'pending' | 'processing' | 'on-hold' | 'completed' | 'cancelled' | 'refunded' | 'failed';

export interface ShopOrder {
  readonly id: number;
  readonly lines: readonly { readonly product: number; readonly quantity: number }[];
  readonly createdAt: number;
  status: OrderStatus;
  modifiedAt: number;
  completedAt: number | null;
  /** What was refunded of it, oldest first. */
  readonly refunds: Refund[];
}

export interface Refund {
  readonly id: number;
  readonly createdAt: number;
  readonly lines: readonly { readonly product: number; readonly quantity: number }[];
}

export interface Shop {
  readonly products: ReadonlyMap<number, Product>;
  readonly orders: ReadonlyMap<number, ShopOrder>;
  addProduct(stock: number, type?: Product['type'], parent?: number): Product;
  setStock(id: number, stock: number): Product;
  /** Undefined: it does not show that many. */
  order(lines: ShopOrder['lines'], status?: OrderStatus): ShopOrder | undefined;
  setStatus(order: number, status: OrderStatus): ShopOrder;
  /** Of these units, which it puts back, as the shop's clerk may choose. */
  refund(order: number, lines: ShopOrder['lines']): void;
}

const TAKES_UNITS: ReadonlySet<OrderStatus> = new Set(['processing', 'on-hold', 'completed']);
const GIVES_BACK: ReadonlySet<OrderStatus> = new Set(['cancelled', 'pending']);

export function createShop(now: () => number): Shop {
  const products = new Map<number, Product>();
  const orders = new Map<number, ShopOrder>();
  const took = new Set<number>();
  // One row of numbers for posts of every kind, as in WordPress.
  let posts = 10;

  const move = ({ id, lines }: ShopOrder, sign: 1 | -1) => {
    for (const { product, quantity } of lines) {
      const kept = products.get(product);
      if (kept?.manageStock) kept.stock = (kept.stock ?? 0) + sign * quantity;
    }
    if (sign < 0) took.add(id);
    else took.delete(id);
  };
  const setStatus = (id: number, status: OrderStatus): ShopOrder => {
    const order = orders.get(id);
    if (order === undefined) throw new Error(`there is no order ${id}`);
    order.status = status;
    order.modifiedAt = now();
    if (status === 'completed') order.completedAt ??= order.modifiedAt;
    if (TAKES_UNITS.has(status) && !took.has(id)) move(order, -1);
    if (GIVES_BACK.has(status) && took.has(id)) move(order, 1);
    return order;
  };

  return {
    products,
    orders,
    addProduct(stock, type = 'simple', parent = 0) {
      posts += 1;
      const isVariable = type === 'variable';
      const kept = { manageStock: !isVariable, stock: isVariable ? null : stock, modifiedAt: now() };
      const product: Product = { id: posts, type, parent, ...kept };
      products.set(posts, product);
      return product;
    },
    setStock(id, stock) {
      const product = products.get(id);
      if (product === undefined) throw new Error(`there is no product ${id}`);
      return Object.assign(product, { manageStock: true, stock, modifiedAt: now() });
    },
    order(lines, status = 'processing') {
      const isShort = lines.some(({ product, quantity }) => {
        const kept = products.get(product);
        return kept?.manageStock && (kept.stock ?? 0) < quantity;
      });
      if (isShort) return undefined;
      posts += 1;
      const at = { createdAt: now(), modifiedAt: now(), completedAt: null, refunds: [] };
      orders.set(posts, { id: posts, lines, status: 'pending', ...at });
      return setStatus(posts, status);
    },
    setStatus,
    refund(id, lines) {
      const order = orders.get(id)!;
      posts += 1;
      order.modifiedAt = now();
      order.refunds.push({ id: posts, createdAt: now(), lines });
      for (const { product, quantity } of lines) {
        const kept = products.get(product);
        if (kept?.manageStock) kept.stock = (kept.stock ?? 0) + quantity;
      }
    },
  };
}
