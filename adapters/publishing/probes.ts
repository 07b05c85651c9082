// In an outage a channel gets one call every 30 s at most, whatever it is asked by: its ways in share the probes. The one that
// has waited longest for its turn comes first, so a way in that stays closed keeps none of the others from finding theirs open.
import { SECOND } from '../../domain/time.ts';
import type { Moment } from './timers.ts';

export const PROBE_EVERY_MS = 30 * SECOND;
/** So much later those may probe that have probed since the others did. */
const TURN_MS = SECOND;

export interface Probes {
  /** A way in is closed. */
  join(way: object): void;
  leave(way: object): void;
  /** It is probed. */
  started(way: object, now: Moment): void;
  /** When it may be probed, as far as the others are concerned. */
  nextAt(way: object): Moment;
}

export function createProbes(): Probes {
  const probedAt = new Map<object, Moment>();
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    join(way) {
      if (!probedAt.has(way)) probedAt.set(way, Number.NEGATIVE_INFINITY);
    },
    leave: (way) => void probedAt.delete(way),
    started(way, now) {
      probedAt.set(way, now);
      lastAt = now;
    },
    nextAt(way) {
      const own = probedAt.get(way) ?? Number.NEGATIVE_INFINITY;
      let before = 0;
      for (const at of probedAt.values()) if (at < own) before += 1;
      return lastAt + PROBE_EVERY_MS + before * TURN_MS;
    },
  };
}
