// What a channel is still to be told: the backlog, where each SKU stands by how urgent its difference is, by what an oversell
// would cost, and not before its daily budget allows it.
import type { PublishOutcome } from '../../domain/channel/events.ts';
import type { Clock } from '../../domain/time.ts';
import { type Backlog, createBacklog, type Entry, type PutOptions } from './backlog.ts';
import { type Budget, spends } from './budget.ts';
import type { Urgency } from './difference.ts';
import type { Known } from './known.ts';
import type { RiskOf, UpdateRisk } from './risk.ts';
import type { Since } from './since.ts';
import type { Moment, Timers } from './timers.ts';

export interface Outstanding {
  readonly backlog: Backlog;
  /** Undefined: the channel states no daily limit, or what is spent of it is not known yet. */
  readonly budget: Budget | undefined;
  /** What of it was spent before is read anew, by `read` into `budget`. What is told meanwhile counts in it too. */
  recount(budget: Budget | undefined, read: () => Promise<void>): Promise<void>;
  /** A call that named the SKU was answered. */
  told(sku: string, outcome: PublishOutcome): void;
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
  let budget: Budget | undefined;
  let recounted: Budget | undefined;

  const heldUntil = (sku: string, urgency: Urgency): Moment | undefined => {
    const instant = clock.now();
    const until = budget?.heldUntil(sku, urgency, instant);
    return until === undefined ? undefined : timers.now() + (until - instant);
  };
  const again = ({ sku, since, attempts }: Entry, notBefore: Moment) =>
    outstanding.put(sku, since, { attempts, notBefore });

  const outstanding: Outstanding = {
    backlog,
    get budget() {
      return budget;
    },
    async recount(anew, read) {
      recounted = anew;
      await read();
      // Unless it was begun once more meanwhile.
      if (recounted !== anew) return;
      budget = anew;
      recounted = undefined;
    },
    told(sku, outcome) {
      if (!spends(outcome)) return;
      for (const spent of new Set([budget, recounted])) spent?.spend(sku, clock.now());
    },
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
