// Holds by the minute in which they expire, in no order within it and without an entry of their own: of a hundred thousand
// that wait for hours, most are used up or released before anybody has to look at them.
import { createIndexedHeap, type IndexedHeap, type Placed } from '../../domain/indexed-heap.ts';
import { type Instant, MINUTE, minuteOf } from '../../domain/time.ts';
import type { OpenHold } from '../../projections/open-holds.ts';

export interface Minutes {
  /** Holds that wait, of which some may be open no more. */
  readonly size: number;
  /** When the first minute with holds begins. */
  firstAt(): Instant | undefined;
  /** False: its minute has come already. */
  add(hold: OpenHold): boolean;
  /** The holds of all minutes that have come by `now`: they wait no more. */
  come(now: Instant): Iterable<OpenHold>;
  /** Forgets those that are open no more. */
  tidy(): void;
}

interface Minute extends Placed {
  /** Since 1970. */
  readonly number: number;
  holds: OpenHold[];
}

export function createMinutes(): Minutes {
  let minutes = new Map<number, Minute>();
  let order = emptyHeap();
  let lastCome = Number.NEGATIVE_INFINITY;
  let size = 0;

  const open = (number: number, holds: OpenHold[]) => {
    const minute = { number, holds, place: -1 };
    minutes.set(number, minute);
    order.add(minute);
    size += holds.length;
  };
  return {
    get size() {
      return size;
    },
    firstAt() {
      const first = order.first();
      return first === undefined ? undefined : first.number * MINUTE;
    },
    add(hold) {
      const number = hold.expiryMinute;
      if (number <= lastCome) return false;
      const minute = minutes.get(number);
      if (minute === undefined) open(number, [hold]);
      else {
        minute.holds.push(hold);
        size += 1;
      }
      return true;
    },
    *come(now) {
      lastCome = Math.max(lastCome, minuteOf(now));
      for (let first = order.first(); first !== undefined && first.number <= lastCome; first = order.first()) {
        order.remove(first);
        minutes.delete(first.number);
        size -= first.holds.length;
        yield* first.holds;
      }
    },
    tidy() {
      const before = minutes.values();
      minutes = new Map();
      order = emptyHeap();
      size = 0;
      for (const { number, holds } of before) {
        const left = holds.filter(({ held }) => held > 0);
        if (left.length > 0) open(number, left);
      }
    },
  };
}

function emptyHeap(): IndexedHeap<Minute> {
  return createIndexedHeap((a, b) => a.number < b.number);
}
