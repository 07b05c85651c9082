// When to look for a value that a channel has accepted. Asking before it can be there is a call for nothing, so scouts go
// ahead, early and often: twenty of each feed, and of the other way one value of twenty. The others of a feed wait until
// one of its scouts was seen; those of the other way for the time that its scouts took. Late is better than in vain: what
// waits is looked for at last when its own time is over.
import { createRecent } from './recent.ts';
import type { Sought } from './sought.ts';
import type { Moment } from './timers.ts';

export interface Looks {
  /** Does this value go ahead? Asked once of each. */
  isScout(accepted: Accepted): boolean;
  /** When to look next; Infinity: when its time is over, or when what it waits for was seen. */
  next(sought: Accepted & Pick<Sought, 'isScout'>, now: Moment): Moment;
  /** It is shown. True: the others of its feed are worth asking for from now on. */
  seen(sought: Accepted & Pick<Sought, 'isScout'>, now: Moment): boolean;
}

type Accepted = Pick<Sought, 'lane' | 'acceptedAt'>;

const LOOK_MS_MIN = 1_000;
const SCOUT_EVERY = 20;
const SCOUTS_PER_FEED = 20;
/** The usual time follows the scouts of the last thousand values. */
const SCOUTS_KEPT = 50;
/** Of a time that is in doubt, so much later each time: what scouts measure is at most a quarter too long. */
const SCOUT_STEP = 0.25;
/** Feeds that are known at the same time; more are not handed over in the day in which one may be late. */
const FEEDS_KEPT = 200;

export function createLooks(): Looks {
  const scoutsTook = createRecent(SCOUTS_KEPT);
  const feeds = new Map<number, { scouts: number; isSeen: boolean }>();
  let urgent = 0;

  const feedOf = (accepted: Accepted) => {
    const second = Math.round(accepted.acceptedAt / LOOK_MS_MIN);
    const known = [second, second - 1, second + 1].map((at) => feeds.get(at)).find((feed) => feed !== undefined);
    if (known !== undefined) return known;
    if (feeds.size >= FEEDS_KEPT) feeds.delete(feeds.keys().next().value!);
    const feed = { scouts: 0, isSeen: false };
    feeds.set(second, feed);
    return feed;
  };

  return {
    isScout(accepted) {
      if (accepted.lane === 'urgent') return urgent++ % SCOUT_EVERY === 0;
      const feed = feedOf(accepted);
      feed.scouts += 1;
      return feed.scouts <= SCOUTS_PER_FEED;
    },
    next(sought, now) {
      const { lane, acceptedAt, isScout } = sought;
      const age = now - acceptedAt;
      const usualMs = (lane === 'urgent' ? scoutsTook.percentile(0.5) : undefined) ?? LOOK_MS_MIN;
      // The next whole second, unless it is about to come.
      const soon = now + LOOK_MS_MIN / 2;
      if (isScout) return Math.max(soon, acceptedAt + usualMs / 2, now + age * SCOUT_STEP);
      if (lane === 'bulk' && !feedOf(sought).isSeen) return Number.POSITIVE_INFINITY;
      return Math.max(soon, acceptedAt + usualMs, acceptedAt + 2 * age);
    },
    seen(sought, now) {
      if (sought.lane === 'urgent') {
        if (sought.isScout) scoutsTook.add(now - sought.acceptedAt);
        return false;
      }
      const feed = feedOf(sought);
      const isFirst = !feed.isSeen;
      feed.isSeen = true;
      return isFirst;
    },
  };
}

/** Values of one feed were accepted at once; after a restart that is known to the second. */
export function isOfOneFeed(a: Accepted, b: Accepted): boolean {
  return a.lane === 'bulk' && b.lane === 'bulk' && Math.abs(a.acceptedAt - b.acceptedAt) <= LOOK_MS_MIN;
}
