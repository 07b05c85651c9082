// What an order does next by itself, once the stocks have answered: hold, be refused, ask elsewhere, be confirmed. Run
// after every command, so that a crash in between leaves nothing but owed commands, and the same answers lead on.

import { DAY } from '../time.ts';
import type { OrderHappening } from './events.ts';
import { statusAfter } from './machine.ts';
import { missing, type Order, openUnits, unitsOf } from './order.ts';
import { resource } from './sourcing.ts';
import { type OrderContext, type Story, tell } from './story.ts';

/** A commitment is committed at once; its hold only must not end before a stock that is down can be asked. */
export const COMMITMENT_HOLD_MS = 30 * DAY;

export function goOn(story: Story, context: OrderContext): Story {
  const next = nextOf(story.order, context);
  return next === undefined ? story : goOn(tell(story, next), context);
}

/** Once nothing is left to be sent an order is fulfilled; if nothing was ever sent, cancelled. */
export function endIfNothingIsOpen(story: Story): Story {
  const { order } = story;
  if (openUnits(order).size > 0) return story;
  if (!order.allocations.some(({ fulfilled }) => fulfilled > 0)) return tell(story, { type: 'OrderCancelled' });
  const covered = order.short.length === 0 ? story : tell(story, { type: 'OrderShort', short: [] });
  return tell(covered, { type: 'OrderFulfilled' });
}

const UNANSWERED: ReadonlySet<string> = new Set(['reservation.make', 'reservation.commit', 'reservation.renew']);

function nextOf(order: Order, context: OrderContext): OrderHappening | undefined {
  if (order.owed.some(({ type }) => UNANSWERED.has(type))) return undefined;
  const left = unitsOf(missing(order));
  switch (order.status) {
    case 'reserving':
      if (left.length === 0) return { type: order.kind === 'request' ? 'OrderHeld' : 'OrderTaken' };
      if (order.kind === 'request' && order.expiresAt <= context.now) return { type: 'OrderExpired' };
      return elsewhere(order, context) ?? (order.kind === 'request' ? { type: 'OrderRefused', missing: left } : TAKEN);
    case 'held':
      return left.length > 0 ? { type: 'OrderExpired' } : undefined;
    case 'confirming':
      if (order.kind === 'request' && left.length > 0) return { type: 'OrderExpired' };
      return shortNow(order) ?? { type: 'OrderConfirmed' };
    case 'confirmed':
    case 'partlyFulfilled': {
      const isRefusedNow = order.refusals.length > 0 && left.length > 0;
      return (isRefusedNow ? elsewhere(order, context) : undefined) ?? shortNow(order);
    }
    default:
      return undefined;
  }
}
const TAKEN: OrderHappening = { type: 'OrderTaken' };

/** Asks the locations that are left in this round. */
function elsewhere(order: Order, { free, now }: OrderContext): OrderHappening | undefined {
  // As much as seemed free was asked for: if nobody refused, asking the same again leads nowhere.
  if (order.round > 0 && order.refusals.length === 0 && order.kind === 'commitment') return undefined;
  const next = resource(order, free);
  if (next === undefined) return undefined;
  return { type: 'OrderSourced', round: Math.max(1, order.round), ...next, expiresAt: expiryOf(order, now) };
}

/** Everybody may be asked again for what is missing; undefined: nobody has any. */
export function sourcedAfresh(story: Story, { free, now }: OrderContext): Story | undefined {
  const { order } = story;
  const next = resource({ ...order, refusals: [] }, free);
  if (next === undefined) return undefined;
  return tell(story, { type: 'OrderSourced', round: order.round + 1, ...next, expiresAt: expiryOf(order, now) });
}

/** Until when the stocks shall hold what is asked for now. */
function expiryOf({ kind, expiresAt }: Order, now: number): number {
  return kind === 'request' ? expiresAt : now + COMMITMENT_HOLD_MS;
}

function shortNow(order: Order): OrderHappening | undefined {
  const short = unitsOf(missing(order));
  const isSaid = JSON.stringify(short) === JSON.stringify(order.short);
  return isSaid || statusAfter(order.status, 'OrderShort') === undefined ? undefined : { type: 'OrderShort', short };
}
