// What happened to one order, as it is kept for ever. Every event says the channel, the status after it and how many
// commands are owed to stocks: so whoever reads one event knows who may see it, and a projection never repeats the fold.
import type { ExplodedLine } from '../bundle/explode.ts';
import type { ChannelId, LocationId, Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import type { Upcasters } from '../versioned-event.ts';
import type { OrderFlow } from './flow.ts';
import type { OrderStatus } from './machine.ts';
import type { SourcingRule } from './policy.ts';

export const ORDER_EVENT_VERSION = 1;
export const ORDER_UPCASTERS: Upcasters = new Map();

export interface Units {
  readonly sku: Sku;
  readonly quantity: number;
}

export type OrderKind = 'request' | 'commitment';

/** Units of one SKU to be reserved at one location; `number` makes the reservation's id. */
export interface Sourced extends Units {
  readonly number: number;
  readonly location: LocationId;
}

export interface StockAnswered {
  readonly commandId: string;
  readonly outcome: 'accepted' | 'parked' | 'refused';
  readonly reason?: string;
  /** A reservation that a stock made although this order had been told that it did not (two processes had asked). */
  readonly stray?: Sourced;
}

export type OrderHappening =
  | {
      readonly type: 'OrderPlaced';
      readonly kind: OrderKind;
      readonly channel: ChannelId;
      /** Of SKUs with stock: a bundle's components say what they are part of. */
      readonly lines: readonly ExplodedLine[];
      readonly flow: OrderFlow;
      /** Where it may be sourced from, the preferred first, under the policy of this version. */
      readonly candidates: readonly LocationId[];
      readonly sourcing: SourcingRule;
      readonly splitsMax: number;
      readonly policy: string;
      readonly expiresAt: Instant;
      readonly placedAt: Instant;
    }
  /** Reservations to ask for, and those of this order to give back for a better plan. A new `round` asks everybody afresh. */
  | {
      readonly type: 'OrderSourced';
      readonly round: number;
      readonly allocations: readonly Sourced[];
      readonly givenBack: readonly number[];
      readonly expiresAt: Instant;
    }
  | { readonly type: 'OrderStocksAnswered'; readonly answers: readonly StockAnswered[] }
  | { readonly type: 'OrderHeld' }
  /** A commitment: whatever could be reserved is committed. */
  | { readonly type: 'OrderTaken' }
  | { readonly type: 'OrderRefused'; readonly missing: readonly Units[] }
  | { readonly type: 'OrderHoldRenewed'; readonly expiresAt: Instant }
  | { readonly type: 'OrderConfirmationStarted' }
  | { readonly type: 'OrderConfirmed' }
  /** Units that no reservation covers, of every SKU that has any; none: all are covered again. */
  | { readonly type: 'OrderShort'; readonly short: readonly Units[] }
  | { readonly type: 'OrderUnitsLost'; readonly reservation: number }
  | {
      readonly type: 'OrderUnitsFulfilled';
      readonly parts: readonly { readonly reservation: number; readonly quantity: number }[];
      /** What left from where nothing is reserved for it, under numbers of their own; absent: none. */
      readonly elsewhere?: readonly Sourced[];
      readonly occurredAt: Instant;
    }
  | { readonly type: 'OrderFulfilled' }
  /** The order's own lines have become more. */
  | { readonly type: 'OrderLinesAdded'; readonly lines: readonly ExplodedLine[] }
  /** Only these, which had not left. */
  | { readonly type: 'OrderUnitsCancelled'; readonly units: readonly Units[] }
  | { readonly type: 'OrderCancelled' }
  /** Cancelled before it was placed: it never will be. */
  | { readonly type: 'OrderCalledOff'; readonly channel: ChannelId; readonly placedAt: Instant }
  | { readonly type: 'OrderExpired'; readonly reservation?: number }
  | {
      readonly type: 'OrderUnitsReturned';
      readonly parts: readonly (Units & {
        readonly location: LocationId;
        readonly disposition: 'restock' | 'quarantine' | 'writeOff';
      })[];
      readonly occurredAt: Instant;
    };

export type HappeningOf<T extends OrderHappening['type']> = Extract<OrderHappening, { type: T }>;

/** As it is stored. */
export type OrderEvent = OrderHappening & {
  readonly channel: ChannelId;
  readonly status: OrderStatus;
  readonly owed: number;
};

const TYPES: Readonly<Record<OrderHappening['type'], true>> = {
  OrderPlaced: true,
  OrderSourced: true,
  OrderStocksAnswered: true,
  OrderHeld: true,
  OrderTaken: true,
  OrderRefused: true,
  OrderHoldRenewed: true,
  OrderConfirmationStarted: true,
  OrderConfirmed: true,
  OrderShort: true,
  OrderUnitsLost: true,
  OrderUnitsFulfilled: true,
  OrderFulfilled: true,
  OrderLinesAdded: true,
  OrderUnitsCancelled: true,
  OrderCancelled: true,
  OrderCalledOff: true,
  OrderExpired: true,
  OrderUnitsReturned: true,
};
export const ORDER_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(TYPES));
