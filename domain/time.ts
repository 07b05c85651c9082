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

/**
 * Minutes since 1970. With `msInMinute` an instant in two numbers below 2^31, which V8 keeps in the object that has them: a
 * larger one is an object of its own on the heap, and there is one for each open order and hold.
 */
export function minuteOf(at: Instant): number {
  return Math.floor(at / MINUTE);
}

export function msInMinute(at: Instant): number {
  // As an integer from the start: what a subtraction of large numbers gives stays an object, however small it is.
  return (at - minuteOf(at) * MINUTE) | 0;
}

export function instantOf(minute: number, ms: number): Instant {
  return minute * MINUTE + ms;
}
