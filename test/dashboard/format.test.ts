// How figures are written.
import { describe, expect, it } from 'vitest';
import {
  ago,
  count,
  duration,
  instant,
  localInput,
  plural,
  rate,
  short,
  spoken,
} from '../../server/dashboard/browser/format.ts';

describe('figures', () => {
  it.each([
    [0, '0 ms'],
    [339.6, '340 ms'],
    [1_000, '1.0 s'],
    [9_940, '9.9 s'],
    [42_400, '42 s'],
    [59_960, '60 s'],
    [60_000, '1 min'],
    [312_000, '5 min 12 s'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 5 min'],
    [40_000_000, '11 h'],
    [187_200_000, '2 d 4 h'],
    [undefined, '–'],
  ])('a duration of %s ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('are short where there is little room, and exact elsewhere', () => {
    expect([count(1_234_567), short(9_999), short(12_340), count(undefined)]).toEqual([
      '1,234,567',
      '9,999',
      '12.3K',
      '–',
    ]);
    expect([rate(6), rate(0.4), rate(12_000), rate(Number.POSITIVE_INFINITY)]).toEqual([
      '6 / s',
      '0.4 / s',
      '12K / s',
      '–',
    ]);
    expect([plural(1, 'case'), plural(2, 'case'), plural(2, 'entry', 'entries')]).toEqual([
      '1 case',
      '2 cases',
      '2 entries',
    ]);
  });

  it('ages are of whole seconds, and the day is told when it is another', () => {
    const now = new Date(2026, 10, 23, 12, 0, 0).getTime();
    expect([ago(undefined, now), ago(now - 500, now), ago(now - 62_900, now)]).toEqual([
      'never',
      'just now',
      '1 min 2 s ago',
    ]);
    expect(instant(now - 1_000, now)).toBe('11:59:59');
    expect(instant(now - 86_400_000, now)).toBe('22 Nov 2026, 12:00:00');
  });

  it('words of the API are spoken', () => {
    expect([spoken('partlyFulfilled'), spoken('UnitsReturned'), spoken('held')]).toEqual([
      'partly fulfilled',
      'units returned',
      'held',
    ]);
  });

  it('a time for a field is local, and none is empty', () => {
    const noon = new Date(2026, 10, 23, 12, 0, 5);
    expect([localInput(noon.toISOString()), localInput(null), localInput('soon')]).toEqual([
      '2026-11-23T12:00:05',
      '',
      '',
    ]);
  });
});
