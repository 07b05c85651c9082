// Why a shop shows another figure than it should: what it shows less what should be shown is the sum of parts, each of which
// belongs to one link between shelf and shop. The largest part that errs in the same direction is the cause.
import type { OnlineChannel } from './retailer.ts';

/** In the order of the way: shelf, till or shop, the system in the middle, shop. */
export const CAUSES = [
  'store offline',
  'stock not heard',
  'order not heard',
  'not re-sourced',
  'held back',
  'not told',
] as const;
export type Cause = (typeof CAUSES)[number];

export type ByCause = Record<Cause, number>;
export const noCauses = (): ByCause => Object.fromEntries(CAUSES.map((cause) => [cause, 0])) as ByCause;

/** What it means, for readers. */
export const CAUSE_TEXTS: Readonly<Record<Cause, string>> = {
  'store offline': 'the store was offline',
  'stock not heard': 'a till had not told its sales yet, or the ERP a delivery',
  'order not heard': 'an order was not known yet, or it waits and nothing is left for it',
  'not re-sourced': 'a promised unit had left its shelf, and its order had no other yet',
  'held back': 'held back on purpose',
  'not told': 'it was known, and the shop not told yet',
};

/** Of one SKU in the pool of the online channels. */
export interface PoolUnits {
  readonly onHand: number;
  /** Of `onHand`, at the store that is offline some hours of the day. */
  readonly atOffline: number;
  /** Units promised to orders. */
  readonly promised: number;
}

/** What the system in the middle holds. */
export interface Known extends PoolUnits {
  /** What it would have the shop show. */
  figure(channel: OnlineChannel): number;
}

/** Undefined: what is shown is right, units below 0 being shown as 0. */
export function causeOf(shown: number, channel: OnlineChannel, known: Known, is: PoolUnits): Cause | undefined {
  const error = shown - Math.max(0, is.onHand - is.promised);
  if (error === 0) return undefined;
  const figure = known.figure(channel);
  const middle = figure - Math.max(0, known.onHand - known.promised);
  const offline = known.atOffline - is.atOffline;
  const parts: Readonly<Record<Cause, number>> = {
    'store offline': offline,
    'stock not heard': known.onHand - is.onHand - offline,
    'order not heard': is.promised - known.promised,
    'not re-sourced': Math.max(0, middle),
    'held back': Math.min(0, middle),
    'not told': shown - figure,
  };
  const weight = (cause: Cause) => parts[cause] * Math.sign(error);
  return CAUSES.reduce((most, cause) => (weight(cause) > weight(most) ? cause : most));
}
