// Fault row 13: the wall clock is believed as far as a clock that never goes back agrees with it.
// Seen failing: without the confirmation starting anew when the clock jumps again, and with the later of the two times.
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../domain/time.ts';
import { createTrustedClock } from '../../server/trusted-clock.ts';

const NOON = Date.UTC(2026, 10, 23, 12);

function clocks() {
  const doubts: (number | undefined)[] = [];
  const at = { wall: NOON, monotonic: 5_000.5 };
  const clock = createTrustedClock({
    wall: { now: () => at.wall },
    monotonic: () => at.monotonic,
    confirmMs: 10 * MINUTE,
    onDoubt: (offMs) => void doubts.push(offMs),
  });
  /** Time passes, and somebody looks every half second. */
  const pass = (ms: number, wallRate = 1) => {
    for (let passed = 0; passed < ms; passed += 500) {
      at.monotonic += 500;
      at.wall += 500 * wallRate;
      clock.now();
    }
  };
  return { at, clock, doubts, pass };
}

describe('a trusted clock', () => {
  it('is the wall clock while both agree, also as it drifts', () => {
    const { at, clock, doubts, pass } = clocks();
    pass(6 * HOUR, 1.000_5);
    expect(clock.now()).toBe(at.wall);
    expect([doubts, clock.state()]).toMatchObject([[], { trusted: true, sinceMs: 0 }]);
  });

  it('goes on from before a jump of a day, until the jump has stayed for ten minutes', () => {
    const { at, clock, doubts, pass } = clocks();
    at.wall += DAY;
    expect(clock.now()).toBe(NOON);
    pass(10 * MINUTE - SECOND);
    expect(clock.now()).toBe(NOON + 10 * MINUTE - SECOND);
    expect(clock.state()).toEqual({ trusted: false, offMs: DAY, sinceMs: 10 * MINUTE - SECOND });
    pass(2 * SECOND);
    expect(clock.now()).toBe(at.wall);
    expect(doubts).toEqual([DAY, undefined]);
  });

  it('believes a jump at once when somebody confirms it', () => {
    const { at, clock, doubts } = clocks();
    at.wall += DAY;
    clock.now();
    clock.confirm();
    expect([clock.now(), doubts]).toEqual([NOON + DAY, [DAY, undefined]]);
  });

  it('forgets a jump that is taken back', () => {
    const { at, clock, doubts, pass } = clocks();
    at.wall += DAY;
    pass(5 * MINUTE);
    at.wall -= DAY;
    pass(SECOND);
    at.wall += DAY;
    pass(6 * MINUTE);
    expect(clock.now()).toBe(at.wall - DAY);
    expect(doubts).toEqual([DAY, undefined, DAY]);
  });

  it('waits anew when the clock jumps again', () => {
    const { at, clock, pass } = clocks();
    at.wall += HOUR;
    pass(9 * MINUTE);
    at.wall += DAY;
    pass(9 * MINUTE);
    expect(clock.now()).toBe(NOON + 18 * MINUTE);
  });

  it('is never later than a wall clock set back, and goes on as before when it returns', () => {
    const { at, clock, doubts, pass } = clocks();
    at.wall -= HOUR;
    pass(5 * MINUTE);
    expect(clock.now()).toBe(NOON - HOUR + 5 * MINUTE);
    at.wall += HOUR;
    expect(clock.now()).toBe(NOON + 5 * MINUTE);
    expect(doubts).toEqual([-HOUR, undefined]);
  });

  it('stands still with a wall clock that does, for hours, and goes on with it', () => {
    const { at, clock, pass } = clocks();
    pass(3 * HOUR, 0);
    expect(clock.now()).toBe(NOON);
    expect(clock.state().trusted).toBe(false);
    at.wall += 3 * HOUR;
    expect(clock.now()).toBe(NOON + 3 * HOUR);
    expect(clock.state().trusted).toBe(true);
  });
});
