// The events one command makes, told one after another, each with the channel, the status and the owed commands after it.
import type { Policy } from '../channel/policy.ts';
import type { Instant } from '../time.ts';
import type { WorkflowDecision } from '../workflow.ts';
import type { OrderRefusal } from './commands.ts';
import type { OrderEvent, OrderHappening } from './events.ts';
import { evolve } from './evolve.ts';
import { type OrderStatus, statusAfter } from './machine.ts';
import type { Order } from './order.ts';
import type { Free } from './sourcing.ts';

export type OrderDecision = WorkflowDecision<OrderEvent, OrderRefusal, Order>;

/** What deciding about one order asks its surroundings. */
export interface OrderContext {
  readonly now: Instant;
  readonly policy: Policy;
  /** Units free for the order's channel, as far as is known. */
  readonly free: Free;
}

export interface Story {
  readonly order: Order;
  readonly events: readonly OrderEvent[];
}

export function tell({ order, events }: Story, happening: OrderHappening): Story {
  const after = evolve(order, happening);
  const { channel, status, owed } = after;
  return { order: after, events: [...events, { ...happening, channel, status, owed: owed.length }] };
}

export function beginning(order: Order): Story {
  return { order, events: [] };
}

export function accepted({ events, order }: Story): OrderDecision {
  return { outcome: 'accepted', events, after: order };
}

export function refused(reason: OrderRefusal, detail: string): OrderDecision {
  return { outcome: 'refused', reason, detail };
}

const WHY: Readonly<Record<OrderStatus, string>> = {
  new: 'has not been placed',
  reserving: 'is still being reserved',
  held: 'is held and not confirmed',
  confirming: 'is being confirmed',
  confirmed: 'is confirmed',
  partlyFulfilled: 'is confirmed and partly fulfilled',
  fulfilled: 'is fulfilled',
  cancelled: 'is cancelled',
  refused: 'was refused',
  expired: 'has expired',
};

/** The refusal of a command whose event cannot happen in this status, undefined if it can. */
export function notInThisStatus({ id, status }: Order, eventType: OrderHappening['type']): OrderDecision | undefined {
  if (statusAfter(status, eventType) !== undefined) return undefined;
  return refused('not-in-this-status', `order ${id} ${WHY[status]}`);
}
