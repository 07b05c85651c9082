// Since when a channel has shown a wrong figure, and when what made it wrong had happened: the first change that the
// channel was not told counts, however many follow. Passed on as it is, so whoever watches can tell one from another.
import type { Instant } from '../../domain/time.ts';
import type { Moment, Timers } from './timers.ts';

/** The event that changed the figure. */
export interface Origin {
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
}

export interface Since {
  readonly at: Moment;
  /** Undefined: no event did, but a new policy, a restart, or people who wanted it told again. */
  readonly origin?: Origin | undefined;
}

interface Room {
  readonly timers: Timers;
  /** Of the event that is being folded now, if one is. */
  readonly observe: { origin?(): Origin | undefined };
}

export function sinceNow({ timers, observe }: Room): Since {
  return { at: timers.now(), origin: observe.origin?.() };
}

export function oldestOf(waiting: Iterable<Since>): Moment | undefined {
  let oldest: Moment | undefined;
  for (const { at } of waiting) if (oldest === undefined || at < oldest) oldest = at;
  return oldest;
}
