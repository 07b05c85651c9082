// What a channel must be told about one SKU, and how urgent it is: the difference between available-to-sell and what
// the channel acknowledged. Pure. What it may show after an unknown outcome or a sale of its own is taken at its worst.
import type { Shown } from '../../projections/shown.ts';

/** to-zero: it may sell what is not there · decrease: it shows too many · increase: it shows too few. */
export type Urgency = 'to-zero' | 'decrease' | 'increase';

/** Undefined: nothing to say (it shows `units`, or it refused exactly this value). After a sale it shows fewer, never more. */
export function difference(shown: Shown | undefined, units: number): Urgency | undefined {
  if (shown?.refused?.units === units) return undefined;
  const most = mostShown(shown);
  // Never told: what it shows of this SKU is not ours, so a first 0 waits behind the stock-outs of what we did tell.
  if (shown === undefined || most === undefined) return units === 0 ? 'decrease' : 'increase';
  const certain = shown.uncertainUpTo === undefined && shown.doubtedAt === undefined;
  if (certain && shown.units === units) return undefined;
  if (units < most) return units === 0 ? 'to-zero' : 'decrease';
  return 'increase';
}

/** Units that it may show at most: what it only accepted it may not show yet. Undefined: it was never told any. */
export function mostShown(shown: Shown | undefined): number | undefined {
  const uncertain = shown?.uncertainUpTo;
  if (shown === undefined || (shown.units === undefined && uncertain === undefined)) return undefined;
  return Math.max(shown.units ?? 0, uncertain ?? 0, ...shown.older);
}
