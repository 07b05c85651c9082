// What one channel must still be told: one entry per SKU (latest wins), so it is bounded by the catalogue and not by
// traffic, and O(log n) a change. Order: earliest due first, where due = since when the channel has been wrong + the
// slack of its urgency. So a stock-out overtakes everything that has not used up its slack, and nothing starves (P12).

import { MINUTE } from '../../domain/time.ts';
import type { Urgency } from './difference.ts';
import { createIndexedHeap, type Placed } from './indexed-heap.ts';
import type { Moment } from './timers.ts';

/** How long an update may be overtaken by more urgent ones. All far below the 15 minutes of P12. */
export const SLACK_MS: Readonly<Record<Urgency, number>> = { 'to-zero': 0, decrease: MINUTE, increase: 5 * MINUTE };

export interface Entry {
  readonly sku: string;
  /** Since when the channel has shown a wrong figure. A newer value does not reset it. */
  readonly since: Moment;
  /** Attempts the channel postponed or left unknown. */
  readonly attempts: number;
}

interface Waiting extends Entry, Placed {
  attempts: number;
  urgency: Urgency;
  /** Breaks ties in order of arrival, so that the order never depends on the heap's history. */
  readonly arrival: number;
  dueAt: Moment;
  /** Not to be sent before. Infinity: it is sent by name only (see isolation). */
  notBefore: Moment;
}

export interface Backlog {
  readonly size: number;
  /** Entries that may be sent now. */
  ready(now: Moment): number;
  /** Adds an SKU, or changes the urgency of one that waits already. */
  put(sku: string, urgency: Urgency, since: Moment, retry?: { attempts: number; notBefore: Moment }): void;
  remove(sku: string): void;
  /** Takes the most urgent entry that may be sent now. */
  take(now: Moment): Entry | undefined;
  /** Takes an entry by name, whether it may be sent or not. */
  takeByName(sku: string): Entry | undefined;
  /** When the next entry may be sent; undefined: nothing waits for a time. */
  nextAt(now: Moment): Moment | undefined;
  /** Since when the longest-waiting entry has waited. O(n). */
  oldestSince(): Moment | undefined;
  clear(): void;
}

export function createBacklog(): Backlog {
  const entries = new Map<string, Waiting>();
  let arrivals = 0;
  const ready = createIndexedHeap<Waiting>(
    (a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.arrival < b.arrival),
  );
  const held = createIndexedHeap<Waiting>(
    (a, b) => a.notBefore < b.notBefore || (a.notBefore === b.notBefore && a.arrival < b.arrival),
  );
  const heapOf = (entry: Waiting) => (entry.notBefore > Number.NEGATIVE_INFINITY ? held : ready);
  const drop = (entry: Waiting): Entry => {
    heapOf(entry).remove(entry);
    entries.delete(entry.sku);
    return entry;
  };
  const release = (now: Moment) => {
    for (let next = held.first(); next !== undefined && next.notBefore <= now; next = held.first()) {
      held.remove(next);
      next.notBefore = Number.NEGATIVE_INFINITY;
      ready.add(next);
    }
  };

  return {
    get size() {
      return entries.size;
    },
    ready(now) {
      release(now);
      return ready.size;
    },
    put(sku, urgency, since, retry) {
      const old = entries.get(sku);
      if (old !== undefined) heapOf(old).remove(old);
      else arrivals += 1;
      const entry: Waiting = old ?? {
        sku,
        since,
        urgency,
        arrival: arrivals,
        attempts: 0,
        dueAt: 0,
        notBefore: Number.NEGATIVE_INFINITY,
        place: -1,
      };
      entry.urgency = urgency;
      entry.dueAt = entry.since + SLACK_MS[urgency];
      if (retry !== undefined) {
        entry.attempts = retry.attempts;
        entry.notBefore = retry.notBefore;
      }
      entries.set(sku, entry);
      heapOf(entry).add(entry);
    },
    remove(sku) {
      const entry = entries.get(sku);
      if (entry !== undefined) drop(entry);
    },
    take(now) {
      release(now);
      const entry = ready.first();
      return entry === undefined ? undefined : drop(entry);
    },
    takeByName(sku) {
      const entry = entries.get(sku);
      return entry === undefined ? undefined : drop(entry);
    },
    nextAt(now) {
      release(now);
      if (ready.size > 0) return now;
      const next = held.first()?.notBefore;
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
    oldestSince() {
      let oldest: Moment | undefined;
      for (const { since } of entries.values()) if (oldest === undefined || since < oldest) oldest = since;
      return oldest;
    },
    clear() {
      for (const entry of [...entries.values()]) drop(entry);
    },
  };
}
