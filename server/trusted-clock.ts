// The wall clock, as far as a clock that never goes back agrees with it. All that is decided is decided by it: a wall clock
// that jumps a day ahead must not let a day's holds expire at once, nor make facts look a day late (fault row 13). Then time goes on from before the jump,
// by the other clock, until the wall clock has stayed where it jumped for `confirmMs` or somebody confirms it.
// Never later than the wall clock: a clock set back or standing still holds things up, and lets nothing expire early.
import { type Clock, type Instant, MINUTE, SECOND } from '../domain/time.ts';

export interface TrustedClock extends Clock {
  state(): ClockState;
  /** The wall clock is right as it is now: somebody looked. */
  confirm(): void;
}

export interface ClockState {
  /** The two clocks agree. */
  readonly trusted: boolean;
  /** How far the wall clock is ahead of where it should be, ms; negative: behind. */
  readonly offMs: number;
  /** How long it has stayed there, ms. */
  readonly sinceMs: number;
}

export interface TrustedClockOptions {
  readonly wall: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  /** How long a jump must stay to be believed, ms. */
  readonly confirmMs: number;
  /** The clocks ceased to agree, or (`undefined`) agree again. Must not throw. */
  readonly onDoubt?: (offMs: number | undefined) => void;
}

export const CONFIRM_MS_DEFAULT = 10 * MINUTE;
/** Clocks this close agree: NTP slews less (500 ppm), and steps only what is more than 128 ms off (RFC 5905 §11). */
const AGREE_MS = SECOND;
/** How often what the wall clock drifted is accepted: up to a second a minute, 30 times what NTP slews. */
const FOLLOW_MS = MINUTE;

export function createTrustedClock({ wall, monotonic, confirmMs, onDoubt }: TrustedClockOptions): TrustedClock {
  let anchor = { wall: wall.now(), at: monotonic() };
  let doubt: { readonly offMs: number; readonly since: number } | undefined;

  const trust = (instant: Instant, at: number) => {
    anchor = { wall: instant, at };
    if (doubt === undefined) return;
    doubt = undefined;
    onDoubt?.(undefined);
  };
  const look = () => {
    const [instant, at] = [wall.now(), monotonic()];
    const expected = Math.floor(anchor.wall + at - anchor.at);
    const offMs = instant - expected;
    if (Math.abs(offMs) <= AGREE_MS) {
      if (doubt !== undefined) trust(anchor.wall, anchor.at);
      if (at - anchor.at >= FOLLOW_MS) trust(instant, at);
      return { now: instant, offMs, at };
    }
    const isNew = doubt === undefined;
    // A clock that stands still is a little further off at every look: it never stays anywhere.
    if (doubt === undefined || Math.abs(offMs - doubt.offMs) > AGREE_MS) doubt = { offMs, since: at };
    if (isNew) onDoubt?.(offMs);
    if (at - doubt.since >= confirmMs) {
      trust(instant, at);
      return { now: instant, offMs: 0, at };
    }
    return { now: Math.min(instant, expected), offMs, at };
  };

  return {
    now: () => look().now,
    state() {
      const { offMs, at } = look();
      return { trusted: doubt === undefined, offMs, sinceMs: doubt === undefined ? 0 : at - doubt.since };
    },
    confirm: () => trust(wall.now(), monotonic()),
  };
}
