// An order as the API shows it: instants as text, and its reservations by the ids under which the stocks have them.
import { type Order, reservationId } from '../../domain/order/order.ts';
import { type OrderRow, placedAt } from '../../projections/orders-pages.ts';

export function orderView(order: Order, revision: number) {
  const { id, status, kind, channel, lines, flow, placedAt, expiresAt, allocations, short, cancelled, returned, owed } =
    order;
  const isHeld = kind === 'request' && (status === 'reserving' || status === 'held');
  return {
    ...{ id, status, kind, channel, lines, flow },
    placedAt: new Date(placedAt).toISOString(),
    ...(isHeld ? { expiresAt: new Date(expiresAt).toISOString() } : undefined),
    reservations: allocations.map(({ number, sku, location, quantity, fulfilled, state }) => {
      return { reservationId: reservationId(order, number), sku, location, quantity, fulfilled, state };
    }),
    ...{ short, cancelled, returned, owed: owed.length, revision },
  };
}

/** An order in a list. */
export function orderSummary(row: OrderRow) {
  const { id, status, kind, channel, short, owed } = row;
  return { id, status, kind, channel, placedAt: new Date(placedAt(row)).toISOString(), short, owed };
}
