// How long folding goes on before others have a turn.
import { expect, test } from 'vitest';
import { liveSlices, type RunnerTime } from '../../projections/time.ts';

/** Each step takes 0.1 ms, and a turn of the event loop as long as the others need. */
function folding(turnMs: () => number) {
  let now = 0;
  const time: RunnerTime = {
    clock: { now: () => now },
    random: () => 0,
    sleep: async () => {},
    atTurnEnd(run) {
      now += turnMs();
      run();
    },
  };
  const slices = liveSlices(time);
  return async () => {
    for (let steps = 1; ; steps += 1) {
      now += 0.1;
      if (!slices.spent()) continue;
      await slices.turn();
      return steps / 10;
    }
  };
}

// Seen failing with slices of 4 ms whatever the others took: the figures fell behind as long as the overload lasted.
test('folding goes on as long as the others just took, between 4 and 50 ms', async () => {
  let others = 30;
  const slice = folding(() => others);
  expect(await slice()).toBeCloseTo(6.4);
  expect(await slice()).toBeCloseTo(32, 0);
  others = 500;
  await slice();
  expect(await slice()).toBeCloseTo(51.2);
  others = 0;
  await slice();
  expect(await slice()).toBeCloseTo(6.4);
});
