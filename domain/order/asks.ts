// The commands an order sends to stocks. Their ids derive from the order, so that asking again has no second effect; and
// they have a space in them, as no sender's id has, so that nobody else can have used one up.
import type { StockCommand } from '../stock/commands.ts';
import type { Instant } from '../time.ts';
import type { HappeningOf } from './events.ts';
import { type Allocation, type Order, reservationId } from './order.ts';

const frame = (order: Order, { number, sku, location }: Allocation) => ({
  sku,
  location,
  reservationId: reservationId(order, number),
  correlationId: `order:${order.id}`,
});

export function makeAsk(order: Order, allocation: Allocation): StockCommand {
  const hold = frame(order, allocation);
  const { quantity, expiresAt } = allocation;
  const owner = `order:${order.id}`;
  return {
    type: 'reservation.make',
    id: `${hold.reservationId} make`,
    ...hold,
    quantity,
    owner,
    channel: order.channel,
    expiresAt,
  };
}

export function commitAsk(order: Order, allocation: Allocation): StockCommand {
  const hold = frame(order, allocation);
  return { type: 'reservation.commit', id: `${hold.reservationId} commit`, ...hold };
}

export function renewAsk(order: Order, allocation: Allocation, expiresAt: Instant): StockCommand {
  const hold = frame(order, allocation);
  return { type: 'reservation.renew', id: `${hold.reservationId} renew ${order.renewals}`, ...hold, expiresAt };
}

/**
 * What is left of a reservation. In so many words when units were fulfilled: should the stock hear of that only later,
 * they must not look free in between. `all`: the stock holds less than the order thinks.
 */
export function releaseAsk(order: Order, allocation: Allocation, all = false): StockCommand {
  const hold = frame(order, allocation);
  if (all || allocation.fulfilled === 0) {
    return { type: 'reservation.release', id: `${hold.reservationId} release${all ? ' all' : ''}`, ...hold };
  }
  const quantity = allocation.quantity - allocation.fulfilled;
  return { type: 'reservation.release', id: `${hold.reservationId} release`, ...hold, quantity };
}

/** So many of a reservation, `allocation` as it was before; the rest of it stays. */
export function releasePartAsk(order: Order, allocation: Allocation, quantity: number): StockCommand {
  const hold = frame(order, allocation);
  return {
    type: 'reservation.release',
    id: `${hold.reservationId}${OF_PART}${allocation.quantity}`,
    ...hold,
    quantity,
  };
}
const OF_PART = ' release of ';

export function isPartRelease({ id }: StockCommand): boolean {
  return id.includes(OF_PART);
}

/** `allocation` as it was before these units. */
export function fulfilAsk(order: Order, allocation: Allocation, quantity: number, occurredAt: Instant): StockCommand {
  const hold = frame(order, allocation);
  return {
    type: 'fulfilment',
    id: `${hold.reservationId} fulfil ${allocation.fulfilled}`,
    ...hold,
    quantity,
    occurredAt,
  };
}

export function returnAsk(
  order: Order,
  number: number,
  { sku, quantity, location, disposition }: HappeningOf<'OrderUnitsReturned'>['parts'][number],
  occurredAt: Instant,
): StockCommand {
  const correlationId = `order:${order.id}`;
  const { channel } = order;
  const id = `${correlationId} return ${number}`;
  return { type: 'return', id, sku, location, quantity, disposition, channel, occurredAt, correlationId };
}
