// Which hold to look at next: filled from the open holds and then by what changes. Holds wait in their minute; when it has
// come they are in a heap by time. A hold that left is dropped when its turn comes, and all at once when they are too many,
// so a change costs no search.
import { createIndexedHeap, type IndexedHeap, type Placed } from '../../domain/indexed-heap.ts';
import type { Instant } from '../../domain/time.ts';
import { expiryOf, type OpenHold, type OpenHolds } from '../../projections/open-holds.ts';
import { createMinutes } from './minutes.ts';

export interface Scheduled extends Placed {
  readonly at: Instant;
  readonly hold: OpenHold;
  /** How often it was asked for. */
  readonly attempts: number;
  /** Of two for one time, the one added first leaves first. */
  readonly order: number;
  readonly of: OpenHolds;
}

export interface Schedule {
  /** When the first is to be looked at. */
  firstAt(): Instant | undefined;
  /** The first hold that is due at `now`: its expiry has passed, and so has the time to ask again. It is out then. */
  take(now: Instant): Scheduled | undefined;
  /** To be asked for again at `at`, if it is still open then. */
  again(taken: Scheduled, at: Instant): void;
  /** Follows another instance of the projection from now on: a rebuild put it in the place of the one before. */
  follow(holds: OpenHolds): void;
  /** Follows none. */
  close(): void;
}

/** Entries of holds that left, kept at most: as many as there are open ones, and these. */
const SPARE = 10_000;

export function createSchedule(): Schedule {
  let followed: OpenHolds | undefined;
  let minutes = createMinutes();
  let heap = emptyHeap();
  let orders = 0;

  const sort = (of: OpenHolds, hold: OpenHold, at: Instant, attempts: number) => {
    orders += 1;
    heap.add({ at, hold, attempts, order: orders, of, place: -1 });
  };
  const add = (of: OpenHolds, hold: OpenHold) => {
    if (!minutes.add(hold)) sort(of, hold, expiryOf(hold), 0);
    if (heap.size + minutes.size > 2 * of.size + SPARE) tidy();
  };
  const tidy = () => {
    minutes.tidy();
    const entries = heap.entries();
    heap = emptyHeap();
    for (const entry of entries) if (entry.hold.held > 0) heap.add(entry);
  };
  return {
    firstAt() {
      const [minute, entry] = [minutes.firstAt(), heap.first()?.at];
      return minute === undefined || entry === undefined ? (minute ?? entry) : Math.min(minute, entry);
    },
    take(now) {
      for (const hold of minutes.come(now)) if (hold.held > 0) add(followed!, hold);
      for (let entry = heap.first(); entry !== undefined && entry.at <= now; entry = heap.first()) {
        heap.remove(entry);
        const { hold, of } = entry;
        if (hold.held === 0) continue;
        if (expiryOf(hold) <= now) return entry;
        // Renewed meanwhile.
        add(of, hold);
      }
      return undefined;
    },
    again({ of, hold, attempts }, at) {
      if (of === followed && hold.held > 0) sort(of, hold, at, attempts + 1);
    },
    follow(holds) {
      followed?.watch(undefined);
      followed = holds;
      minutes = createMinutes();
      heap = emptyHeap();
      for (const hold of holds.holds()) add(holds, hold);
      holds.watch((hold) => add(holds, hold));
    },
    close() {
      followed?.watch(undefined);
      followed = undefined;
    },
  };
}

function emptyHeap(): IndexedHeap<Scheduled> {
  return createIndexedHeap((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
}
