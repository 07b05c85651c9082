// Suggested transfers of one SKU between locations: from surplus over target cover to shortage. Pure and greedy, with a
// stated rule, so that a person can follow why each one is suggested:
//   1. A location is short when its inventory position is at or below its reorder point; it asks for what it lacks to
//      its target cover, counting what is on its way.
//   2. A location may give what it has available, less safety stock, beyond the larger of its own target cover and its
//      own reorder point. What is on its way to it does not count. A frozen or retired stock neither gives nor asks.
//   3. The location with the fewest days of cover is served first, from the largest surplus; at a tie by name.
import type { LocationTerms } from './policy.ts';
import type { Signal } from './replenishment.ts';

export interface TransferStock {
  readonly location: string;
  readonly signal: Signal;
  /** Units that policy keeps back here. */
  readonly safetyStock: number;
  readonly terms: LocationTerms;
  readonly active: boolean;
}

export interface SuggestedTransfer {
  readonly from: string;
  readonly to: string;
  readonly units: number;
}

/**
 * Never more than a location can spare or lacks, and no transfer of fewer than `unitsMin` units. At most one for each
 * pair of locations. O(n log n + transfers) in the number of stocks.
 */
export function suggestTransfers(stocks: readonly TransferStock[], unitsMin: number): readonly SuggestedTransfer[] {
  const active = stocks.filter((stock) => stock.active);
  const givers = active
    .map(({ location, ...stock }) => ({ location, spare: surplus(stock) }))
    .filter(({ spare }) => spare >= unitsMin)
    .sort((a, b) => b.spare - a.spare || byName(a, b));
  const takers = active
    .map((stock) => ({ ...stock, lacks: shortage(stock) }))
    .filter(({ lacks }) => lacks >= unitsMin)
    .sort((a, b) => (a.signal.daysOfCover ?? 0) - (b.signal.daysOfCover ?? 0) || byName(a, b));
  const transfers: SuggestedTransfer[] = [];
  for (const taker of takers) {
    let lacks = taker.lacks;
    // Largest surplus first; what is left of a giver moves to its place in the order.
    while (lacks >= unitsMin && givers.length > 0 && givers[0]!.spare >= unitsMin) {
      const giver = givers.shift()!;
      const units = Math.min(lacks, giver.spare);
      transfers.push({ from: giver.location, to: taker.location, units });
      lacks -= units;
      insert(givers, { ...giver, spare: giver.spare - units });
    }
  }
  return transfers;
}

/** Units beyond target cover, reorder point and safety stock. */
export function surplus({ signal, safetyStock, terms }: Omit<TransferStock, 'location'>): number {
  const own = Math.max(Math.ceil(signal.velocity * terms.targetCoverDays), signal.reorderPoint);
  return Math.max(0, signal.available - safetyStock - own);
}

/** Units that are lacking to target cover, if it is time to order. */
export function shortage({ signal, terms }: Pick<TransferStock, 'signal' | 'terms'>): number {
  if (!signal.reorder) return 0;
  const wanted = Math.max(Math.ceil(signal.velocity * terms.targetCoverDays), signal.reorderPoint);
  return Math.max(0, wanted - signal.inventoryPosition);
}

interface Giver {
  readonly location: string;
  readonly spare: number;
}

function byName(a: { readonly location: string }, b: { readonly location: string }): number {
  return a.location < b.location ? -1 : 1;
}

function insert(givers: Giver[], giver: Giver): void {
  if (giver.spare === 0) return;
  let place = 0;
  while (place < givers.length && givers[place]!.spare >= giver.spare) place++;
  givers.splice(place, 0, giver);
}
