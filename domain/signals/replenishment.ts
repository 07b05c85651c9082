// What velocity says of one SKU at one location: how many days its stock covers, and when to order. Pure.
import { available, type Levels } from '../stock/levels.ts';
import { poissonQuantile } from './poisson.ts';
import type { LocationTerms } from './policy.ts';

export interface Signal {
  /** Units a day. */
  readonly velocity: number;
  readonly available: number;
  /** Available and on its way here: what an order would be added to. */
  readonly inventoryPosition: number;
  /** available ÷ velocity; undefined without velocity: it lasts for ever, or there is nothing. 0 when oversold. */
  readonly daysOfCover: number | undefined;
  /** velocity × lead time, in units. */
  readonly leadTimeDemand: number;
  /** Units beyond lead-time demand that the service level asks for. */
  readonly safetyUnits: number;
  /** Order when the inventory position is at or below it. Without velocity 0. */
  readonly reorderPoint: number;
  readonly reorder: boolean;
}

/** Above it no stock is told apart from any other; it bounds the work of one quantile to some 30,000 steps. */
const REORDER_POINT_MAX = 10_000_000;

/**
 * reorder point = lead-time demand + safety = least r with P(D ≤ r) ≥ service level, D Poisson with mean velocity × lead
 * time: the cycle service level of a continuous-review policy (E. Silver, D. Pyke, D. Thomas, Inventory and Production
 * Management in Supply Chains, 4th ed. 2017, ch. 6; Poisson demand: P. Zipkin, Foundations of Inventory Management, 2000,
 * ch. 6). Demand that varies more than Poisson (promotions, bulk buyers) needs a higher service level than is wanted.
 */
export function signalOf(levels: Levels, velocity: number, terms: LocationTerms): Signal {
  const units = available(levels);
  const inventoryPosition = units + levels.inTransitIn;
  const leadTimeDemand = velocity * terms.leadTimeDays;
  const reorderPoint = poissonQuantile(leadTimeDemand, 1 - terms.serviceLevel, REORDER_POINT_MAX);
  return {
    velocity,
    available: units,
    inventoryPosition,
    daysOfCover: velocity > 0 ? Math.max(0, units) / velocity : undefined,
    leadTimeDemand,
    safetyUnits: Math.max(0, reorderPoint - leadTimeDemand),
    reorderPoint,
    reorder: velocity > 0 && inventoryPosition <= reorderPoint,
  };
}
