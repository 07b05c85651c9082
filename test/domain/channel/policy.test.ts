// The policy document: what is refused before it can decide anything, and what a compiled one answers.
import { describe, expect, it } from 'vitest';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import { DAY, MINUTE } from '../../../domain/time.ts';

const quota = { sku: 'A', location: 'store-1', units: 5 };
const good: PolicyDocumentJson = {
  version: '7',
  locations: [{ id: 'store-1', safetyStock: 2 }, { id: 'store-2' }],
  channels: [
    { id: 'app', locations: ['store-1'], quotas: [quota] },
    { id: 'market', locations: ['store-1', 'store-2'], quotas: [{ ...quota, units: 3 }] },
  ],
  safetyStock: [
    { sku: 'A', units: 9 },
    { sku: 'A', location: 'store-2', units: 4 },
  ],
};
const channel = good.channels![0]!;

describe('a policy document', () => {
  // Seen failing: quotas and safety stock without the check for two entries of one stock.
  it.each<readonly [string, Partial<PolicyDocumentJson>, readonly (string | number)[]]>([
    ['a location twice', { locations: [{ id: 'store-1' }, { id: 'store-2' }, { id: 'store-1' }] }, ['locations', 2]],
    ['a channel twice', { channels: [channel, channel] }, ['channels', 1]],
    ['an unknown location', { channels: [{ id: 'app', locations: ['dc'] }] }, ['channels', 0, 'locations', 0]],
    [
      'a location twice in a pool',
      { channels: [{ id: 'app', locations: ['store-1', 'store-1'] }] },
      ['channels', 0, 'locations', 1],
    ],
    [
      'a quota outside the pool',
      { channels: [{ ...channel, quotas: [{ ...quota, location: 'store-2' }] }] },
      ['channels', 0, 'quotas', 0, 'location'],
    ],
    ['two quotas of one stock', { channels: [{ ...channel, quotas: [quota, quota] }] }, ['channels', 0, 'quotas', 1]],
    [
      'two safety stocks of one SKU',
      {
        safetyStock: [
          { sku: 'A', units: 1 },
          { sku: 'A', units: 2 },
        ],
      },
      ['safetyStock', 1],
    ],
    [
      'safety stock at an unknown location',
      { safetyStock: [{ sku: 'A', location: 'dc', units: 1 }] },
      ['safetyStock', 0, 'location'],
    ],
  ])('with %s is refused, naming the place', (_, change, path) => {
    expect(PolicyDocument.safeParse({ ...good, ...change }).error?.issues).toMatchObject([{ path }]);
    expect(PolicyDocument.safeParse(good).success).toBe(true);
  });
});

describe('a compiled policy', () => {
  const policy = compilePolicy(PolicyDocument.parse(good));

  it('takes the narrowest safety stock', () => {
    expect(policy.safetyStock('A', 'store-2')).toBe(4);
    expect(policy.safetyStock('A', 'store-1')).toBe(9);
    expect(policy.safetyStock('B', 'store-1')).toBe(2);
    expect(policy.safetyStock('B', 'store-2')).toBe(0);
  });

  it('values an oversold unit as a part of the most that one costs', () => {
    expect(policy.valuePart('A')).toBe(1);
    const unitValues = { default: 5, skus: [{ sku: 'A', value: 20 }] };
    const valued = compilePolicy(PolicyDocument.parse({ ...good, unitValues }));
    expect([valued.valuePart('A'), valued.valuePart('B')]).toEqual([1, 0.25]);
  });

  it('gives quotas in the order of the channels', () => {
    expect(policy.quotas('A', 'store-1')).toEqual([
      { channel: 'app', quantity: 5 },
      { channel: 'market', quantity: 3 },
    ]);
    expect(policy.quotas('A', 'store-2')).toEqual([]);
  });

  it('knows who sells from where', () => {
    expect(policy.channelsAt('store-2').map(({ id }) => id)).toEqual(['market']);
    expect(policy.knowsLocation('dc')).toBe(false);
  });

  it('remembers for the window and the skew', () => {
    expect(policy.memoryMs).toBe(45 * DAY + 10 * MINUTE);
    expect(policy.stockPolicy('B', 'store-1')).toEqual({
      safetyStock: 2,
      quotas: [],
      windowMs: 45 * DAY,
      clockSkewMsMax: 10 * MINUTE,
    });
  });
});
