// How an event moves the levels. `decide` asks once, and the answer is written into the event; a replay
// asks again and must get the same (P1). Deltas commute; a count is a fence in event time (R6):
//   on-hand = latest count in event time + the movements that happened after it.
import type { StockEvent } from './events.ts';
import type { Levels } from './levels.ts';
import { movedAfter } from './recent.ts';
import type { Stock } from './stock.ts';

type Unlevelled<E> = E extends unknown ? Omit<E, 'levels' | 'life'> : never;
/** An event before its levels and life are known. */
export type Movement = Unlevelled<StockEvent>;

/** Units that physically came (+) or left (−). A count is no movement: it says where the movements led. */
export function onHandDelta(event: Movement): number {
  switch (event.type) {
    case 'UnitsReceived':
    case 'TransferReceived':
    case 'StockAdjusted':
      return event.quantity;
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
    case 'TransferDispatched':
      return -event.quantity;
    case 'UnitsReturned':
      return event.disposition === 'writeOff' ? 0 : event.quantity;
    case 'QuarantineDisposed':
      return event.disposition === 'restock' ? 0 : -event.quantity;
    case 'TransferOver':
      return event.end === 'origin' ? -event.quantity : 0;
    default:
      return 0;
  }
}

export function quarantineDelta(event: Movement): number {
  switch (event.type) {
    case 'UnitsQuarantined':
      return event.quantity;
    case 'QuarantineDisposed':
      return -event.quantity;
    case 'UnitsReturned':
      return event.disposition === 'quarantine' ? event.quantity : 0;
    default:
      return 0;
  }
}

/** Units under way, by transfer. */
export function transitDelta(event: Movement): { readonly inward: number; readonly outward: number } {
  switch (event.type) {
    case 'TransferExpected':
      return { inward: event.quantity, outward: 0 };
    case 'TransferReceived':
      return { inward: -event.quantity, outward: 0 };
    case 'TransferDispatched':
      return { inward: 0, outward: event.quantity };
    case 'TransferSettled':
      return { inward: 0, outward: -event.quantity };
    case 'TransferShort':
      return event.end === 'destination'
        ? { inward: -event.quantity, outward: 0 }
        : { inward: 0, outward: -event.quantity };
    case 'TransferOver':
      return event.end === 'destination' ? { inward: event.quantity, outward: 0 } : NO_TRANSIT;
    default:
      return NO_TRANSIT;
  }
}
const NO_TRANSIT = { inward: 0, outward: 0 } as const;

/** Units that become promised (+) or free again (−). */
export function reservedDelta(event: Movement): number {
  switch (event.type) {
    case 'ReservationMade':
    case 'TransferRequested':
      return event.quantity;
    case 'ReservationReleased':
    case 'ReservationExpired':
    case 'TransferCancelled':
      return -event.quantity;
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
    case 'TransferDispatched':
      return -(event.consumed?.quantity ?? 0);
    default:
      return 0;
  }
}

/** Is this count later, in event time, than the last one? Two counts at one instant go by command id. */
export function movesFence(stock: Stock, count: { readonly occurredAt: number; readonly commandId: string }): boolean {
  const fence = stock.fence;
  if (fence === undefined || count.occurredAt > fence.at) return true;
  return count.occurredAt === fence.at && count.commandId > fence.commandId;
}

/** The levels after this event. */
export function levelsAfter(stock: Stock, event: Movement): Levels {
  const { levels } = stock;
  const transit = transitDelta(event);
  const before = transit === NO_TRANSIT ? undefined : stock.transits.get(transferOf(event));
  const inward = before?.inward ?? 0;
  const outward = before?.outward ?? 0;
  return {
    onHand: onHandAfter(stock, event),
    reserved: levels.reserved + reservedDelta(event),
    quarantined: Math.max(0, stock.quarantineNet + quarantineDelta(event)),
    inTransitIn: levels.inTransitIn - Math.max(0, inward) + Math.max(0, inward + transit.inward),
    inTransitOut: levels.inTransitOut - Math.max(0, outward) + Math.max(0, outward + transit.outward),
  };
}

export function transferOf(event: Movement): string {
  return 'transferId' in event ? event.transferId : '';
}

function onHandAfter(stock: Stock, event: Movement): number {
  const { onHand } = stock.levels;
  if (event.type === 'StockCounted') {
    return movesFence(stock, event) ? event.counted + movedAfter(stock.recent, event.occurredAt) : onHand;
  }
  const isAfterFence = stock.fence === undefined || event.occurredAt > stock.fence.at;
  return isAfterFence ? onHand + onHandDelta(event) : onHand;
}
