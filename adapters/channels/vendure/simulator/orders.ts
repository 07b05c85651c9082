// The orders of a simulated Vendure, with the history that the real one keeps of them and the stock they move.
import type { SimulatedStock } from './stock.ts';

interface Line {
  readonly id: string;
  readonly productVariant: { readonly id: string };
  quantity: number;
  readonly orderPlacedQuantity: number;
}
interface Fulfilment {
  readonly id: string;
  state: 'Shipped' | 'Delivered';
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number }[];
}
interface Entry {
  readonly id: string;
  readonly createdAt: string;
  readonly type: string;
  readonly data: unknown;
}

/** With the names of the real one. */
export interface SimulatedOrder {
  readonly id: string;
  readonly code: string;
  readonly type: 'Regular';
  state: string;
  readonly orderPlacedAt: string;
  updatedAt: string;
  readonly lines: Line[];
  readonly fulfillments: Fulfilment[];
  readonly modifications: readonly [];
  readonly history: { readonly items: Entry[]; readonly totalItems: number };
}

export interface SimulatedOrders {
  readonly all: ReadonlyMap<string, SimulatedOrder>;
  /** Variant → units, paid. Undefined: not all of it can be bought. */
  buy(units: Readonly<Record<string, number>>): SimulatedOrder | undefined;
  /** One parcel; without units, with all that was not sent. */
  ship(order: string, units?: Readonly<Record<string, number>>): void;
  /** Without units: all of it. Of units that were sent: they came back. */
  cancel(order: string, units?: Readonly<Record<string, number>>): void;
}

export function createOrders(
  stock: SimulatedStock,
  now: () => number,
  changed: (order: SimulatedOrder) => void,
): SimulatedOrders {
  const all = new Map<string, SimulatedOrder>();
  let numbered = 0;
  const next = () => String(++numbered);
  const note = (order: SimulatedOrder, type: string, data: unknown) => {
    const createdAt = new Date(now()).toISOString();
    order.history.items.push({ id: next(), createdAt, type, data });
    order.updatedAt = createdAt;
  };
  const found = (id: string) => {
    const order = all.get(id);
    if (order === undefined) throw new Error(`there is no order ${id}`);
    return order;
  };
  return {
    all,
    buy(units) {
      const wanted = Object.entries(units);
      if (wanted.some(([variant, n]) => stock.sellable(variant) < n)) return undefined;
      const order = placed(wanted, next, new Date(now()).toISOString());
      all.set(order.id, order);
      for (const [variant, n] of wanted) stock.move(variant, { allocated: n });
      changed(order);
      return order;
    },
    ship(id, units) {
      const order = found(id);
      const lines = order.lines.flatMap((line) => {
        const open = line.quantity - sentOf(order, line);
        const n = Math.min(open, units?.[line.productVariant.id] ?? (units === undefined ? open : 0));
        if (n > 0) stock.move(line.productVariant.id, { onHand: -n, allocated: -n });
        return n > 0 ? [{ orderLineId: line.id, quantity: n }] : [];
      });
      const parcel: Fulfilment = { id: next(), state: 'Shipped', lines };
      order.fulfillments.push(parcel);
      note(order, 'ORDER_FULFILLMENT_TRANSITION', { fulfillmentId: Number(parcel.id), from: 'Pending', to: 'Shipped' });
      order.state = order.lines.every((line) => line.quantity <= sentOf(order, line)) ? 'Shipped' : 'PartiallyShipped';
      changed(order);
    },
    cancel(id, units) {
      const order = found(id);
      const lines = order.lines.flatMap((line) => {
        const n = Math.min(line.quantity, units?.[line.productVariant.id] ?? (units === undefined ? line.quantity : 0));
        if (n > 0) giveBack(stock, order, line, n);
        return n > 0 ? [{ orderLineId: Number(line.id), quantity: n }] : [];
      });
      note(order, 'ORDER_CANCELLATION', { lines, shippingCancelled: false });
      if (order.lines.every(({ quantity }) => quantity === 0)) order.state = 'Cancelled';
      changed(order);
    },
  };
}

function placed(
  units: readonly (readonly [variant: string, quantity: number])[],
  next: () => string,
  at: string,
): SimulatedOrder {
  const lines = units.map(([id, n]): Line => {
    return { id: next(), productVariant: { id }, quantity: n, orderPlacedQuantity: n };
  });
  const items: Entry[] = [];
  const history = {
    items,
    get totalItems() {
      return items.length;
    },
  };
  const id = next();
  return {
    ...{ id, code: `ORDER${id.padStart(6, '0')}`, type: 'Regular', state: 'PaymentSettled', orderPlacedAt: at },
    ...{ updatedAt: at, lines, fulfillments: [], modifications: [], history },
  };
}

/** Units of a line in parcels that left; what came back of them is off the line's quantity. */
function sentOf({ fulfillments }: SimulatedOrder, { id }: Line): number {
  return fulfillments
    .flatMap(({ lines }) => lines)
    .reduce((sum, { orderLineId, quantity }) => sum + (orderLineId === id ? quantity : 0), 0);
}

/** As Vendure 3.7 does: of a line that is partly sent, both what is allocated and what was sent is given back. */
function giveBack(stock: SimulatedStock, order: SimulatedOrder, line: Line, n: number): void {
  const { id: variant } = line.productVariant;
  const sent = sentOf(order, line);
  const open = Math.max(0, line.quantity - sent);
  const cameBack = Math.max(0, sent - line.quantity);
  stock.move(variant, { allocated: -Math.min(open, n), onHand: Math.min(sent - cameBack, n) });
  line.quantity -= n;
}
