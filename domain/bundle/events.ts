// What happened to one command for a bundle, or to one reservation of it, as it is kept for ever. The definition that was
// in force stands in the first event of each: a repeat years later explodes as the first did.
import type { ChannelId, Sku } from '../stock/stream.ts';
import type { RefusalReason } from '../stock/verdict.ts';
import type { Instant } from '../time.ts';
import type { Upcasters } from '../versioned-event.ts';
import type { Component } from './definition.ts';

export const BUNDLE_EVENT_VERSION = 1;
export const BUNDLE_UPCASTERS: Upcasters = new Map();

export interface Definition {
  readonly version: string;
  readonly components: readonly Component[];
}

/** What travels from a command to the commands for the components. Facts have `occurredAt`. */
interface Origin {
  readonly occurredAt?: Instant;
  readonly sequence?: number;
  readonly correlationId?: string;
}

interface Sold {
  readonly quantity: number;
  readonly definition: Definition;
}

interface Of {
  readonly reservationId: string;
}

export interface ComponentAnswered {
  readonly sku: Sku;
  readonly outcome: 'accepted' | 'parked' | 'refused';
  /** Of the component's event. */
  readonly revision?: number;
  readonly reason?: RefusalReason;
  readonly detail?: string;
  /** Reserved for a command that had been refused by then: it is given back. */
  readonly strayOf?: string;
}

export type BundleHappening =
  | (Origin & Sold & { readonly type: 'BundleSold'; readonly channel?: ChannelId; readonly reservationId?: string })
  | (Origin & Sold & Of & { readonly type: 'BundleFulfilled' })
  | (Origin &
      Sold & {
        readonly type: 'BundleReturned';
        readonly channel?: ChannelId;
        readonly disposition: 'restock' | 'quarantine' | 'writeOff';
      })
  /** A fact outside the window of time in which it can be judged: kept, moves nothing, somebody must look. */
  | {
      readonly type: 'BundleFactParked';
      readonly reason: 'too-old' | 'from-the-future';
      readonly fact: Readonly<Record<string, string | number>>;
      readonly sequence?: number;
    }
  /** Asks the component `first` alone, the scarcest as far as was known, and the others when it has accepted. */
  | (Origin &
      Sold &
      Of & {
        readonly type: 'BundleReservationAsked';
        readonly owner: string;
        readonly channel: ChannelId;
        readonly expiresAt: Instant;
        readonly first: Sku;
      })
  | (Of & { readonly type: 'BundleReservationMade'; readonly quantity: number; readonly channel: ChannelId })
  /** Whatever was reserved is given back. */
  | (Of & {
      readonly type: 'BundleReservationRefused';
      readonly component: Sku;
      readonly reason: RefusalReason;
      readonly detail: string;
    })
  | (Origin & Of & { readonly type: 'BundleReservationRenewed'; readonly expiresAt: Instant })
  | (Origin & Of & { readonly type: 'BundleReservationCommitted'; readonly quantity: number })
  | (Origin & Of & { readonly type: 'BundleReservationReleased'; readonly quantity: number })
  | (Origin & Of & { readonly type: 'BundleReservationExpired'; readonly quantity: number })
  | { readonly type: 'BundleComponentsAnswered'; readonly answers: readonly ComponentAnswered[] };

export type BundleHappeningOf<T extends BundleHappening['type']> = Extract<BundleHappening, { type: T }>;

/** As it is stored: with how many commands are owed to components after it, so that nobody else repeats the fold. */
export type BundleEvent = BundleHappening & { readonly owed: number };

const TYPES: Readonly<Record<BundleHappening['type'], true>> = {
  BundleSold: true,
  BundleFulfilled: true,
  BundleReturned: true,
  BundleFactParked: true,
  BundleReservationAsked: true,
  BundleReservationMade: true,
  BundleReservationRefused: true,
  BundleReservationRenewed: true,
  BundleReservationCommitted: true,
  BundleReservationReleased: true,
  BundleReservationExpired: true,
  BundleComponentsAnswered: true,
};
export const BUNDLE_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(TYPES));
