// Who may send what where: rules found by location are the rules, whatever they cover.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { notOwnerBy, type OwnershipRule, ownershipOf } from '../../../domain/policy/ownership.ts';

const some = <T>(...values: readonly T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 }), { nil: undefined });
const pattern = fc.option(fc.constantFrom('pos', 'pos*', 'p*', 'wms', '*'), { nil: undefined });
const rule: fc.Arbitrary<Omit<OwnershipRule, 'id'>> = fc.record({
  commands: some('sale', 'count', 'reservation.make'),
  locations: some('dc', 'store-1', 'store-2'),
  channels: some('web', 'market'),
  owners: fc.array(fc.record({ client: pattern, source: pattern }), { minLength: 1, maxLength: 2 }),
});
const maybe = (...values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

// Seen failing: with the rules for all locations put before those for one (another rule was named).
it('finds the same rule by location as by looking at all of them', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 8 }),
      fc.record({ client: fc.constantFrom('pos', 'pos-7', 'wms'), source: maybe('pos', 'wms', 'till') }),
      fc.record({
        type: fc.constantFrom('sale', 'count', 'reservation.make'),
        location: maybe('dc', 'store-1', 'nowhere'),
        channel: maybe('web', 'market'),
      }),
      (unnamed, sender, act) => {
        const rules = unnamed.map((one, n) => ({ ...one, id: `r${n}` }));
        expect(ownershipOf(rules)(sender, act)).toBe(notOwnerBy(rules, sender, act));
      },
    ),
    { numRuns: 500 },
  );
});
