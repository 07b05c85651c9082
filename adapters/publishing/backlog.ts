// What one channel must still be told: one entry per SKU (latest wins), so it is bounded by the catalogue and not by
// traffic, and O(log n) a change. Order: earliest due first, where due = since when the channel has been wrong + the
// slack of its urgency. So a stock-out overtakes everything that has not used up its slack, and nothing starves (P12).

import { createIndexedHeap, type IndexedHeap, type Placed } from '../../domain/indexed-heap.ts';
import { MINUTE } from '../../domain/time.ts';
import type { Urgency } from './difference.ts';
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
  /** Breaks ties in order of arrival, so that the order never depends on the heap's history. */
  readonly arrival: number;
  dueAt: Moment;
  /** Not to be sent before. Infinity: it is sent by name only (see isolation). */
  notBefore: Moment;
}

export interface Backlog {
  readonly size: number;
  has(sku: string): boolean;
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
}

interface Queues {
  readonly ready: IndexedHeap<Waiting>;
  readonly held: IndexedHeap<Waiting>;
}

const NOT_HELD = Number.NEGATIVE_INFINITY;
const queueOf = ({ ready, held }: Queues, { notBefore }: Waiting) => (notBefore === NOT_HELD ? ready : held);

/** What was held until now may be sent. */
function release({ ready, held }: Queues, now: Moment): void {
  for (let next = held.first(); next !== undefined && next.notBefore <= now; next = held.first()) {
    held.remove(next);
    next.notBefore = NOT_HELD;
    ready.add(next);
  }
}

export function createBacklog(): Backlog {
  const entries = new Map<string, Waiting>();
  let arrivals = 0;
  const queues: Queues = {
    ready: createIndexedHeap((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.arrival < b.arrival)),
    held: createIndexedHeap(
      (a, b) => a.notBefore < b.notBefore || (a.notBefore === b.notBefore && a.arrival < b.arrival),
    ),
  };
  const drop = (entry: Waiting | undefined): Entry | undefined => {
    if (entry === undefined) return undefined;
    queueOf(queues, entry).remove(entry);
    entries.delete(entry.sku);
    return entry;
  };
  const enter = (sku: string, since: Moment): Waiting => {
    arrivals += 1;
    const entry = { sku, since, arrival: arrivals, attempts: 0, dueAt: since, notBefore: NOT_HELD, place: -1 };
    entries.set(sku, entry);
    return entry;
  };

  return {
    get size() {
      return entries.size;
    },
    has: (sku) => entries.has(sku),
    ready(now) {
      release(queues, now);
      return queues.ready.size;
    },
    put(sku, urgency, since, retry) {
      const known = entries.get(sku);
      if (known !== undefined) queueOf(queues, known).remove(known);
      const entry = known ?? enter(sku, since);
      entry.dueAt = entry.since + SLACK_MS[urgency];
      if (retry !== undefined) {
        entry.attempts = retry.attempts;
        entry.notBefore = retry.notBefore;
      }
      queueOf(queues, entry).add(entry);
    },
    remove: (sku) => void drop(entries.get(sku)),
    take(now) {
      release(queues, now);
      return drop(queues.ready.first());
    },
    takeByName: (sku) => drop(entries.get(sku)),
    nextAt(now) {
      release(queues, now);
      if (queues.ready.size > 0) return now;
      const next = queues.held.first()?.notBefore;
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
    oldestSince() {
      let oldest: Moment | undefined;
      for (const { since } of entries.values()) if (oldest === undefined || since < oldest) oldest = since;
      return oldest;
    },
  };
}
