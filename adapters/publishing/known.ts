// What is known of one channel, SKU by SKU: the folded record, and on top of it what this process knows better (which
// values may have been told before a crash, which refused ones an operator wants tried again).
import type { PublishOutcome } from '../../domain/channel/events.ts';
import type { Availability } from '../../projections/availability.ts';
import type { PublishedReader } from '../../projections/published.ts';
import type { Shown } from '../../projections/shown.ts';
import { difference, mostShown, type Urgency } from './difference.ts';

export interface Known {
  /** What the channel must be told now; undefined: nothing. */
  difference(sku: string): Urgency | undefined;
  /** Units that it may show at most; undefined: anything. */
  mostShown(sku: string): number | undefined;
  /** Units to tell: 0 for an SKU the channel no longer sells. */
  units(sku: string): number;
  /** The channel may show anything: tell it even if nothing seems to differ. */
  suspect(sku: string): void;
  readonly suspects: number;
  /** SKUs whose present value the channel refused: at most the catalogue. */
  readonly parked: ReadonlySet<string>;
  /**
   * Try a parked SKU once more, or all of them. Returns which. One that is under way, if it is refused: what it is refused
   * for may be over.
   */
  retry(sku: string | undefined, isUnderWay: (sku: string) => boolean): readonly string[];
  /** An attempt is recorded and folded. */
  settled(sku: string, outcome: PublishOutcome): void;
}

export function createKnown(
  channel: string,
  availability: Pick<Availability, 'units'>,
  published: Pick<PublishedReader, 'shown'>,
): Known {
  const suspects = new Set<string>();
  const retried = new Set<string>();
  const retriedUnderWay = new Set<string>();
  const parked = new Set<string>();
  const units = (sku: string) => availability.units(channel, sku) ?? 0;

  function shown(sku: string): Shown | undefined {
    const folded = published.shown(channel, sku);
    if (folded === undefined || (!suspects.has(sku) && !retried.has(sku))) return folded;
    return {
      ...folded,
      uncertainUpTo: suspects.has(sku) ? Number.MAX_SAFE_INTEGER : folded.uncertainUpTo,
      refused: retried.has(sku) ? undefined : folded.refused,
    };
  }

  return {
    units,
    difference(sku) {
      const known = shown(sku);
      const now = units(sku);
      if (known?.refused?.units === now) parked.add(sku);
      else parked.delete(sku);
      return difference(known, now);
    },
    mostShown: (sku) => (suspects.has(sku) ? undefined : mostShown(shown(sku))),
    suspect: (sku) => void suspects.add(sku),
    get suspects() {
      return suspects.size;
    },
    parked,
    retry(sku, isUnderWay) {
      if (sku !== undefined && !parked.has(sku) && isUnderWay(sku)) {
        retriedUnderWay.add(sku);
        return [sku];
      }
      const skus = sku === undefined ? [...parked] : parked.has(sku) ? [sku] : [];
      for (const one of skus) retried.add(one);
      return skus;
    },
    settled(sku, outcome) {
      retried.delete(sku);
      if (retriedUnderWay.delete(sku) && outcome === 'refused') retried.add(sku);
      if (outcome === 'confirmed' || outcome === 'refused') suspects.delete(sku);
    },
  };
}
