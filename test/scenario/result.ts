// What one run of the scenario measured: the day under the interfaces that retailers have today, or under Evenstock. The
// same for both, so that the table and the picture compare like with like.
import type { ByCause } from './causes.ts';
import type { Minute } from './day.ts';

/** What every online channel and till showed at one time, against the shelves. */
export interface Moment {
  readonly at: Minute;
  /** Units shown for sale that nobody could have: over all SKUs and channels. */
  readonly overshown: number;
  /** Units that were there and not shown. */
  readonly undershown: number;
  /** Orders accepted so far that no unit was left for. */
  readonly oversold: number;
}

export interface RunResult {
  readonly name: string;
  /** What its ERP was. */
  readonly erp: string;
  readonly orders: {
    readonly accepted: number;
    readonly oversold: number;
    /** Given up because no shelf had the units. */
    readonly cancelled: number;
    /** Turned away although units were free. */
    readonly lost: number;
  };
  /** From a change on a shelf until a channel showed it, milliseconds of the day. */
  readonly lagMs: readonly number[];
  /** Oversold orders, and minutes of wrong figures over all SKUs and shops, by why. */
  readonly causes: { readonly oversold: ByCause; readonly wrongMinutes: ByCause };
  readonly calls: { readonly made: number; readonly updates: number };
  /** What people had to do: repairs, phone calls, corrections. */
  readonly manual: number;
  /** Units by which systems disagree with the shelves when all has come to rest. */
  readonly driftAtEnd: number;
  /** In order of time. */
  readonly moments: readonly Moment[];
}
