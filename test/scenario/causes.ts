// Why a shop shows another figure than it should: what it shows less what should be shown is the sum of five parts, each of
// which belongs to one link between shelf and shop. The largest part that errs in the same direction is the cause.
import type { OnlineChannel } from './retailer.ts';

/** In the order of the way: shelf, till or shop, the system in the middle, shop. */
export const CAUSES = ['stock not heard', 'order not heard', 'not re-sourced', 'held back', 'not told'] as const;
export type Cause = (typeof CAUSES)[number];

export type ByCause = Record<Cause, number>;
export const noCauses = (): ByCause => Object.fromEntries(CAUSES.map((cause) => [cause, 0])) as ByCause;

/** What it means, for readers. */
export const CAUSE_TEXTS: Readonly<Record<Cause, string>> = {
  'stock not heard': 'a till, or a delivery, had not been heard of',
  'order not heard': 'an order of another shop had not been heard of',
  'not re-sourced': 'a promised unit had left its shelf, and the order was not given another yet',
  'held back': 'held back on purpose (buffer)',
  'not told': 'it was known, and the shop not told yet',
};

/** What the system in the middle holds of one SKU in the pool of the online channels. */
export interface Known {
  readonly onHand: number;
  /** Units promised to orders. */
  readonly promised: number;
  /** What it would have the shop show. */
  figure(channel: OnlineChannel): number;
}

export interface IsSo {
  readonly onHand: number;
  readonly promised: number;
}

/** Undefined: what is shown is right, units below 0 being shown as 0. */
export function causeOf(shown: number, channel: OnlineChannel, known: Known, is: IsSo): Cause | undefined {
  const error = shown - Math.max(0, is.onHand - is.promised);
  if (error === 0) return undefined;
  const figure = known.figure(channel);
  const middle = figure - Math.max(0, known.onHand - known.promised);
  const parts: Readonly<Record<Cause, number>> = {
    'not told': shown - figure,
    'not re-sourced': Math.max(0, middle),
    'held back': Math.min(0, middle),
    'stock not heard': known.onHand - is.onHand,
    'order not heard': is.promised - known.promised,
  };
  const weight = (cause: Cause) => parts[cause] * Math.sign(error);
  return CAUSES.reduce((most, cause) => (weight(cause) > weight(most) ? cause : most));
}
