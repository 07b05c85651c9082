// What is at stake at a channel: what it sells itself, what its locations have, what a unit is worth; of a bundle what its
// components say.
import { describe, expect, it } from 'vitest';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { STEP_MS } from '../../domain/signals/decay.ts';
import { stakesOf } from '../../projections/stakes.ts';
import { createVelocity } from '../../projections/velocity.ts';

const policy = compilePolicy(
  PolicyDocument.parse({
    version: '1',
    locations: [{ id: 'x' }, { id: 'y' }],
    channels: [{ id: 'web', locations: ['x', 'y'] }],
    unitValues: { default: 1, skus: [{ sku: 'dear', value: 4 }] },
    bundles: [
      {
        sku: 'set',
        components: [
          { sku: 'A', quantity: 2 },
          { sku: 'B', quantity: 1 },
        ],
      },
    ],
  }),
);

function aVelocity() {
  const velocity = createVelocity();
  let n = 0;
  const sell = (step: number, sku: string, location: string, channel: string | undefined, quantity = 1) => {
    n += 1;
    const at = step * STEP_MS;
    const event: RecordedEvent = {
      ...{ id: `${n}`, type: 'UnitsSold', metadata: {}, revision: n, position: BigInt(n) },
      ...{ stream: `stock-${sku}~${location}`, data: { v: 1, quantity, occurredAt: at, recordedAt: at, channel } },
    };
    velocity.apply(event);
  };
  return { velocity, sell };
}

describe('what is at stake', () => {
  // Seen failing with all sellers taken together, with one location looked at, and with what was looked up kept for ever.
  it('is what the channel sells itself, over all locations, as of the step that runs', () => {
    const { velocity, sell } = aVelocity();
    const { soldPerDay } = stakesOf({ velocity: () => velocity, availability: { pool: () => 7 } }, () => policy);
    expect(soldPerDay('web', 'A')).toBe(0);
    for (let step = 0; step < 5_760; step++) {
      sell(step, 'A', 'x', 'web', 2);
      sell(step, 'A', 'y', 'web');
      sell(step, 'A', 'x', undefined, 9);
      sell(step, 'B', 'x', 'web');
    }
    expect(soldPerDay('web', 'A')).toBeCloseTo(3 * 288, 0);
    expect(soldPerDay('web', 'B')).toBeCloseTo(288, 0);
    expect([soldPerDay('market', 'A'), soldPerDay('web', 'nothing')]).toEqual([0, 0]);
    // A set takes two A and a B.
    expect(soldPerDay('web', 'set')).toBeCloseTo(288, 0);
    sell(5_760 + 288, 'B', 'x', 'web');
    expect(soldPerDay('web', 'A')).toBeCloseTo((3 * 288) / 2, 0);
  });

  // Seen failing with what was looked up kept over a rebuild.
  it('follows a rebuilt velocity, and says what is there and what a unit is worth', () => {
    const first = aVelocity();
    let { velocity } = first;
    const pool = (channel: string, sku: string) => (channel === 'web' && sku === 'A' ? 7 : undefined);
    const stakes = stakesOf({ velocity: () => velocity, availability: { pool } }, () => policy);
    first.sell(0, 'A', 'x', 'web');
    first.sell(1, 'A', 'x', 'web');
    const before = stakes.soldPerDay('web', 'A');
    const rebuilt = aVelocity();
    rebuilt.sell(0, 'A', 'x', 'web', 3);
    rebuilt.sell(1, 'A', 'x', 'web');
    velocity = rebuilt.velocity;
    expect(stakes.soldPerDay('web', 'A')).toBeCloseTo(3 * before, 6);
    expect([stakes.there('web', 'A'), stakes.there('web', 'B')]).toEqual([7, 0]);
    expect([stakes.valuePart('dear'), stakes.valuePart('A')]).toEqual([1, 0.25]);
  });
});
