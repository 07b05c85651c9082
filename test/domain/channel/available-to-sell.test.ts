// Available-to-sell: the formula by example (R2) and what holds for every figure and every quota (P6).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availableToSell, contribution } from '../../../domain/channel/available-to-sell.ts';
import { type Quota, unusedQuotasOfOthers } from '../../../domain/channel/quota.ts';
import { NO_LEVELS } from '../../../domain/stock/levels.ts';

const nobody = () => 0;
const terms = { on: true, percentage: 100, buffer: 0 };

describe('the part of a location', () => {
  const levels = { ...NO_LEVELS, onHand: 20, reserved: 4, quarantined: 1, inTransitIn: 50, inTransitOut: 7 };
  it('is what is available above safety stock; what is under way does not count', () => {
    expect(contribution(levels, 0, [], nobody, 'app')).toBe(15);
    expect(contribution(levels, 5, [], nobody, 'app')).toBe(10);
  });
  it('of an oversold location, or one below its safety stock, is 0', () => {
    expect(contribution({ ...levels, onHand: 2 }, 0, [], nobody, 'app')).toBe(0);
    expect(contribution(levels, 99, [], nobody, 'app')).toBe(0);
  });
  it('leaves the unused quotas of other channels, not its own', () => {
    const quotas = [
      { channel: 'app', quantity: 6 },
      { channel: 'market', quantity: 4 },
    ];
    const reservedBy = (channel: string) => (channel === 'market' ? 3 : 0);
    expect(contribution(levels, 0, quotas, reservedBy, 'webshop')).toBe(15 - 6 - 1);
    expect(contribution(levels, 0, quotas, reservedBy, 'app')).toBe(15 - 1);
    expect(contribution(levels, 0, quotas, reservedBy, 'market')).toBe(15 - 6);
  });
});

describe('available-to-sell', () => {
  it.each([
    [10, terms, 10],
    [10, { ...terms, on: false }, 0],
    [10, { ...terms, buffer: 3 }, 7],
    [10, { ...terms, buffer: 30 }, 0],
    [10, { ...terms, cap: 4 }, 4],
    [10, { ...terms, cap: 0 }, 0],
    [7, { ...terms, percentage: 50 }, 3],
    [7, { ...terms, percentage: 50, buffer: 1, cap: 9 }, 2],
    [29, { ...terms, percentage: 0 }, 0],
    [0, terms, 0],
  ])('of %i units under %o is %i', (units, under, expected) => expect(availableToSell(units, under)).toBe(expected));

  // Seen failing: Math.round for Math.floor; the buffer taken after the cap; without Math.max(0, …).
  it('is a whole number from 0 to the cap, the share and the pool', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000_000),
        fc.record({
          on: fc.boolean(),
          percentage: fc.nat(100),
          buffer: fc.nat(50),
          cap: fc.option(fc.nat(1_000), { nil: undefined }),
        }),
        (units, under) => {
          const shown = availableToSell(units, under);
          expect(Number.isInteger(shown) && shown >= 0).toBe(true);
          expect(shown * 100).toBeLessThanOrEqual(Math.max(0, units * under.percentage - under.buffer * 100));
          expect(shown).toBeLessThanOrEqual(under.cap ?? units);
          if (!under.on) expect(shown).toBe(0);
          // Not less than the formula either: one unit more would break a bound.
          const bounds = [units * under.percentage - under.buffer * 100, (under.cap ?? units) * 100];
          if (under.on && shown > 0) expect((shown + 1) * 100).toBeGreaterThan(Math.min(...bounds));
        },
      ),
    );
  });
});

describe('P6: exclusive quotas', () => {
  const CHANNELS = ['app', 'market', 'webshop', 'kiosk'];
  const quotas: fc.Arbitrary<readonly Quota[]> = fc
    .shuffledSubarray(CHANNELS)
    .chain((some) =>
      fc.tuple(...some.map((channel) => fc.record({ channel: fc.constant(channel), quantity: fc.nat(20) }))),
    );
  const reserved = fc.array(fc.nat(15), { minLength: 4, maxLength: 4 });

  // Seen failing: `left` not reduced; a quota not reduced by what its channel reserved; `max(0, …)` left out.
  it('together never keep more than the pool, and each channel keeps its own unused part while there is enough', () => {
    fc.assert(
      fc.property(fc.nat(60), quotas, reserved, (pool, some, units) => {
        const reservedBy = (channel: string) => units[CHANNELS.indexOf(channel)]!;
        const all = unusedQuotasOfOthers(pool, some, reservedBy, undefined);
        const unused = some.map(({ channel, quantity }) => Math.max(0, quantity - reservedBy(channel)));
        expect(all).toBe(
          Math.min(
            pool,
            unused.reduce((sum, n) => sum + n, 0),
          ),
        );
        const kept = CHANNELS.map((channel) => all - unusedQuotasOfOthers(pool, some, reservedBy, channel));
        expect(kept.reduce((sum, n) => sum + n, 0)).toBe(all);
        some.forEach(({ channel }, n) => {
          const before = unused.slice(0, n).reduce((sum, u) => sum + u, 0);
          expect(kept[CHANNELS.indexOf(channel)]).toBe(Math.max(0, Math.min(unused[n]!, pool - before)));
        });
        for (const channel of CHANNELS) {
          const levels = { ...NO_LEVELS, onHand: pool };
          const part = contribution(levels, 0, some, reservedBy, channel);
          expect(part).toBe(pool - all + kept[CHANNELS.indexOf(channel)]!);
          expect(part).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
