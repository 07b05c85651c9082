// What is at stake while a channel waits to be told of an SKU: how fast it sells it, how much of it there is, what a unit is
// worth. From the figures and the velocity that serve now; asked at every change, so velocity is looked up once a step.
import type { Bundle } from '../domain/bundle/bundles.ts';
import type { Policy } from '../domain/channel/policy.ts';
import { type HalfLifeHours, halfLifeIndex, unitsPerDayAtStart } from '../domain/signals/decay.ts';
import type { Availability } from './availability.ts';
import type { Velocity } from './velocity.ts';

export interface Stakes {
  /** Units a day that the channel itself sells. Of a bundle at most: what it sells of the component that limits it. */
  soldPerDay(channel: string, sku: string): number;
  /** Units that the channel's locations have for it, those that its terms hold back too. */
  there(channel: string, sku: string): number;
  /** Of one oversold unit, as a part of the most that one costs: (0, 1]. */
  valuePart(sku: string): number;
}

export interface StakesSource {
  readonly availability: Pick<Availability, 'pool'>;
  velocity(): Velocity;
}

/** A day: an order within minutes needs what sells now, and not what sold last month. */
const HALF_LIFE_HOURS: HalfLifeHours = 24;
/** SKUs whose velocity is kept until the step ends: some 10 MB. */
const KEPT_MAX = 50_000;

/** @param policy the policy in force */
export function stakesOf({ availability, velocity }: StakesSource, policy: () => Policy): Stakes {
  const soldPerDay = demandBySeller(velocity);
  return {
    soldPerDay(channel, sku) {
      const bundle = policy().bundles.of(sku);
      return bundle === undefined ? soldPerDay(channel, sku) : ofBundle(bundle, (part) => soldPerDay(channel, part));
    },
    there: (channel, sku) => availability.pool(channel, sku) ?? 0,
    valuePart: (sku) => policy().valuePart(sku),
  };
}

function ofBundle({ components }: Bundle, soldPerDay: (component: string) => number): number {
  return Math.min(...components.map(({ sku, quantity }) => soldPerDay(sku) / quantity));
}

/**
 * Units a day of one seller over all locations, as of the start of the running step (five minutes of log time). The rows of an
 * SKU, one for each location and seller, are looked at once a step for all sellers: else a change would cost them each time.
 */
function demandBySeller(velocity: () => Velocity): (seller: string, sku: string) => number {
  const halfLife = halfLifeIndex(HALF_LIFE_HOURS);
  const kept = new Map<number, ReadonlyMap<number, number>>();
  let of: Velocity | undefined;
  let step = -1;

  const lookUp = ({ table }: Velocity, sku: number) => {
    const bySeller = new Map<number, number>();
    for (const row of table.rowsOfSku(sku)) {
      const seller = table.columns.seller[row]!;
      bySeller.set(seller, (bySeller.get(seller) ?? 0) + table.unitsAtStart(row, halfLife, step));
    }
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(sku, bySeller);
    return bySeller;
  };
  return (seller, sku) => {
    const now = velocity();
    if (now !== of || now.step !== step) {
      kept.clear();
      of = now;
      step = now.step;
    }
    const [skuId, sellerId] = [now.table.skus.find(sku), now.table.sellers.find(seller)];
    if (skuId < 0 || sellerId < 0) return 0;
    const decayed = (kept.get(skuId) ?? lookUp(now, skuId)).get(sellerId) ?? 0;
    return unitsPerDayAtStart(decayed, halfLife);
  };
}
