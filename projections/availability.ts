// What others may ask about available-to-sell: the read port between the ATS projection and its readers
// (API, publishers). Figures are as of `position()`; a reader that needs its own write waits for that position.
import type { LagPriceParts } from '../domain/channel/lag-price.ts';
import type { Position } from '../domain/event-log.ts';
import type { Levels } from '../domain/stock/levels.ts';

export interface StockRow {
  readonly sku: string;
  readonly location: string;
  readonly levels: Levels;
  /** Frozen and retired stocks contribute to no figure: no request on them would be accepted. */
  readonly life: 'active' | 'frozen' | 'retired';
  readonly revision: number;
  /** Position of the last event of this stock. */
  readonly position: Position;
}

export interface AvailabilityRow {
  readonly sku: string;
  /** Available-to-sell. */
  readonly units: number;
}

/** One location's part in a figure: units = max(0, available − safetyStock − quotasOfOthers); 0 unless `life` is active. */
export interface LocationPart {
  readonly location: string;
  readonly levels: Levels;
  readonly life: StockRow['life'];
  readonly available: number;
  readonly safetyStock: number;
  readonly quotasOfOthers: number;
  /** Exclusive quotas of this SKU here, in order of precedence; absent: none. */
  readonly quotas?: readonly QuotaPart[];
  readonly units: number;
  readonly revision: number;
  readonly position: Position;
}

/** `reserved`: what its channel has used of it. */
export interface QuotaPart {
  readonly channel: string;
  readonly quantity: number;
  readonly reserved: number;
}

/** An ATS figure with everything it was made from. */
export interface Explanation {
  readonly channel: string;
  readonly sku: string;
  readonly units: number;
  readonly asOf: Position;
  readonly policyVersion: string;
  readonly pool: number;
  readonly locations: readonly LocationPart[];
  readonly terms: {
    readonly on: boolean;
    readonly percentage: number;
    readonly buffer: number;
    /** Held back on top of the buffer. */
    readonly lagPrice?: LagPriceParts;
    readonly cap?: number;
  };
  /** Of a past figure: the channel had a lag-priced buffer then, which is not worked out again. The figure was this or less. */
  readonly lagPriceLeftOut?: true;
  /** Of a bundle, whose `pool` is 0 and whose `locations` are none: units = the least that a component makes. */
  readonly bundle?: { readonly version: string; readonly components: readonly ComponentPart[] };
}

/** A component's part in a bundle's figure: makes = ⌊units / quantity⌋. */
export interface ComponentPart extends Pick<Explanation, 'sku' | 'units' | 'pool' | 'locations' | 'terms'> {
  /** Units in one bundle. */
  readonly quantity: number;
  readonly makes: number;
}

export interface AvailabilityPage {
  readonly rows: readonly AvailabilityRow[];
  /** Pass as `after` to get the next page; absent on the last. A page may be short, even empty, and have a next one. */
  readonly next?: string;
}

export interface Availability {
  /** Everything up to here is in the figures. */
  position(): Position;
  /** Resolves true once `position()` ≥ `after`, false after `timeoutMs`. */
  waitFor(after: Position, timeoutMs: number): Promise<boolean>;
  stock(sku: string, location: string): StockRow | undefined;
  /** Locations that have ever held this SKU, in code-unit order. */
  stockOf(sku: string): readonly StockRow[];
  /** Units reserved there by channel, of the same moment as its row. */
  reservedBy(sku: string, location: string): ReadonlyMap<string, number>;
  /** Every stock that a location has ever held. Looks at all stocks: for those who compare, not for requests. */
  stocksAt(location: string): Iterable<StockRow>;
  units(channel: string, sku: string): number | undefined;
  /** Units that the channel's locations have for it, before its terms (percentage, buffer, cap). Undefined as `units`. */
  pool(channel: string, sku: string): number | undefined;
  /** Units of one location that a channel may count on: its part in the figure. 0 where nothing ever was. */
  free(sku: string, location: string, channel: string): number;
  /** SKUs of a channel in ascending code-unit order of SKU, after `after`. O(page) amortised. */
  page(
    channel: string,
    options: { after?: string; limit: number; prefix?: string; inStock?: boolean },
  ): AvailabilityPage;
  explain(channel: string, sku: string): Explanation | undefined;
  /**
   * Position of the last event that changed a figure of this channel. With the policy version it makes the ETag of the
   * channel's list (a new policy changes figures without an event). After a restart it may be later than it was, never earlier.
   */
  changedAt(channel: string): Position;
  /** Every SKU the channel has a figure for. */
  skus(channel: string): Iterable<string>;
  /**
   * Calls `listener` when a figure of a channel changes, synchronously after the event (or the change of policy). A new
   * figure is told with `before` 0, also when it is 0. Returns its removal.
   */
  onChange(listener: (channel: string, sku: string, before: number, after: number) => void): () => void;
}
