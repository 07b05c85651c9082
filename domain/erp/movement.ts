// What an event of a stock means for the books: units that move from one place to another, as in double entry. Promise:
// what was posted of a stock comes to its on-hand, at every event. Where a fact moved on-hand otherwise than by its own
// quantity (a count, or a late fact that a count had seen already), the rest is posted as a count.
import type { StockEvent } from '../stock/events.ts';
import { onHandDelta } from '../stock/movement.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';

export const MOVEMENT_KINDS = [
  'sale',
  'fulfilment',
  'return',
  'writeOff',
  'adjustment',
  'disposal',
  'transfer',
  'receipt',
  'count',
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** stock: the location itself · lost: found or lost · transit: between two locations. */
export type Place = 'stock' | 'customer' | 'supplier' | 'lost' | 'transit';

export interface Movement {
  /** Ours, derived from the event, and unique: how the ERP's own record is found again. At most 48 characters. */
  readonly reference: string;
  readonly kind: MovementKind;
  readonly sku: Sku;
  readonly location: LocationId;
  readonly from: Place;
  readonly to: Place;
  /** ≥ 1. */
  readonly quantity: number;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly channel?: string | undefined;
  /** Stream and revision of the event it comes from. */
  readonly event: string;
}

/** What of an event a movement needs to know. */
export interface Happened {
  readonly event: StockEvent;
  /** Of the event. */
  readonly id: string;
  readonly place: string;
  readonly sku: Sku;
  readonly location: LocationId;
  /** On-hand before it. */
  readonly before: number;
  /** Of a `TransferShort` at the receiving end of a leg: units on their way back to where they came from. */
  readonly isOnWayBack?: boolean | undefined;
}

export interface MovementRules {
  readonly kinds: ReadonlySet<MovementKind>;
  /** The ERP booked this fact itself. */
  readonly isOwn: (source: string) => boolean;
  /** Units by which the ERP's own count moved its books; undefined: by as many as ours. */
  readonly countedThere: (commandId: string) => number | undefined;
}

type Leg = readonly [kind: MovementKind, from: Place, to: Place, quantity: number];

/** In the order in which they are posted; empty: the books do not change, or the ERP knows. */
export function movementsOf(happened: Happened, { kinds, isOwn, countedThere }: MovementRules): readonly Movement[] {
  const { event, before } = happened;
  const change = event.levels.onHand - before;
  const own = isOwn(event.source);
  const moved = onHandDelta(event);
  // A leg that is not posted is in its books all the same: it learned of it from elsewhere.
  const legs = own ? [] : legsOf(happened).filter(([kind]) => kinds.has(kind));
  const known = own && event.type === 'StockCounted' ? (countedThere(event.commandId) ?? change) : moved;
  const rest = change - known;
  const counted: readonly Leg[] =
    rest === 0 || !kinds.has('count')
      ? []
      : [rest > 0 ? ['count', 'lost', 'stock', rest] : ['count', 'stock', 'lost', -rest]];
  return [...legs, ...counted].map((leg, n) => movement(happened, leg, n));
}

function movement({ event, id, place, sku, location }: Happened, [kind, from, to, quantity]: Leg, n: number): Movement {
  const { occurredAt, recordedAt } = event;
  const channel = 'channel' in event && event.channel !== undefined ? { channel: event.channel } : {};
  const reference = n === 0 ? `es-${id}` : `es-${id}-${n}`;
  return { reference, kind, sku, location, from, to, quantity, occurredAt, recordedAt, ...channel, event: place };
}

function legsOf({ event, isOnWayBack }: Happened): readonly Leg[] {
  switch (event.type) {
    case 'UnitsSold':
      return [['sale', 'stock', 'customer', event.quantity]];
    case 'FulfilmentConfirmed':
      return [['fulfilment', 'stock', 'customer', event.quantity]];
    case 'UnitsReturned': {
      const back: Leg = ['return', 'customer', 'stock', event.quantity];
      return event.disposition === 'writeOff' ? [back, ['writeOff', 'stock', 'lost', event.quantity]] : [back];
    }
    case 'UnitsReceived':
      return [['receipt', 'supplier', 'stock', event.quantity]];
    case 'StockAdjusted':
      return event.quantity > 0
        ? [['adjustment', 'lost', 'stock', event.quantity]]
        : [['adjustment', 'stock', 'lost', -event.quantity]];
    case 'QuarantineDisposed':
      if (event.disposition === 'restock') return [];
      return [['disposal', 'stock', event.disposition === 'scrap' ? 'lost' : 'supplier', event.quantity]];
    case 'TransferDispatched':
      return [['transfer', 'stock', 'transit', event.quantity]];
    case 'TransferReceived':
      return [['transfer', 'transit', 'stock', event.quantity]];
    case 'TransferOver':
      return event.end === 'origin' ? [['transfer', 'stock', 'transit', event.quantity]] : [];
    case 'TransferShort':
      // Told at both ends of the way there; one of the way back, and what is rejected and begins it, at one end only.
      return event.end === 'origin' || isOnWayBack === true ? [['transfer', 'transit', 'lost', event.quantity]] : [];
    default:
      return [];
  }
}

const MOVING: ReadonlySet<string> = new Set<StockEvent['type']>([
  'UnitsSold',
  'FulfilmentConfirmed',
  'UnitsReturned',
  'UnitsReceived',
  'StockAdjusted',
  'StockCounted',
  'QuarantineDisposed',
  'TransferDispatched',
  'TransferReceived',
  'TransferOver',
  'TransferShort',
]);

/** Quick to ask: false for an event that never moves books. */
export function mayMove(type: string): boolean {
  return MOVING.has(type);
}
