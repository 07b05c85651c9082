// What a channel has accepted and is to be seen to show: when to look for it next. One entry an SKU, so it is bounded by
// the catalogue; O(log n) each.
import { createIndexedHeap, type Placed } from '../../domain/indexed-heap.ts';
import type { Lane } from './line.ts';
import type { Since } from './since.ts';
import type { Moment } from './timers.ts';

/** A value to be looked for. */
export interface Sought {
  readonly sku: string;
  readonly lane: Lane['name'];
  readonly acceptedAt: Moment;
  /** Since when the channel has shown a wrong figure. */
  readonly since: Since;
  /** W3C trace context of the call that told it; undefined: not traced, or told by a process before. */
  readonly told?: string | undefined;
  /** It was seen; it is looked at because an older value may yet arrive over it. */
  readonly isGuard: boolean;
  /** It is looked for early and often, for the others to know when it is worth asking. */
  readonly isScout: boolean;
}

export interface Schedule {
  readonly size: number;
  has(sku: string): boolean;
  /** Takes the place of what was sought of the SKU. */
  put(sought: Sought, nextAt: Moment): void;
  /** The earliest, as many as are due. */
  take(now: Moment, most: number): readonly Sought[];
  /** All that are meant, in any order. O(n). */
  takeAll(isMeant: (sought: Sought) => boolean): readonly Sought[];
  nextAt(): Moment | undefined;
  /** Since when each value has waited that was not seen yet. O(n). */
  waiting(): Iterable<Since>;
}

interface Entry extends Placed {
  readonly sought: Sought;
  readonly nextAt: Moment;
  readonly arrival: number;
}

export function createSchedule(): Schedule {
  const entries = new Map<string, Entry>();
  const due = createIndexedHeap<Entry>(
    (a, b) => a.nextAt < b.nextAt || (a.nextAt === b.nextAt && a.arrival < b.arrival),
  );
  let arrivals = 0;
  const drop = (entry: Entry): Sought => {
    due.remove(entry);
    entries.delete(entry.sought.sku);
    return entry.sought;
  };
  return {
    get size() {
      return entries.size;
    },
    has: (sku) => entries.has(sku),
    put(sought, nextAt) {
      const known = entries.get(sought.sku);
      if (known !== undefined) due.remove(known);
      const entry = { sought, nextAt, arrival: ++arrivals, place: -1 };
      entries.set(sought.sku, entry);
      due.add(entry);
    },
    take(now, most) {
      const taken: Sought[] = [];
      for (let first = due.first(); first !== undefined && taken.length < most; first = due.first()) {
        if (first.nextAt > now) break;
        taken.push(drop(first));
      }
      return taken;
    },
    takeAll: (isMeant) => [...entries.values()].filter(({ sought }) => isMeant(sought)).map(drop),
    nextAt: () => due.first()?.nextAt,
    *waiting() {
      for (const { sought } of entries.values()) if (!sought.isGuard) yield sought.since;
    },
  };
}
