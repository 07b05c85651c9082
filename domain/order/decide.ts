// Judges one command against an order: the events it makes, or why it makes none. Which commands a status takes is the
// statechart's to say. Pure, never throws.
import { callOff, cancel } from './cancel.ts';
import type { OrderCommand, OrderCommandOf } from './commands.ts';
import type { StockAnswered } from './events.ts';
import { extend } from './extend.ts';
import { fulfil, takeBack } from './fulfil.ts';
import { statusAfter } from './machine.ts';
import { missing, type Order, parseReservationId } from './order.ts';
import { badHold, place } from './place.ts';
import { goOn, sourcedAfresh } from './progress.ts';
import { accepted, beginning, notInThisStatus, type OrderContext, type OrderDecision, refused, tell } from './story.ts';

export function decide(order: Order, command: OrderCommand, context: OrderContext): OrderDecision {
  if (command.type === 'place') return place(order, command, context);
  if (command.type === 'call-off') return callOff(order, command, context);
  if (order.status === 'new') return refused('unknown-order', `there is no order ${order.id}`);
  switch (command.type) {
    case 'renew':
      return renew(order, command, context);
    case 'confirm':
      return confirm(order, context);
    case 'fulfil':
      return fulfil(order, command, context);
    case 'cancel':
      return cancel(order, command, context);
    case 'extend':
      return extend(order, command, context);
    case 'return':
      return takeBack(order, command, context);
    case 'source':
      return source(order, context);
    case 'expire':
      return expire(order, command, context);
    case 'record':
      return record(order, command, context);
  }
}

function renew(order: Order, { expiresAt }: OrderCommandOf<'renew'>, context: OrderContext): OrderDecision {
  return (
    notInThisStatus(order, 'OrderHoldRenewed') ??
    holdOver(order, context) ??
    badHold(order.channel, expiresAt, context) ??
    accepted(tell(beginning(order), { type: 'OrderHoldRenewed', expiresAt }))
  );
}

function confirm(order: Order, context: OrderContext): OrderDecision {
  return (
    notInThisStatus(order, 'OrderConfirmationStarted') ??
    holdOver(order, context) ??
    accepted(goOn(tell(beginning(order), { type: 'OrderConfirmationStarted' }), context))
  );
}

/** Its units may be anybody's by now, whether or not their expiry has been noted yet. */
function holdOver({ id, expiresAt }: Order, { now }: OrderContext): OrderDecision | undefined {
  return expiresAt > now ? undefined : refused('hold-expired', `the hold of order ${id} has ended`);
}

/** Looks again for what a commitment is short of. */
function source(order: Order, context: OrderContext): OrderDecision {
  const bad = notInThisStatus(order, 'OrderShort');
  if (bad !== undefined) return bad;
  if (missing(order).size === 0) return refused('not-short', `nothing is missing in order ${order.id}`);
  const sourced = sourcedAfresh(beginning(order), context);
  return sourced === undefined
    ? refused('insufficient-available', 'no location it may come from has any of it free')
    : accepted(sourced);
}

/** A stock let a reservation of this order expire. One that the order no longer counts on changes nothing. */
function expire(order: Order, { reservationId }: OrderCommandOf<'expire'>, context: OrderContext): OrderDecision {
  const number = parseReservationId(reservationId)?.number;
  const lost = order.allocations.find((one) => one.number === number);
  if (lost === undefined || (lost.state !== 'asked' && lost.state !== 'held')) return accepted(beginning(order));
  if (order.kind === 'request' && statusAfter(order.status, 'OrderExpired') !== undefined) {
    return accepted(tell(beginning(order), { type: 'OrderExpired', reservation: lost.number }));
  }
  return accepted(goOn(tell(beginning(order), { type: 'OrderUnitsLost', reservation: lost.number }), context));
}

/**
 * What stocks said. Answers recorded before, by another process, are left out; but a reservation that this order had been
 * told was refused is noted, to be given back: nobody else would.
 */
function record(order: Order, { answers }: OrderCommandOf<'record'>, context: OrderContext): OrderDecision {
  const owed = new Set(order.owed.map(({ id }) => id));
  const fresh: StockAnswered[] = [];
  for (const { commandId, outcome, reason, reserved } of answers) {
    const answer = reason === undefined ? { commandId, outcome } : { commandId, outcome, reason };
    if (owed.has(commandId)) fresh.push(answer);
    else if (reserved !== undefined && order.refused.includes(reserved.number))
      fresh.push({ ...answer, stray: reserved });
  }
  if (fresh.length === 0) return accepted(beginning(order));
  return accepted(goOn(tell(beginning(order), { type: 'OrderStocksAnswered', answers: fresh }), context));
}
