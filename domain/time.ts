// Time as the domain sees it. The domain never reads a clock: instants come in with commands and
// decision contexts, so a whole retailer can be replayed or simulated from a seed.

/** Milliseconds since 1970-01-01T00:00:00Z, an integer. Event time and log time both use it. */
export type Instant = number;

/** The only source of "now" outside the domain. Injected everywhere (see `systemClock` in adapters). */
export interface Clock {
  now(): Instant;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
