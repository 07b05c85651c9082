// Which requests a call to a channel answers for: taken once, put back when the call failed, bounded.
import { expect, it } from 'vitest';
import { createCauses } from '../../server/observe/causes.ts';

it('gives the newest first, once', () => {
  const causes = createCauses();
  causes.add('web', 'A', '1');
  causes.add('web', 'A', '2');
  causes.add('web', 'B', '3');
  causes.add('shop', 'A', '4');
  expect(causes.take('web', 'A')).toEqual(['2', '1']);
  expect(causes.take('web', 'A')).toEqual([]);
  expect(causes.take('shop', 'A')).toEqual(['4']);
});

it('takes back what a failed call had taken, as older than what came meanwhile', () => {
  const causes = createCauses();
  causes.add('web', 'A', '1');
  const taken = causes.take('web', 'A');
  causes.add('web', 'A', '2');
  causes.putBack('web', 'A', taken);
  expect(causes.take('web', 'A')).toEqual(['2', '1']);
});

it('forgets the oldest figure of the channel that has too many, and the oldest cause of a figure', () => {
  const causes = createCauses(2);
  causes.add('other', 'Z', '0');
  for (const sku of ['A', 'B', 'A', 'C']) causes.add('web', sku, `of ${sku}`);
  expect(causes.take('web', 'B')).toEqual([]);
  expect(causes.take('web', 'A')).toEqual(['of A', 'of A']);
  expect(causes.take('other', 'Z')).toEqual(['0']);
  for (let n = 0; n < 30; n++) causes.add('web', 'hot', String(n));
  expect(causes.take('web', 'hot')).toEqual(Array.from({ length: 16 }, (_, n) => String(29 - n)));
});
