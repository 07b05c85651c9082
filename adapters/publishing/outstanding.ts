// What a channel is still to be told: the backlog, where each SKU stands by how urgent its difference is, by what an oversell
// would cost, and not before its daily budget allows it.
import type { Clock } from '../../domain/time.ts';
import { type Backlog, createBacklog, type Entry, type PutOptions } from './backlog.ts';
import type { Budget } from './budget.ts';
import type { Urgency } from './difference.ts';
import type { Known } from './known.ts';
import type { RiskOf, UpdateRisk } from './risk.ts';
import type { Since } from './since.ts';
import type { Moment, Timers } from './timers.ts';

export interface Outstanding {
  readonly backlog: Backlog;
  /** Undefined: the channel states no daily limit. */
  budget: Budget | undefined;
  /** What differs waits from `since` on; what does not any more waits no longer. O(log n). */
  put(sku: string, since: Since, retry?: PutOptions['retry']): void;
  /** As it waited before, and it may leave now. */
  putBack(entry: Entry): void;
  /** Of what was taken from the backlog. False: nothing differs any more, or its budget is kept; then it waits again. */
  mayTell(entry: Entry): boolean;
  /** Waits, but is taken by its name only. */
  setApart(entry: Entry): void;
  /** What was set apart and is waiting still is as all others again. */
  release(skus: readonly string[]): void;
  /** What leaves next, and why it does; undefined: nothing may leave now. */
  next(): NextUpdate | undefined;
}

export interface NextUpdate {
  readonly sku: string;
  readonly urgency: Urgency;
  readonly ageMs: number;
  /** Undefined: an increase, which threatens nothing. */
  readonly risk: UpdateRisk | undefined;
}

interface OutstandingRoom {
  readonly known: Pick<Known, 'difference'>;
  readonly riskOf: RiskOf;
  readonly clock: Clock;
  readonly timers: Timers;
}

export function createOutstanding({ known, riskOf, clock, timers }: OutstandingRoom): Outstanding {
  const backlog = createBacklog();

  const heldUntil = (sku: string, urgency: Urgency): Moment | undefined => {
    const instant = clock.now();
    const until = outstanding.budget?.heldUntil(sku, urgency, instant);
    return until === undefined ? undefined : timers.now() + (until - instant);
  };
  const again = ({ sku, since, attempts }: Entry, notBefore: Moment) =>
    outstanding.put(sku, since, { attempts, notBefore });

  const outstanding: Outstanding = {
    backlog,
    budget: undefined,
    put(sku, since, retry) {
      const urgency = known.difference(sku);
      if (urgency === undefined) backlog.remove(sku);
      else {
        const risk = riskOf(sku, urgency)?.risk ?? 0;
        backlog.put(sku, urgency, since, { risk, retry, heldUntil: heldUntil(sku, urgency) });
      }
    },
    putBack: (entry) => again(entry, timers.now()),
    mayTell(entry) {
      const urgency = known.difference(entry.sku);
      if (urgency === undefined) return false;
      if (heldUntil(entry.sku, urgency) === undefined) return true;
      outstanding.putBack(entry);
      return false;
    },
    setApart: (entry) => again(entry, Number.POSITIVE_INFINITY),
    release(skus) {
      for (const sku of skus) {
        const entry = backlog.takeByName(sku);
        if (entry !== undefined) outstanding.putBack(entry);
      }
    },
    next() {
      const now = timers.now();
      const first = backlog.first(now);
      if (first === undefined) return undefined;
      const { sku, urgency, since } = first;
      return { sku, urgency, ageMs: Math.round(now - since.at), risk: riskOf(sku, urgency) };
    },
  };
  return outstanding;
}
