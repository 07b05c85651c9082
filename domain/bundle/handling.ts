// The state of one bundle stream: the reservation it is about, what each command came to, and what is still owed to the
// components. It is the fold of its events.
import type { StockCommand } from '../stock/commands.ts';
import type { ChannelId, LocationId, Sku } from '../stock/stream.ts';
import type { RefusalReason } from '../stock/verdict.ts';
import type { Instant } from '../time.ts';
import type { BundleHappening, ComponentAnswered, Definition } from './events.ts';
import { placeOf } from './stream.ts';

/** In bundles; of each component as many units more as its quantity. */
export interface BundleHold {
  readonly reservationId: string;
  readonly channel: ChannelId;
  /** Bundles that fall back when it expires. */
  readonly held: number;
  /** Bundles that stay promised until they are fulfilled or released. */
  readonly committed: number;
  readonly expiresAt: Instant;
  readonly definition: Definition;
}

/** What a command does to the hold once its components have answered. */
export type HoldChange =
  | { readonly made: BundleHold }
  | { readonly consumed: number }
  | { readonly renewed: Instant }
  | { readonly committed: number }
  | { readonly released: number };

/** One command whose components have not all answered. */
export interface Pending {
  readonly commandId: string;
  readonly asks: readonly StockCommand[];
  /** Asked when all of `asks` are accepted. */
  readonly rest: readonly StockCommand[];
  readonly change: HoldChange | undefined;
}

export interface ToldComponent {
  readonly sku: Sku;
  readonly quantity: number;
  /** Undefined: it has not answered. */
  readonly outcome: ComponentAnswered['outcome'] | undefined;
  readonly revision: number | undefined;
  readonly refusal: RefusedWhy | undefined;
}

export interface RefusedWhy {
  readonly reason: RefusalReason;
  /** For people. */
  readonly detail: string;
}

/** What a command came to. */
export interface Told {
  readonly event: BundleHappening['type'];
  /** Of that event. */
  readonly revision: number;
  readonly settled: boolean;
  /** Of the definition; empty for a fact that was parked. */
  readonly version: string;
  readonly components: readonly ToldComponent[];
  readonly refusal: RefusedWhy | undefined;
}

export interface Handling {
  readonly id: string;
  readonly sku: Sku;
  readonly location: LocationId;
  /** Folded so far. */
  readonly events: number;
  readonly hold: BundleHold | undefined;
  /** In the order in which they were taken; only the first is asked for. */
  readonly pending: readonly Pending[];
  readonly told: ReadonlyMap<string, Told>;
}

export function newHandling(id: string): Handling {
  return { id, ...placeOf(id), events: 0, hold: undefined, pending: [], told: new Map() };
}

/** Commands owed, asked for or not. */
export function owedCount({ pending }: Handling): number {
  return pending.reduce((sum, { asks, rest }) => sum + asks.length + rest.length, 0);
}

/** The definition by which the reservation was exploded, also while its components are being asked. */
export function definitionOf(handling: Handling): Definition | undefined {
  const making = handling.pending.findLast(({ change }) => change !== undefined && 'made' in change)?.change;
  return making !== undefined && 'made' in making ? making.made.definition : handling.hold?.definition;
}
