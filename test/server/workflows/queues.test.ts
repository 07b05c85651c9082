// The workflows kept in memory: the most recently used ones, and no more than there is room for.
import { expect, it } from 'vitest';
import { createResidents } from '../../../server/workflows/queues.ts';

it('keeps what was used last, read or set', () => {
  const residents = createResidents<number>(2);
  residents.set('a', 1);
  residents.set('b', 2);
  expect(residents.get('a')).toBe(1);
  residents.set('c', 3);
  expect(['a', 'b', 'c'].map(residents.get)).toEqual([1, undefined, 3]);
  residents.set('a', 4);
  residents.set('d', 5);
  expect(['a', 'c', 'd'].map(residents.get)).toEqual([4, undefined, 5]);
});

it('forgets what is deleted, and has room for another then', () => {
  const residents = createResidents<number>(2);
  residents.set('a', 1);
  residents.set('b', 2);
  residents.delete('b');
  residents.delete('unknown');
  residents.set('c', 3);
  expect(['a', 'b', 'c'].map(residents.get)).toEqual([1, undefined, 3]);
});
