// Where the units of an order come from: one location that has everything, if there is one; else several, ranked by
// policy and no more than policy allows. Plans on what the locations seemed to have free: a hint, never a promise, so
// a location may refuse, and the order is planned anew around it.
import type { Policy } from '../channel/policy.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { Sourced } from './events.ts';
import type { OrderFlow } from './flow.ts';
import { type Allocation, missing, type Order, wanted as wantedOf } from './order.ts';
import type { OrderTerms, SourcingRule } from './policy.ts';

export type Free = (sku: Sku, location: LocationId) => number;

/** The locations a flow allows, out of the channel's pool, the preferred first. */
export function candidatesOf(
  flow: OrderFlow,
  pool: readonly LocationId[],
  { sourcing, nearest }: Pick<OrderTerms, 'sourcing' | 'nearest'>,
): readonly LocationId[] {
  if (flow.type === 'click-and-collect') return [flow.location];
  if (flow.type === 'ship-from-store') return [...new Set(flow.from)];
  const others = flow.type === 'endless-aisle' ? pool.filter((location) => location !== flow.orderedAt) : pool;
  // A ranking that the order brings is meant, whatever policy ranks by.
  const ranking = flow.near ?? (sourcing === 'nearest' ? nearest : []);
  return [...new Set([...ranking.filter((location) => others.includes(location)), ...others])];
}

/** Does the order's own list of locations rank them, or the policy's rule? */
export function sourcingOf(flow: OrderFlow, { sourcing }: Pick<OrderTerms, 'sourcing'>): SourcingRule {
  if (flow.type === 'ship-from-store') return 'nearest';
  return 'near' in flow && flow.near !== undefined ? 'nearest' : sourcing;
}

export interface Take {
  readonly sku: Sku;
  readonly location: LocationId;
  readonly quantity: number;
}

export interface Sourcing {
  readonly demand: ReadonlyMap<Sku, number>;
  readonly candidates: readonly LocationId[];
  readonly free: Free;
  readonly rule: SourcingRule;
  readonly splitsMax: number;
  /** Locations the order takes from anyway. */
  readonly used: ReadonlySet<LocationId>;
}

export interface SourcingPlan {
  readonly takes: readonly Take[];
  readonly isComplete: boolean;
}

/** O(SKUs × candidates), and times the splits when the ranking alone does not reach. */
export function plan(sourcing: Sourcing): SourcingPlan {
  const { demand, free, used } = sourcing;
  const ranked = rank(sourcing);
  const hasAll = (location: LocationId) => {
    for (const [sku, quantity] of demand) if (free(sku, location) < quantity) return false;
    return true;
  };
  // Locations in use come first: another one costs the buyer another parcel.
  const single = ranked.find((location) => used.has(location) && hasAll(location));
  const one = single ?? (used.size < sourcing.splitsMax ? ranked.find(hasAll) : undefined);
  if (one !== undefined) {
    return { takes: Array.from(demand, ([sku, quantity]) => ({ sku, location: one, quantity })), isComplete: true };
  }
  const byRank = collect(sourcing, ranked, (left) => left[0]);
  if (byRank.isComplete) return byRank;
  // By rank the splits ran out: fewer, fuller locations may still do.
  const byUnits = collect(sourcing, ranked, (left, wanted) => most(left, (location) => covers(wanted, free, location)));
  return byUnits.isComplete || units(byUnits) > units(byRank) ? byUnits : byRank;
}

function rank({ candidates, rule, demand, free }: Sourcing): readonly LocationId[] {
  if (rule !== 'balance') return candidates;
  const skus = [...demand.keys()];
  const plenty = new Map<LocationId, number>();
  for (const location of candidates) {
    let units = 0;
    for (const sku of skus) units += free(sku, location);
    plenty.set(location, units);
  }
  return candidates.toSorted((a, b) => plenty.get(b)! - plenty.get(a)!);
}

type Choose = (left: readonly LocationId[], wanted: ReadonlyMap<Sku, number>) => LocationId | undefined;

function collect({ demand, free, splitsMax, used }: Sourcing, ranked: readonly LocationId[], choose: Choose) {
  const wanted = new Map(demand);
  const takes: Take[] = [];
  const from = new Set(used);
  let left = ranked;
  while (wanted.size > 0) {
    const open = left.filter(
      (location) => (from.has(location) || from.size < splitsMax) && covers(wanted, free, location) > 0,
    );
    const location = open.find((one) => from.has(one)) ?? choose(open, wanted);
    if (location === undefined) break;
    from.add(location);
    left = left.filter((one) => one !== location);
    for (const [sku, quantity] of wanted) {
      const taken = Math.min(quantity, free(sku, location));
      if (taken <= 0) continue;
      takes.push({ sku, location, quantity: taken });
      if (taken === quantity) wanted.delete(sku);
      else wanted.set(sku, quantity - taken);
    }
  }
  return { takes, isComplete: wanted.size === 0 };
}

function covers(wanted: ReadonlyMap<Sku, number>, free: Free, location: LocationId): number {
  let sum = 0;
  for (const [sku, quantity] of wanted) sum += Math.max(0, Math.min(quantity, free(sku, location)));
  return sum;
}

function most(locations: readonly LocationId[], worth: (location: LocationId) => number): LocationId | undefined {
  let best: LocationId | undefined;
  let bestWorth = 0;
  for (const location of locations) {
    const units = worth(location);
    if (units > bestWorth) [best, bestWorth] = [location, units];
  }
  return best;
}

function units({ takes }: SourcingPlan): number {
  return takes.reduce((sum, { quantity }) => sum + quantity, 0);
}

export interface Resourcing {
  readonly allocations: readonly Sourced[];
  readonly givenBack: readonly number[];
}

/**
 * What to ask for next, so that nothing is missing; for a commitment as much as can be had. Undefined: nothing helps.
 * What is reserved already is kept if that can work, and given back for another plan if only that can.
 */
export function resource(order: Order, freeNow: Free): Resourcing | undefined {
  const { candidates, sourcing: rule, splitsMax } = order;
  const free: Free = (sku, location) => askable(order, sku, location, freeNow(sku, location));
  const live = order.allocations.filter(({ state }) => state !== 'releasing');
  const used = new Set(live.map(({ location }) => location));
  const rest = plan({ demand: missing(order), candidates, free, rule, splitsMax, used });
  if (rest.isComplete) return numberedFrom(order, rest.takes, []);
  const better = order.status === 'reserving' ? anew(order, free, live) : undefined;
  if (better !== undefined) return better;
  return order.kind === 'commitment' && rest.takes.length > 0 ? numberedFrom(order, rest.takes, []) : undefined;
}

/** Everything planned again, as if what this order holds were free for it. */
function anew(order: Order, free: Free, live: readonly Allocation[]): Resourcing | undefined {
  if (live.length === 0) return undefined;
  const { candidates, sourcing: rule, splitsMax } = order;
  const own = (sku: Sku, location: LocationId) =>
    live.reduce((sum, one) => sum + (one.sku === sku && one.location === location ? one.quantity : 0), 0);
  const whole = plan({
    demand: wantedOf(order),
    candidates,
    free: (sku, location) => own(sku, location) + free(sku, location),
    rule,
    splitsMax,
    used: new Set(),
  });
  if (!whole.isComplete) return undefined;
  const planned = new Map(whole.takes.map((take) => [`${take.sku}~${take.location}`, take.quantity]));
  const givenBack: number[] = [];
  for (const { number, sku, location, quantity } of live) {
    const wanted = planned.get(`${sku}~${location}`) ?? 0;
    if (quantity > wanted) givenBack.push(number);
    else planned.set(`${sku}~${location}`, wanted - quantity);
  }
  const takes = whole.takes.flatMap((take) => {
    const quantity = planned.get(`${take.sku}~${take.location}`)!;
    return quantity === 0 ? [] : { ...take, quantity };
  });
  return numberedFrom(order, takes, givenBack);
}

/** A location that refused is asked for less if it now seems to have less, and not again otherwise. */
function askable({ refusals }: Order, sku: Sku, location: LocationId, free: number): number {
  const isRefused =
    refusals.length > 0 && refusals.some((one) => one.sku === sku && one.location === location && one.quantity <= free);
  return isRefused ? 0 : Math.max(0, free);
}

function numberedFrom({ numbered }: Order, takes: readonly Take[], givenBack: readonly number[]): Resourcing {
  return { allocations: takes.map((take, n) => ({ number: numbered + n + 1, ...take })), givenBack };
}

/** The pool of a channel; empty for one that the policy does not know. */
export function poolOf(policy: Policy, channel: string): readonly LocationId[] {
  return policy.channel(channel)?.locations ?? [];
}
