// ERPs in the policy: what is refused with its place, and when a maintenance window is open.
import { describe, expect, it } from 'vitest';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import { leftOfWindow, MaintenanceWindow } from '../../../domain/erp/window.ts';
import { HOUR, MINUTE } from '../../../domain/time.ts';

const erp = { id: 'books', type: 'tryton', url: 'http://erp.example', secretEnv: 'ERP' };
const document = (erps: unknown) =>
  PolicyDocument.safeParse({ version: '1', locations: [{ id: 'store-1' }], erps }).error?.issues[0]?.path;

describe('ERPs of a policy', () => {
  it.each<readonly [string, readonly unknown[], readonly (string | number)[] | undefined]>([
    ['one', [erp], undefined],
    ['one twice', [erp, erp], ['erps', 1]],
    ['an unknown location', [{ ...erp, locations: ['dc'] }], ['erps', 0, 'locations', 0]],
    ['an unknown kind', [{ ...erp, movements: ['gift'] }], ['erps', 0, 'movements', 0]],
    ['a kind twice', [{ ...erp, movements: ['sale', 'sale'] }], ['erps', 0, 'movements', 1]],
    ['a window of no length', [{ ...erp, windows: [{ from: '01:00', to: '01:00' }] }], ['erps', 0, 'windows', 0, 'to']],
    [
      'an unknown time zone',
      [{ ...erp, windows: [{ from: '01:00', to: '02:00', timeZone: 'Mars' }] }],
      ['erps', 0, 'windows', 0, 'timeZone'],
    ],
    ['a field too many', [{ ...erp, password: 'x' }], ['erps', 0]],
  ])('%s', (_, erps, path) => {
    expect(document(erps)).toEqual(path);
  });
});

describe('a maintenance window', () => {
  const at = (text: string) => Date.parse(text);
  const nightly = [MaintenanceWindow.parse({ from: '22:30', to: '02:00', timeZone: 'Europe/Berlin', days: ['mon'] })];

  // 23 November 2026 is a Monday; Berlin is an hour ahead of UTC then.
  it.each<readonly [string, number | undefined]>([
    ['2026-11-23T21:29:59Z', undefined],
    ['2026-11-23T21:30:00Z', 3.5 * HOUR],
    ['2026-11-23T23:59:00Z', 61 * MINUTE],
    ['2026-11-24T00:59:30Z', 30_000],
    ['2026-11-24T01:00:00Z', undefined],
    ['2026-11-24T22:00:00Z', undefined],
    ['2026-11-23T00:30:00Z', undefined],
  ])('at %s has this left', (text, left) => {
    expect(leftOfWindow(nightly, at(text))).toBe(left);
  });

  it('of several counts the longest', () => {
    const two = [
      MaintenanceWindow.parse({ from: '01:00', to: '03:00' }),
      MaintenanceWindow.parse({ from: '02:00', to: '06:00' }),
    ];
    expect(leftOfWindow(two, at('2026-11-23T02:30:00Z'))).toBe(3.5 * HOUR);
  });
});
