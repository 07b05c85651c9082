// Time of a day whose hours pass at different speeds.
import { describe, expect, it } from 'vitest';
import { fastTime } from './fast-time.ts';

const MINUTE = 60_000;

function timeAt(...speeds: readonly (readonly [from: number, speed: number])[]) {
  let real = 5_000;
  const time = fastTime(
    speeds.map(([from, speed]) => ({ from, speed })),
    () => real,
  );
  return { time, pass: (ms: number) => (real += ms) };
}

describe('the time of the day', () => {
  it('passes at the speed of the hour, and before the day at the first one', () => {
    const { time, pass } = timeAt([0, 60], [10, 6], [12, 60]);
    const opened = time.clock.now();
    pass(1_000);
    expect(time.clock.now() - opened).toBe(MINUTE);
    expect(time.minute()).toBe(-1);
    time.begin();
    expect(time.minute()).toBe(0);
    // Ten minutes in ten seconds, two in twenty, and then again one in each second.
    for (const [ms, minute] of [
      [10_000, 10],
      [10_000, 11],
      [10_000, 12],
      [3_000, 15],
    ] as const) {
      pass(ms);
      expect(time.minute()).toBeCloseTo(minute, 6);
    }
    expect(time.timers.now()).toBeCloseTo(16 * MINUTE, 3);
    expect(time.speedMax).toBe(60);
  });

  // Seen failing: with the speed of now for all of the wait.
  it('waits over a change of speed', async () => {
    const real = performance.now.bind(performance);
    const time = fastTime(
      [
        { from: 0, speed: 60_000 },
        { from: 1, speed: 6_000 },
      ],
      real,
    );
    time.begin();
    const begun = real();
    await new Promise<void>((resolve) => void time.timers.after(21 * MINUTE, resolve));
    // A minute in 1 ms, twenty in 200.
    expect(real() - begun).toBeGreaterThan(195);
    await time.until(22);
    expect(time.minute()).toBeGreaterThanOrEqual(22);
  });

  it('stands still while something is done that is no time of the day', async () => {
    const { time, pass } = timeAt([0, 60]);
    time.begin();
    pass(1_000);
    let end = () => {};
    const both = [
      time.standStill(() => new Promise<void>((resolve) => (end = resolve))),
      time.standStill(async () => pass(5_000)),
    ];
    expect(time.minute()).toBeCloseTo(1, 6);
    end();
    await Promise.all(both);
    pass(1_000);
    expect(time.minute()).toBeCloseTo(2, 6);
  });
});
