// Where the last call to arrive wins, a feed may be applied after values that were told since it was handed over, and put
// back an older one. What was told after it is looked at again until the feed has been seen, or cannot come any more.
import { DAY, SECOND } from '../../domain/time.ts';
import type { Moment } from './timers.ts';

/** A stuck feed may be applied as late as this. */
const LATE_MS_MAX = DAY;
const STEP_MS_MIN = 30 * SECOND;

export interface LateFeeds {
  readonly size: number;
  /** It may arrive until twice `settlesMs` later, as far as we know. */
  handedOver(sku: string, units: number | undefined, at: Moment, settlesMs: number): void;
  /** It was handed over by a process before, and nobody knows what became of it: it may arrive any time. */
  left(sku: string, units: number, at: Moment): void;
  /** Feeds are not applied in their time: all that were handed over may arrive any time. O(n). */
  stuck(): void;
  /** It was seen. */
  arrived(sku: string): void;
  /** When what the SKU shows is to be looked at again; undefined: no feed threatens it. */
  nextLook(sku: string, now: Moment): Moment | undefined;
  /** Units of the feed, where they are known. */
  units(sku: string): number | undefined;
}

export function createLateFeeds(): LateFeeds {
  const feeds = new Map<string, { readonly units: number | undefined; readonly at: Moment; until: Moment }>();
  return {
    get size() {
      return feeds.size;
    },
    handedOver: (sku, units, at, settlesMs) => void feeds.set(sku, { units, at, until: at + 2 * settlesMs }),
    left: (sku, units, at) => void feeds.set(sku, { units, at, until: at + LATE_MS_MAX }),
    stuck() {
      for (const feed of feeds.values()) feed.until = feed.at + LATE_MS_MAX;
    },
    arrived: (sku) => void feeds.delete(sku),
    nextLook(sku, now) {
      const feed = feeds.get(sku);
      if (feed === undefined) return undefined;
      if (now >= feed.until) {
        feeds.delete(sku);
        return undefined;
      }
      // The older it is, the less often: a day costs about a dozen looks.
      return Math.min(feed.until, now + Math.max(STEP_MS_MIN, now - feed.at));
    },
    units: (sku) => feeds.get(sku)?.units,
  };
}
