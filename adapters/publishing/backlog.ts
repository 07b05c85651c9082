// What one channel must still be told: one entry per SKU (latest wins), so it is bounded by the catalogue and not by
// traffic, and O(log n) a change. Order: earliest due first, where due = since when the channel has been wrong + the
// slack of its urgency, less the more an oversell threatens. Where more waits than can leave in its slack, as after an
// outage, a stock-out still leaves next; for that it owes those it overtakes, so nothing starves (P12).

import { createIndexedHeap, type IndexedHeap, type Placed } from '../../domain/indexed-heap.ts';
import { MINUTE } from '../../domain/time.ts';
import type { Urgency } from './difference.ts';
import type { Since } from './since.ts';
import type { Moment } from './timers.ts';

/**
 * How long an update may be overtaken by more urgent ones: `[at the highest risk, without any]`. The classes do not
 * overlap, so risk orders within them; all are far below the 15 minutes of P12.
 */
export const SLACK_MS: Readonly<Record<Urgency, readonly [number, number]>> = {
  'to-zero': [0, 2 * MINUTE],
  decrease: [3 * MINUTE, 5 * MINUTE],
  increase: [8 * MINUTE, 8 * MINUTE],
};

export interface Entry {
  readonly sku: string;
  /** Since when the channel has shown a wrong figure. A newer value does not reset it. */
  readonly since: Since;
  /** Attempts the channel postponed or left unknown. */
  readonly attempts: number;
}

export interface PutOptions {
  /** 0: no oversell threatens … 1: most. Default 0. */
  readonly risk?: number;
  /** Not before, as long as its urgency is this one. */
  readonly heldUntil?: Moment | undefined;
  /** The channel postponed it or left it unknown; holds until it is put with another. Infinity: it is sent by name only. */
  readonly retry?: { readonly attempts: number; readonly notBefore: Moment } | undefined;
}

interface Waiting extends Entry, Placed {
  attempts: number;
  urgency: Urgency;
  /** Breaks ties in order of arrival, so that the order never depends on the heap's history. */
  readonly arrival: number;
  dueAt: Moment;
  retryAt: Moment;
  /** Not to be sent before. */
  notBefore: Moment;
  /** Its place among the stock-outs, or among those that may go by bulk. */
  readonly among: Among;
  /** Its place among all by age. */
  readonly age: Among;
}

type Among = Placed & { entry: Waiting };

export interface Backlog {
  readonly size: number;
  /** How many there are of each, sent now or later. */
  readonly byUrgency: Readonly<Record<Urgency, number>>;
  has(sku: string): boolean;
  /** Entries that may be sent now. */
  ready(now: Moment): number;
  /** Those of them that are no stock-outs. Counted only with `keepTail`. */
  readyForBulk(now: Moment): number;
  /** Whether the least urgent entries are kept at hand too. */
  keepTail(keep: boolean): void;
  /** Adds an SKU, or changes the urgency of one that waits already. */
  put(sku: string, urgency: Urgency, since: Since, options?: PutOptions): void;
  remove(sku: string): void;
  /** The entry that leaves next of those that may be sent now: a stock-out, unless too many have overtaken what is due first. */
  first(now: Moment): (Entry & { readonly urgency: Urgency }) | undefined;
  /** Takes it. */
  take(now: Moment): Entry | undefined;
  /** Takes the least urgent one that is no stock-out. */
  takeLast(now: Moment): Entry | undefined;
  /** Takes an entry by name, whether it may be sent or not. */
  takeByName(sku: string): Entry | undefined;
  /** When the next entry may be sent; undefined: nothing waits for a time. */
  nextAt(now: Moment): Moment | undefined;
  /** Since when the longest-waiting of them has waited; undefined: none waits. */
  oldest(): Since | undefined;
  /** Since when each of them has waited. */
  waiting(): Iterable<Since>;
  /** The same of those that nothing but the channel keeps from leaving: not held by `heldUntil`. */
  due(now: Moment): Iterable<Since>;
}

interface Queues {
  readonly ready: IndexedHeap<Waiting>;
  readonly held: IndexedHeap<Waiting>;
  /** The stock-outs among them. */
  readonly stockOuts: IndexedHeap<Among>;
  /** The others, which may go by bulk, the least urgent first; undefined: not kept. */
  tail: IndexedHeap<Among> | undefined;
  /** Places that those which stock-outs overtook have before the next stock-outs. */
  owed: number;
  readonly byUrgency: Record<Urgency, number>;
  /** All of them, the longest-waiting first. */
  readonly ages: IndexedHeap<Among>;
}

/** For each stock-out that overtakes: in a flood of them the others keep two places of three. */
const OWED_EACH = 2;
/** So many places, that is 250 stock-outs in a row: the largest batch of any channel but a feed. */
const OWED_MAX = 500;

const NOT_HELD = Number.NEGATIVE_INFINITY;

const isEarlier = (a: Waiting, b: Waiting) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.arrival < b.arrival);
const createTail = () => createIndexedHeap<Among>((a, b) => isEarlier(b.entry, a.entry));
const amongIn = ({ stockOuts, tail }: Queues, { urgency }: Waiting) => (urgency === 'to-zero' ? stockOuts : tail);

const isReleasedEarlier = (a: Waiting, b: Waiting) =>
  a.notBefore < b.notBefore || (a.notBefore === b.notBefore && a.arrival < b.arrival);

function createQueues(): Queues {
  return {
    ready: createIndexedHeap(isEarlier),
    held: createIndexedHeap(isReleasedEarlier),
    stockOuts: createIndexedHeap((a, b) => isEarlier(a.entry, b.entry)),
    tail: undefined,
    owed: 0,
    byUrgency: { 'to-zero': 0, decrease: 0, increase: 0 },
    ages: createIndexedHeap((a, b) => a.entry.since.at < b.entry.since.at),
  };
}

function enqueue(queues: Queues, entry: Waiting): void {
  queues.byUrgency[entry.urgency] += 1;
  if (entry.notBefore !== NOT_HELD) {
    queues.held.add(entry);
    return;
  }
  queues.ready.add(entry);
  amongIn(queues, entry)?.add(entry.among);
}

function dequeue(queues: Queues, entry: Waiting): void {
  queues.byUrgency[entry.urgency] -= 1;
  if (entry.notBefore !== NOT_HELD) {
    queues.held.remove(entry);
    return;
  }
  queues.ready.remove(entry);
  amongIn(queues, entry)?.remove(entry.among);
}

/** What was held until now may be sent. */
function release(queues: Queues, now: Moment): void {
  const { held } = queues;
  for (let next = held.first(); next !== undefined && next.notBefore <= now; next = held.first()) {
    dequeue(queues, next);
    next.notBefore = NOT_HELD;
    next.retryAt = NOT_HELD;
    enqueue(queues, next);
  }
}

/** Does a stock-out leave before what is due first? */
function overtakes({ ready, stockOuts, owed }: Queues): boolean {
  const first = stockOuts.first();
  return first !== undefined && first.entry !== ready.first() && owed + OWED_EACH <= OWED_MAX;
}

function nextIn(queues: Queues): Waiting | undefined {
  return overtakes(queues) ? queues.stockOuts.first()!.entry : queues.ready.first();
}

/** The next one leaves. */
function owe(queues: Queues): void {
  queues.owed = Math.max(0, queues.owed + (overtakes(queues) ? OWED_EACH : -1));
}

function keepTail(queues: Queues, keep: boolean): void {
  if (keep === (queues.tail !== undefined)) return;
  queues.tail = keep ? createTail() : undefined;
  for (const { urgency, among } of queues.ready.entries()) if (urgency !== 'to-zero') queues.tail?.add(among);
}

function enter(sku: string, since: Since, arrival: number): Waiting {
  const among = { place: -1 } as Among;
  const age = { place: -1 } as Among;
  const entry: Waiting = {
    ...{ sku, since, arrival, attempts: 0, urgency: 'increase', place: -1, among, age },
    ...{ dueAt: since.at, retryAt: NOT_HELD, notBefore: NOT_HELD },
  };
  among.entry = entry;
  age.entry = entry;
  return entry;
}

/** By us: what the channel was told and did not take waits for the channel. */
function isHeld({ notBefore, retryAt, attempts }: Waiting, now: Moment): boolean {
  return attempts === 0 && notBefore > now && notBefore > retryAt;
}

export function createBacklog(): Backlog {
  const entries = new Map<string, Waiting>();
  let arrivals = 0;
  const queues = createQueues();
  const drop = (entry: Waiting | undefined): Entry | undefined => {
    if (entry === undefined) return undefined;
    dequeue(queues, entry);
    queues.ages.remove(entry.age);
    entries.delete(entry.sku);
    return entry;
  };

  return {
    get size() {
      return entries.size;
    },
    byUrgency: queues.byUrgency,
    has: (sku) => entries.has(sku),
    ready(now) {
      release(queues, now);
      return queues.ready.size;
    },
    readyForBulk(now) {
      release(queues, now);
      return queues.tail?.size ?? 0;
    },
    keepTail: (keep) => keepTail(queues, keep),
    put(sku, urgency, since, { risk = 0, heldUntil = NOT_HELD, retry } = {}) {
      const known = entries.get(sku);
      if (known !== undefined) dequeue(queues, known);
      const entry = known ?? enter(sku, since, ++arrivals);
      if (known === undefined) queues.ages.add(entry.age);
      entries.set(sku, entry);
      const [least, most] = SLACK_MS[urgency];
      entry.urgency = urgency;
      entry.dueAt = entry.since.at + most - (most - least) * risk;
      if (retry !== undefined) {
        entry.attempts = retry.attempts;
        entry.retryAt = retry.notBefore;
      }
      entry.notBefore = Math.max(entry.retryAt, heldUntil);
      enqueue(queues, entry);
    },
    remove: (sku) => void drop(entries.get(sku)),
    first(now) {
      release(queues, now);
      return nextIn(queues);
    },
    take(now) {
      release(queues, now);
      const next = nextIn(queues);
      owe(queues);
      return drop(next);
    },
    takeLast(now) {
      release(queues, now);
      return drop(queues.tail?.first()?.entry);
    },
    takeByName: (sku) => drop(entries.get(sku)),
    nextAt(now) {
      release(queues, now);
      if (queues.ready.size > 0) return now;
      const next = queues.held.first()?.notBefore;
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
    oldest: () => queues.ages.first()?.entry.since,
    waiting: () => entries.values().map(({ since }) => since),
    due: (now) => [...entries.values()].filter((entry) => !isHeld(entry, now)).map(({ since }) => since),
  };
}

/** At most so many, as long as there is one. */
export function takeUpTo(most: number, take: () => Entry | undefined): readonly Entry[] {
  const entries: Entry[] = [];
  while (entries.length < most) {
    const entry = take();
    if (entry === undefined) break;
    entries.push(entry);
  }
  return entries;
}
