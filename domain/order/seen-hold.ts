// A reservation of an order that was met in the log. Where several processes ask the stocks, one may be told that a stock
// refused it, and write that down, while another is told that it was made and ends before it can say so.
import type { OrderCommand } from './commands.ts';
import type { Sourced } from './events.ts';
import { type Order, reservationId } from './order.ts';

/** The command that tells the order of it; undefined: the order knows. */
export function seenHold(order: Order, made: Sourced): OrderCommand | undefined {
  const commandId = reservationId(order, made.number);
  const isAsked = order.owed.some(({ id, sku, location }) => {
    return id === commandId && sku === made.sku && location === made.location;
  });
  if (!isAsked && !order.refused.includes(made.number)) return undefined;
  // No sender's id has a space in it: nobody else can have used up this one.
  return { type: 'record', id: `seen ${commandId}`, answers: [{ commandId, outcome: 'accepted', reserved: made }] };
}
