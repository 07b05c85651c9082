// What is known of a bundle at its channel comes from its components: what it sold, and what its figure was.
import { describe, expect, it } from 'vitest';
import type { StockEvent } from '../../../domain/stock/events.ts';
import { figuresOfBundle, unitsSoldOf } from '../../../server/reconciliation/bundle-side.ts';

const bundle = {
  sku: 'KIT',
  version: '1',
  components: [
    { sku: 'A', quantity: 2 },
    { sku: 'B', quantity: 1 },
  ],
};
const sold = (commandId: string, quantity: number) =>
  ({ type: 'UnitsSold', commandId, quantity }) as StockEvent & { quantity: number };

describe('a bundle at its channel', () => {
  it('was sold by the commands of the bundle, its component by all others', () => {
    expect(unitsSoldOf('KIT', bundle)(sold('bundle KIT web:7', 6))).toBe(3);
    expect(unitsSoldOf('KIT', bundle)(sold('web:7', 6))).toBe(0);
    expect(unitsSoldOf('KIT', bundle)(sold('bundle KIT-2 web:7', 6))).toBe(0);
    expect(unitsSoldOf('A', undefined)(sold('bundle KIT web:7', 6))).toBe(0);
    expect(unitsSoldOf('A', undefined)(sold('web:7', 6))).toBe(6);
  });

  it('had the figure that its components made, from when all are known', () => {
    const at = (units: number, when: number) => ({ units, at: when, event: `e${when}` });
    const components = new Map([
      ['A', [at(9, 1), at(5, 4)]],
      ['B', [at(7, 2), at(6, 3), at(1, 5)]],
    ]);
    expect(figuresOfBundle(bundle, components)).toEqual([at(4, 2), at(2, 4), at(1, 5)]);
  });
});
