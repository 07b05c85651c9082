// Turns: one piece at a time, in the order of asking, and a rest behind each as long as it took.
import { expect, test } from 'vitest';
import { createTurns } from '../../../server/tills/turns.ts';

test('pieces run one at a time in the order of asking, and half of the time is left to others', async () => {
  let now = 0;
  const rests: number[] = [];
  const turns = createTurns({ share: 1 / 2, restMsMax: 50, now: () => now, rest: async (ms) => void rests.push(ms) });
  const did: string[] = [];
  const piece = (name: string, ms: number) =>
    turns.take(async () => {
      did.push(`${name} begins`);
      await Promise.resolve();
      now += ms;
      did.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([piece('a', 10), piece('b', 400), piece('c', 4)])).toEqual(['a', 'b', 'c']);
  expect(did).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(rests).toEqual([10, 50, 4]);
});

test('a piece that fails does not stop the next', async () => {
  const turns = createTurns({ share: 1 / 2, restMsMax: 1 });
  await expect(turns.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.take(async () => 'yes')).toBe('yes');
});
