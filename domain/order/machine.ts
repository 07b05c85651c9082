// The life of an order as a statechart: which of its events can happen in which status, and where they lead. Deciding
// asks it which commands a status takes, folding asks it for the next status; there is no second list of either.
// The diagram in docs/order.mmd is this machine; a test keeps them equal. Flat, without guards, actions or timers: a hold
// expires by an event of the stock (design 2), never by a machine's timer.
import { createMachine } from 'xstate';
import { transitionTable } from '../flat-machine.ts';

const ended = { OrderUnitsReturned: 'cancelled' } as const;

export const orderMachine = createMachine({
  id: 'order',
  initial: 'new',
  states: {
    new: { on: { OrderPlaced: 'reserving', OrderCalledOff: 'cancelled' } },
    reserving: {
      on: {
        OrderSourced: 'reserving',
        OrderUnitsLost: 'reserving',
        OrderHeld: 'held',
        OrderTaken: 'confirming',
        OrderRefused: 'refused',
        OrderExpired: 'expired',
        OrderUnitsCancelled: 'reserving',
        OrderCancelled: 'cancelled',
      },
    },
    held: {
      on: {
        OrderHoldRenewed: 'held',
        OrderConfirmationStarted: 'confirming',
        OrderExpired: 'expired',
        OrderUnitsCancelled: 'held',
        OrderCancelled: 'cancelled',
      },
    },
    confirming: {
      on: {
        OrderUnitsLost: 'confirming',
        OrderShort: 'confirming',
        OrderConfirmed: 'confirmed',
        OrderExpired: 'expired',
        OrderUnitsCancelled: 'confirming',
        OrderCancelled: 'cancelled',
      },
    },
    confirmed: {
      on: {
        OrderLinesAdded: 'confirmed',
        OrderSourced: 'confirmed',
        OrderUnitsLost: 'confirmed',
        OrderShort: 'confirmed',
        OrderUnitsFulfilled: 'partlyFulfilled',
        OrderUnitsCancelled: 'confirmed',
        OrderCancelled: 'cancelled',
      },
    },
    partlyFulfilled: {
      on: {
        OrderLinesAdded: 'partlyFulfilled',
        OrderSourced: 'partlyFulfilled',
        OrderUnitsLost: 'partlyFulfilled',
        OrderShort: 'partlyFulfilled',
        OrderUnitsFulfilled: 'partlyFulfilled',
        OrderFulfilled: 'fulfilled',
        OrderUnitsReturned: 'partlyFulfilled',
        OrderUnitsCancelled: 'partlyFulfilled',
        OrderCancelled: 'cancelled',
      },
    },
    fulfilled: { on: { OrderUnitsReturned: 'fulfilled' } },
    // What was fulfilled before the rest was cancelled can come back.
    cancelled: { on: ended },
    refused: { type: 'final' },
    expired: { type: 'final' },
  },
});

export const ORDER_STATUSES = [
  'new',
  'reserving',
  'held',
  'confirming',
  'confirmed',
  'partlyFulfilled',
  'fulfilled',
  'cancelled',
  'refused',
  'expired',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

const TABLE = transitionTable<OrderStatus>(orderMachine);

/** Where an event leads from this status; undefined: it cannot happen there. */
export function statusAfter(status: OrderStatus, eventType: string): OrderStatus | undefined {
  return TABLE.get(status)?.get(eventType);
}

/** Nothing more is taken from stocks for it; what it still holds is released. */
export function isEnded(status: OrderStatus): boolean {
  return status === 'cancelled' || status === 'refused' || status === 'expired';
}

/** Placed, and something is still expected of it besides a return. */
export function isOpen(status: OrderStatus): boolean {
  return OPEN.has(status);
}
export const OPEN_STATUSES = ['reserving', 'held', 'confirming', 'confirmed', 'partlyFulfilled'] as const;
const OPEN: ReadonlySet<string> = new Set(OPEN_STATUSES);
