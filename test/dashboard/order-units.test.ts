// The units of an order as its page counts them, from what the API answers.
import { describe, expect, it } from 'vitest';
import { committedUnits, type Order, unitsBySku } from '../../server/dashboard/browser/pages/orders/units.ts';

const order = (changes: Partial<Order>): Order => ({
  ...{ id: 'o', status: 'confirmed', kind: 'request', channel: 'webshop', lines: [], flow: { type: 'ship' } },
  ...{
    placedAt: '2026-11-23T10:00:00Z',
    reservations: [],
    short: [],
    cancelled: [],
    returned: [],
    owed: 0,
    revision: 0,
  },
  ...changes,
});
const reservation = (
  sku: string,
  location: string,
  quantity: number,
  fulfilled: number,
  state: 'committed' | 'done',
) => ({
  ...{ reservationId: `${sku}:${location}:${quantity}:${state}`, sku, location, quantity, fulfilled, state },
});

describe('units of an order', () => {
  it('are counted by SKU over all lines, and ordered = fulfilled + cancelled + open', () => {
    const bundle = { sku: 'SET', quantity: 1, version: '1', line: 1 };
    const lines = [
      { sku: 'A', quantity: 3 },
      { sku: 'A', quantity: 2, bundle },
      { sku: 'B', quantity: 1, bundle },
    ];
    const reservations = [reservation('A', 'x', 3, 1, 'committed'), reservation('A', 'y', 1, 1, 'done')];
    const [a, b] = unitsBySku(order({ lines, reservations, cancelled: [{ sku: 'A', quantity: 1 }] }));
    expect(a).toMatchObject({ ordered: 5, reserved: 2, fulfilled: 2, cancelled: 1, open: 2, bundles: ['SET'] });
    expect(b).toMatchObject({ ordered: 1, reserved: 0, fulfilled: 0, open: 1 });
  });

  it('of an order that was refused or has expired are not open any more', () => {
    for (const status of ['refused', 'expired'] as const) {
      expect(unitsBySku(order({ status, lines: [{ sku: 'A', quantity: 2 }] }))[0]).toMatchObject({
        ordered: 2,
        open: 0,
      });
    }
  });

  it('that may leave are those committed, together where two reservations are of one stock', () => {
    const reservations = [
      ...[reservation('A', 'x', 3, 1, 'committed'), reservation('A', 'x', 4, 0, 'committed')],
      ...[reservation('A', 'y', 2, 2, 'done'), { ...reservation('B', 'x', 1, 0, 'done'), state: 'held' as const }],
    ];
    expect(committedUnits(order({ reservations }))).toEqual([{ sku: 'A', location: 'x', units: 6 }]);
  });
});
