// On-hand as of an instant of event time, from the state of a stock alone: what a counter should find on the shelf, by all
// that is known now. The same figure as folding only what had happened by then (projections/as-of.ts, `whatWasTrueAt`).
import type { Instant } from '../time.ts';
import { movedAfter } from './recent.ts';
import type { Stock } from './stock.ts';

export interface OnHandAt {
  readonly onHand: number;
  /** The last count up to then: what happened before it does not matter. */
  readonly since: Instant | undefined;
}

/**
 * @returns undefined for an instant before the last count: what was before it is not in the state
 * @param at within the time that the stock remembers (`memoryMs` of `evolve`)
 */
export function onHandAt({ levels, fence, recent }: Stock, at: Instant): OnHandAt | undefined {
  if (fence !== undefined && fence.at > at) return undefined;
  return { onHand: levels.onHand - movedAfter(recent, at), since: fence?.at };
}
