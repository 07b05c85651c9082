// The state of one SKU-location: what `decide` needs to judge the next command. It is the fold of the
// stream's events and nothing else; a snapshot of it is only a cache.
import { type SortedMap, sortedMap } from '../sorted-map.ts';
import type { Instant } from '../time.ts';
import { type Levels, NO_LEVELS } from './levels.ts';
import { type Life, NO_TURNS, type Turns } from './life.ts';
import { emptyRecent, type Recent, type RecentJson, recentFromJson, recentToJson } from './recent.ts';

export interface Reservation {
  readonly owner: string;
  /** Undefined for units set aside for a requested transfer. */
  readonly channel?: string | undefined;
  /** Units that fall back when it expires. */
  readonly held: number;
  /** Units that stay promised until they are fulfilled or released. */
  readonly committed: number;
  readonly expiresAt: Instant;
}

/** Net units under way of one transfer: sent and not yet accounted for. Negative while arrivals outrun announcements. */
export interface Transit {
  readonly inward: number;
  readonly outward: number;
}

/** The last count in event time: facts up to `at` are in it, whenever they arrive. */
export interface CountFence {
  readonly at: Instant;
  /** Breaks the tie between two counts at one instant, so that their order of arrival does not matter. */
  readonly commandId: string;
}

export interface Stock {
  /** Revision of the last event, -1 before the first. */
  readonly revision: number;
  readonly recordedAt: Instant;
  readonly life: Life;
  /** What `life` follows from. */
  readonly turns: Turns;
  readonly levels: Levels;
  /** Sum of all quarantine movements; `levels.quarantined` shows it from 0 up. */
  readonly quarantineNet: number;
  readonly fence: CountFence | undefined;
  readonly reservations: SortedMap<Reservation>;
  /** Reserved units by channel, for exclusive quotas. */
  readonly reservedByChannel: SortedMap<number>;
  readonly transits: SortedMap<Transit>;
  readonly recent: Recent;
}

/** A stock nothing has happened to. Fresh each time, because versions of `recent` share their arrays. */
export function emptyStock(): Stock {
  return {
    revision: -1,
    recordedAt: 0,
    life: 'active',
    turns: NO_TURNS,
    levels: NO_LEVELS,
    quarantineNet: 0,
    fence: undefined,
    reservations: sortedMap(),
    reservedByChannel: sortedMap(),
    transits: sortedMap(),
    recent: emptyRecent(),
  };
}

/** The reservation id under which a requested transfer sets its units aside. No sender's id has a space in it. */
export function transferHold(transferId: string): string {
  return `transfer ${transferId}`;
}

/** Raise when the shape of `StockJson` or the meaning of the fold changes: older snapshots are then discarded. */
export const STOCK_SNAPSHOT_VERSION = 3;

export interface StockJson extends Omit<Stock, 'reservations' | 'reservedByChannel' | 'transits' | 'recent'> {
  readonly reservations: readonly (readonly [string, Reservation])[];
  readonly reservedByChannel: readonly (readonly [string, number])[];
  readonly transits: readonly (readonly [string, Transit])[];
  readonly recent: RecentJson;
}

export function stockToJson(stock: Stock): StockJson {
  return {
    ...stock,
    reservations: [...stock.reservations.entries()],
    reservedByChannel: [...stock.reservedByChannel.entries()],
    transits: [...stock.transits.entries()],
    recent: recentToJson(stock.recent),
  };
}

export function stockFromJson(json: StockJson): Stock {
  return {
    ...json,
    fence: json.fence,
    turns: { frozen: json.turns.frozen, retired: json.turns.retired },
    reservations: sortedMap(json.reservations),
    reservedByChannel: sortedMap(json.reservedByChannel),
    transits: sortedMap(json.transits),
    recent: recentFromJson(json.recent),
  };
}
