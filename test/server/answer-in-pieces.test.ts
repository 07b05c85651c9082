// The verdicts of many lines as a stream: what is read, what is left to others, and what happens when nobody reads on.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { answerInPieces } from '../../server/routes/intake/answer-in-pieces.ts';

// Seen failing: without the wait.
it('leaves others the share of the time that is theirs', async () => {
  const times: { begun: number; done: number }[] = [];
  const judge = async (from: number) => {
    const begun = performance.now();
    await sleep(30);
    times.push({ begun, done: performance.now() });
    return `${from}\n`;
  };
  const stream = answerInPieces({ count: 6, size: 2, share: 0.25, judge, last: async () => 'end\n', leave: () => {} });
  expect(await new Response(stream).text()).toBe('0\n2\n4\nend\n');
  for (const [n, { begun }] of times.entries()) {
    if (n === 0) continue;
    const before = times[n - 1]!;
    // A timer may be a millisecond early.
    expect(begun - before.done).toBeGreaterThan(3 * (before.done - before.begun) - 2);
  }
});

it('judges no further when nobody reads on', async () => {
  let judged = 0;
  let left = 0;
  const judge = async () => {
    judged += 1;
    return 'x'.repeat(1_000);
  };
  const stream = answerInPieces({ count: 1_000, size: 1, judge, leave: () => (left += 1) });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await sleep(20);
  expect(judged).toBeLessThan(5);
  expect(left).toBe(1);
});
