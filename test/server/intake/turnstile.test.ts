// So many at once, the others in their order, and nothing lost when one of them fails.
import { expect, test } from 'vitest';
import { createTurnstile } from '../../../server/routes/intake/turnstile.ts';

function works() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) => () => {
    begun.push(n);
    return new Promise<number>((resolve, reject) => {
      ends[n] = () => (n === 1 ? reject(new Error('broken')) : resolve(n));
    });
  };
  return { begun, end: (n: number) => ends[n]!(), work };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('as many as may are inside, and who waits comes in the order they came, also behind one that failed', async () => {
  const { begun, end, work } = works();
  const turnstile = createTurnstile(2);
  const passing = [0, 1, 2, 3].map((n) => turnstile.pass(work(n)).catch((error: Error) => error.message));
  await settled();
  expect(begun).toEqual([0, 1]);
  end(1);
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  end(0);
  end(2);
  await settled();
  end(3);
  expect(await Promise.all(passing)).toEqual([0, 'broken', 2, 3]);
  const later = turnstile.pass(work(4));
  await settled();
  end(4);
  expect(await later).toBe(4);
});
