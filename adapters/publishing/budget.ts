// How often a channel may be told of one SKU in any 24 hours (eBay: 250 revisions a listing and day). Spent on stock-outs
// first: what is left when it is thin is kept for them, then for decreases; increases wait. Known from the channel's stream,
// so a restart does not begin anew. Counted in whole hours, which errs on the safe side; bounded by what was told in a day.
import type { PublishOutcome } from '../../domain/channel/events.ts';
import { DAY, HOUR, type Instant } from '../../domain/time.ts';
import type { Urgency } from './difference.ts';

/** Part of the budget that each may not touch. */
const KEPT_PART: Readonly<Record<Urgency, number>> = { 'to-zero': 0, decrease: 0.1, increase: 0.4 };

/**
 * May the channel have counted it? Not what it surely did not apply: a call that was throttled, that could not be made, or that
 * it put off. A refusal counts: whether the channel counts it too is nowhere said.
 */
export function spends(outcome: PublishOutcome): boolean {
  return outcome !== 'retryLater';
}

export interface Budget {
  /** The channel may have counted a call that named the SKU. */
  spend(sku: string, at: Instant, calls?: number): void;
  /** A call that a crash left unrecorded may have named any SKU. */
  spendOnAll(at: Instant): void;
  /** When the SKU may be told of, if not now. */
  heldUntil(sku: string, urgency: Urgency, now: Instant): Instant | undefined;
  status(now: Instant): BudgetStatus;
}

export interface BudgetStatus {
  readonly perSkuDailyMax: number;
  /** Calls left for the SKU that has the fewest. */
  readonly leastLeft: number;
  /** SKUs that can only be told of stock-outs, or of nothing. */
  readonly thin: number;
}

/** An hour and its calls, the next hour and its calls …, oldest first: pairs of their own took three times the memory. */
type Spent = number[];

/** A call of an hour counts until a day after the hour's end. */
const HOURS_KEPT = DAY / HOUR;
const hourOf = (at: Instant) => Math.floor(at / HOUR);
const freeAt = (hour: number) => (hour + 1) * HOUR + DAY;

export function createBudget(perSkuDailyMax: number): Budget {
  const bySku = new Map<string, Spent>();
  const onAll: Spent = [];
  let sweptHour = 0;

  const forget = (spent: Spent, now: Instant) => {
    const oldest = hourOf(now) - HOURS_KEPT;
    while (spent.length > 0 && spent[0]! < oldest) spent.splice(0, 2);
  };
  const sweep = (now: Instant) => {
    if (hourOf(now) === sweptHour) return;
    sweptHour = hourOf(now);
    forget(onAll, now);
    for (const [sku, spent] of bySku) {
      forget(spent, now);
      if (spent.length === 0) bySku.delete(sku);
    }
  };
  const add = (spent: Spent, at: Instant, calls: number) => {
    const hour = hourOf(at);
    let place = spent.length;
    while (place > 0 && spent[place - 2]! > hour) place -= 2;
    if (spent[place - 2] === hour) spent[place - 1]! += calls;
    else spent.splice(place, 0, hour, calls);
  };
  const callsOf = (spent: Spent) => spent.reduce((sum, value, n) => (n % 2 === 1 ? sum + value : sum), 0);
  const leftOf = (spent: Spent) => perSkuDailyMax - callsOf(spent) - callsOf(onAll);
  const keptFor = (urgency: Urgency) => Math.floor(perSkuDailyMax * KEPT_PART[urgency]);

  return {
    spend(sku, at, calls = 1) {
      sweep(at);
      const spent = bySku.get(sku);
      if (spent === undefined) bySku.set(sku, [hourOf(at), calls]);
      else add(spent, at, calls);
    },
    spendOnAll: (at) => add(onAll, at, 1),
    heldUntil(sku, urgency, now) {
      sweep(now);
      const spent = bySku.get(sku) ?? [];
      let missing = keptFor(urgency) + 1 - leftOf(spent);
      if (missing <= 0) return undefined;
      const both = [...pairsOf(spent), ...pairsOf(onAll)].sort(([a], [b]) => a - b);
      for (const [hour, calls] of both) {
        missing -= calls;
        if (missing <= 0) return freeAt(hour);
      }
      return now + DAY;
    },
    status(now) {
      sweep(now);
      let leastLeft = Math.max(0, leftOf([]));
      let thin = 0;
      for (const spent of bySku.values()) {
        const left = leftOf(spent);
        leastLeft = Math.max(0, Math.min(leastLeft, left));
        if (left <= keptFor('decrease')) thin += 1;
      }
      return { perSkuDailyMax, leastLeft, thin };
    },
  };
}

function pairsOf(spent: Spent): readonly (readonly [hour: number, calls: number])[] {
  return Array.from({ length: spent.length / 2 }, (_, n) => [spent[2 * n]!, spent[2 * n + 1]!]);
}
