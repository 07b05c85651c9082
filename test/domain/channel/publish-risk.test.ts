// The risk of telling a channel late: worked examples, its order in what it is made from, and its bounds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AtStake, publishRisk } from '../../../domain/channel/publish-risk.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/time.ts';

const atStake = (fields: Partial<AtStake>): AtStake => ({
  ...{ soldPerDay: 24, there: 0, shown: 5, withinMs: HOUR, valuePart: 1 },
  ...fields,
});

// Seen failing with `there` left out (P(N > 0)), with the value left out, with the sign of the logarithm turned, and with
// probability 1 for all demand beyond EXPECTED_MAX.
describe('the risk of an update', () => {
  // 1 - ppois(there, 24 × withinMs / DAY)
  it.each([
    { there: 0, withinMs: HOUR, probability: 0.6321205588 },
    { there: 2, withinMs: HOUR, probability: 0.0803013971 },
    { there: 0, withinMs: 2 * MINUTE, probability: 0.0327838995 },
    { there: 3, withinMs: 4 * HOUR, probability: 0.5665298796 },
  ])('with $there units there and $withinMs ms is an oversell with $probability', (fields) => {
    expect(publishRisk(atStake(fields)).oversellProbability).toBeCloseTo(fields.probability, 9);
  });

  it('is none where the channel shows no more than there is, or sells nothing', () => {
    const none = { oversellProbability: 0, risk: 0 };
    expect(publishRisk(atStake({ shown: 5, there: 5 }))).toEqual(none);
    expect(publishRisk(atStake({ soldPerDay: 0 }))).toEqual(none);
    expect(publishRisk(atStake({ shown: 6, there: 5 })).risk).toBeGreaterThan(0);
    // What it shows is not known: it may be more than there is.
    expect(publishRisk(atStake({ shown: undefined, there: 5 })).risk).toBeGreaterThan(0);
  });

  it('counts each factor of ten in value the same, and is 1 for the worst of all', () => {
    const certain = { soldPerDay: 1e6 };
    for (const [valuePart, risk] of [
      [1, 1],
      [0.1, 8 / 9],
      [0.001, 6 / 9],
      [1e-9, 0],
      [1e-12, 0],
    ] as const)
      expect(publishRisk(atStake({ ...certain, valuePart })).risk).toBeCloseTo(risk, 9);
  });

  // Seen failing with the risk not kept in its bounds.
  it('lies in 0 … 1, never falls with demand, time and value, never rises with what is there', () => {
    const stake = fc.record({
      soldPerDay: fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true })),
      there: fc.oneof(fc.nat(20), fc.nat(1_000_000)),
      shown: fc.option(fc.nat(2_000_000), { nil: undefined }),
      withinMs: fc.integer({ min: 1, max: DAY }),
      valuePart: fc.double({ min: 1e-12, max: 1, noNaN: true }),
    });
    const ROUNDING = 1e-9;
    fc.assert(
      fc.property(stake, stake, (one, other) => {
        const { risk, oversellProbability } = publishRisk(one);
        expect(risk).toBeGreaterThanOrEqual(0);
        expect(risk).toBeLessThanOrEqual(1);
        expect(oversellProbability).toBeLessThanOrEqual(1);
        const more = publishRisk({
          ...one,
          soldPerDay: Math.max(one.soldPerDay, other.soldPerDay),
          withinMs: Math.max(one.withinMs, other.withinMs),
          valuePart: Math.max(one.valuePart, other.valuePart),
          there: Math.min(one.there, other.there),
        });
        // Beyond ten thousand expected units the tail is taken in steps: it is right to about one in a hundred of them.
        const isFine = Math.max(one.soldPerDay, other.soldPerDay) <= 10_000;
        if (isFine) expect(more.risk).toBeGreaterThanOrEqual(risk - ROUNDING);
      }),
      { numRuns: 500 },
    );
  });

  it('is right also for demand beyond any real one, in little time', () => {
    const many = atStake({ soldPerDay: 1e9, withinMs: DAY, shown: undefined });
    expect(publishRisk({ ...many, there: 0.9e9 }).oversellProbability).toBeCloseTo(1, 6);
    expect(publishRisk({ ...many, there: 1.1e9 }).oversellProbability).toBeCloseTo(0, 6);
  });
});
