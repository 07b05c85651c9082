// What happened to one transfer, as it is kept for ever in its stream `transfer-<id>`. Every event says how the transfer
// stands after it, so that a projection never repeats the fold. Instants are milliseconds since the epoch.
import type { LocationId, Sku } from '../stock/stream.ts';
import type { RefusalReason } from '../stock/verdict.ts';
import type { Instant } from '../time.ts';
import type { Upcasters } from '../versioned-event.ts';
import type { TransferStatus } from './machine.ts';

export const TRANSFER_EVENT_VERSION = 1;
export const TRANSFER_UPCASTERS: Upcasters = new Map();

export interface Units {
  readonly sku: Sku;
  readonly quantity: number;
}

export interface StockAnswered {
  readonly commandId: string;
  readonly outcome: 'accepted' | 'parked' | 'refused';
  readonly reason?: RefusalReason;
  readonly detail?: string;
  /** Units of it that a stock set aside although this transfer had been told that it did not (two processes had asked). */
  readonly stray?: Sku;
}

interface Told {
  readonly lines: readonly Units[];
  readonly occurredAt: Instant;
}

export type TransferHappening =
  | {
      readonly type: 'TransferOpened';
      readonly from: LocationId;
      readonly to: LocationId;
      readonly lines: readonly Units[];
    }
  | { readonly type: 'TransferStocksAnswered'; readonly answers: readonly StockAnswered[] }
  /** All lines are set aside at the origin. */
  | { readonly type: 'TransferSetAside' }
  /** Not all lines could be set aside: none is. */
  | { readonly type: 'TransferDeclined' }
  | ({ readonly type: 'TransferUnitsDispatched' | 'TransferUnitsReceived' | 'TransferUnitsReturned' } & Told)
  | ({ readonly type: 'TransferUnitsOver'; readonly reason?: string } & Told)
  | ({ readonly type: 'TransferUnitsShort'; readonly leg: 'out' | 'back'; readonly reason: string } & Told)
  | ({ readonly type: 'TransferUnitsRejected'; readonly reason: string } & Told)
  /** What was set aside and has not left is free again. */
  | { readonly type: 'TransferCalledOff' }
  /** Everything is accounted for. */
  | { readonly type: 'TransferCompleted' }
  /** Nothing was heard of it for longer than policy allows. */
  | { readonly type: 'TransferStuck'; readonly since: Instant };

export type TransferHappeningOf<T extends TransferHappening['type']> = Extract<TransferHappening, { type: T }>;

/** How a line stands: units set aside at the origin, on the way, on the way back. */
export type Figures = readonly [sku: Sku, setAside: number, underWay: number, comingBack: number];

export interface Standing {
  readonly from: LocationId;
  readonly to: LocationId;
  readonly status: TransferStatus;
  /** Commands to stocks that are not answered. */
  readonly owed: number;
  readonly openedAt: Instant;
  /** When something was last heard of it, by our clock. */
  readonly heardAt: Instant;
  readonly stuck: boolean;
  /** How often it was found stuck so far. */
  readonly timesStuck: number;
  /** Of the lines that this event changed. */
  readonly figures: readonly Figures[];
}

/** As it is stored: what happened, and how the transfer stands after it. */
export type TransferEvent = TransferHappening & { readonly after: Standing };

export const TRANSFER_EVENT_TYPES: ReadonlySet<string> = new Set<TransferHappening['type']>([
  'TransferOpened',
  'TransferStocksAnswered',
  'TransferSetAside',
  'TransferDeclined',
  'TransferUnitsDispatched',
  'TransferUnitsReceived',
  'TransferUnitsReturned',
  'TransferUnitsOver',
  'TransferUnitsShort',
  'TransferUnitsRejected',
  'TransferCalledOff',
  'TransferCompleted',
  'TransferStuck',
]);
