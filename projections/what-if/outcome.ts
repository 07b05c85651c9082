// What a course of a what-if came to, for each channel and for the tills (whose sales name no channel): demand seen in the
// log, what became of it, what was oversold, and how much was shown.
import type { CurveResult } from './curve.ts';

export interface Tally {
  readonly events: number;
  readonly units: number;
}

export interface SellerOutcome {
  /** Sales and reservations that the log holds. */
  readonly demand: Tally;
  /** Of these: the channel showed fewer than were wanted. */
  readonly notShown: Tally;
  /** Of these: it showed enough, but the stock refused the reservation (safety stock, quotas, nothing left). */
  readonly refused: Tally;
  /** Units of `notShown` that the pool had at that moment, less safety stock and quotas of others: held back for nothing. */
  readonly heldBack: Tally;
  /** Demand that was met with units that were not there, or were promised already. */
  readonly oversold: Tally;
}

/** Of a channel, not of tills. */
export interface ShownOutcome {
  /** Units shown over all SKUs. */
  readonly shown: CurveResult;
  /** Expected, not seen in the log: what the channel would have sold, at its velocity, of SKUs that showed 0. */
  readonly unseenUnits: number;
  /** Mean lag of figures in the window, ms, and whether the log measured it. */
  readonly lagMs: number;
  readonly isLagMeasured: boolean;
}

export interface Outcome {
  readonly policyVersions: readonly string[];
  /** By channel; '' for sales that name none. */
  readonly sellers: ReadonlyMap<string, SellerOutcome>;
  readonly channels: ReadonlyMap<string, ShownOutcome>;
}

export type Count = keyof SellerOutcome;
const COUNTS: readonly Count[] = ['demand', 'notShown', 'refused', 'heldBack', 'oversold'];

export interface Tallies {
  add(seller: string, count: Count, units: number): void;
  result(): ReadonlyMap<string, SellerOutcome>;
}

export function createTallies(): Tallies {
  const sellers = new Map<string, Record<Count, { events: number; units: number }>>();
  return {
    add(seller, count, units) {
      let counts = sellers.get(seller);
      if (counts === undefined) {
        counts = noCounts();
        sellers.set(seller, counts);
      }
      counts[count].events += 1;
      counts[count].units += units;
    },
    result: () => new Map([...sellers].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function noCounts(): Record<Count, { events: number; units: number }> {
  const none = () => ({ events: 0, units: 0 });
  return { demand: none(), notShown: none(), refused: none(), heldBack: none(), oversold: none() };
}

export function totalOf(sellers: ReadonlyMap<string, SellerOutcome>): SellerOutcome {
  const tallies = noCounts();
  for (const seller of sellers.values()) {
    for (const count of COUNTS) {
      tallies[count].events += seller[count].events;
      tallies[count].units += seller[count].units;
    }
  }
  return tallies;
}
