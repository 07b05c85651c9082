// Shopify does not count calls but points: each query costs some, a bucket holds some and fills at a rate
// (shopify.dev/docs/api/usage/limits, `extensions.cost`). Turned here into what a publisher understands: calls a second, and
// how long until the next one fits.
import { z } from 'zod';
import type { StatedLimit } from '../channel.ts';

const Cost = z.object({
  cost: z.object({
    requestedQueryCost: z.number().nonnegative(),
    throttleStatus: z.object({
      maximumAvailable: z.number().nonnegative(),
      currentlyAvailable: z.number(),
      restoreRate: z.number().positive(),
    }),
  }),
});

export interface Cost {
  /** Points that must be there before it runs. */
  readonly requested: number;
  readonly available: number;
  readonly bucket: number;
  readonly restoredPerSecond: number;
}

/** Undefined: the answer states none, or not as documented. */
export function costOf(extensions: unknown): Cost | undefined {
  const parsed = Cost.safeParse(extensions);
  if (!parsed.success) return undefined;
  const { requestedQueryCost, throttleStatus } = parsed.data.cost;
  return {
    requested: requestedQueryCost,
    available: throttleStatus.currentlyAvailable,
    bucket: throttleStatus.maximumAvailable,
    restoredPerSecond: throttleStatus.restoreRate,
  };
}

/** Milliseconds until a query of this cost fits into the bucket. */
export function fitsAfterMs({ requested, available, restoredPerSecond }: Cost): number {
  return Math.max(0, Math.ceil(((requested - available) / restoredPerSecond) * 1_000));
}

/** How many calls of this cost the shop's plan restores a second. */
export function limitOf(cost: Cost | undefined): { readonly limit?: StatedLimit } {
  if (cost === undefined || cost.requested === 0) return {};
  return { limit: { ratePerSecond: cost.restoredPerSecond / cost.requested } };
}
