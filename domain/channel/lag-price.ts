// The lag-priced buffer: units held back from a channel because of what it cannot know yet. Until a sale elsewhere
// reaches the channel it goes on showing the unit; the price is made so large that the sales under way exceed it with
// no more than a chosen probability. Pure: velocity, lag and policy in, units out.
import { z } from 'zod';
import { HALF_LIVES_HOURS } from '../signals/decay.ts';
import { poissonQuantile, poissonTail } from '../signals/poisson.ts';
import { DAY } from '../time.ts';

/** Bounds the work of one price: about 10 × √units steps. */
const PRICE_UNITS_MAX = 10_000;
const Units = z.int().min(0).max(PRICE_UNITS_MAX);

export const LagPriced = z
  .strictObject({
    targetOversellProbability: z
      .number()
      .min(1e-9)
      .max(0.5)
      .meta({ description: 'How often, at most, more units are sold elsewhere than are held back' }),
    unitsMin: Units.default(0).meta({ description: 'Least price; it holds too until a lag has been measured' }),
    unitsMax: Units.default(100).meta({ description: 'Highest price' }),
    halfLifeHours: z
      .literal([...HALF_LIVES_HOURS])
      .default(24)
      .meta({ description: 'How fast velocity forgets' }),
  })
  .refine(({ unitsMin, unitsMax }) => unitsMin <= unitsMax, {
    path: ['unitsMin'],
    message: 'must not be above unitsMax',
  })
  .meta({
    description: "Held back of each SKU on top of `buffer`: a price made from measured lag and the SKU's velocity",
  });
export type LagPriced = z.output<typeof LagPriced>;

export interface LagPrice {
  /** λ · L: units that are sold elsewhere, on average, before the channel knows. */
  readonly expectedUnits: number;
  readonly units: number;
}

/**
 * The price for a demand of `othersPerDay` units a day at the channel's locations by all but the channel itself (it
 * knows its own sales), at a publish lag of `lagMs`:
 *   b = min(unitsMax, max(unitsMin, least n with P(N > n) ≤ target)), N Poisson with mean λ · L.
 *
 * N, the sales elsewhere that the channel does not know of at a moment, is the number in service of an M/G/∞ queue: each
 * sale stays for its own publish lag. With Poisson demand it is Poisson with mean λ · L whatever the distribution of
 * the lag is, only its mean counts: Palm's theorem, as in the (S − 1, S) inventory model (G. Feeney and C. Sherbrooke, The
 * (S − 1, S) Inventory Policy under Compound Poisson Demand, Management Science 12(5), 1966; P. Zipkin, Foundations of
 * Inventory Management, 2000, ch. 6 and 7). The least n is the base-stock level for a service level of 1 − target.
 * It is the probability of an oversell *if* the channel sells all it shows; else it is less.
 * O(√(λ · L)); monotone in demand, lag and 1 / target. `lagMs` undefined, not measured yet: unitsMin.
 */
export function lagPrice(othersPerDay: number, lagMs: number | undefined, terms: LagPriced): LagPrice {
  if (lagMs === undefined) return { expectedUnits: 0, units: terms.unitsMin };
  const expectedUnits = othersPerDay * (lagMs / DAY);
  const quantile = poissonQuantile(expectedUnits, terms.targetOversellProbability, terms.unitsMax);
  return { expectedUnits, units: Math.max(terms.unitsMin, quantile) };
}

/** An expectation from which on `units` are certainly not enough, and below which by 1e-9 of it they are. Increasing in `units`. */
export function expectationBeyond(units: number, { targetOversellProbability: target }: LagPriced): number {
  let [enough, tooMuch] = [0, units + 2];
  while (tooMuch - enough > tooMuch * 1e-9) {
    const middle = (enough + tooMuch) / 2;
    if (poissonQuantile(middle, target, units + 1) <= units) enough = middle;
    else tooMuch = middle;
  }
  return tooMuch;
}

/** A price with everything it was made from. */
export interface LagPriceParts {
  /** Undefined: not measured yet. */
  readonly lagMs: number | undefined;
  readonly halfLifeHours: number;
  readonly othersPerDay: number;
  readonly expectedUnits: number;
  readonly targetOversellProbability: number;
  /** P(N > units) of the units held back; above the target when unitsMax holds. Undefined while the lag is. */
  readonly oversellProbability: number | undefined;
  readonly unitsMin: number;
  readonly unitsMax: number;
  readonly units: number;
}

export function lagPriceParts(othersPerDay: number, lagMs: number | undefined, terms: LagPriced): LagPriceParts {
  const { expectedUnits, units } = lagPrice(othersPerDay, lagMs, terms);
  const oversellProbability = lagMs === undefined ? undefined : poissonTail(expectedUnits, units);
  return { lagMs, othersPerDay, expectedUnits, oversellProbability, ...terms, units };
}
