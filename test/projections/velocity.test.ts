// Velocity: rates come out right, and state restored from pages, with redelivery, is byte-equal to a plain fold (P8).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { STEP_MS, unitsPerDayAtStart } from '../../domain/signals/decay.ts';
import type { Page } from '../../projections/projection.ts';
import { createVelocity } from '../../projections/velocity.ts';
import { arbitraryCommands, historyOf, recorded } from '../support/stock-history.ts';

function sortedBytes(pages: Iterable<Page>): string[] {
  return Array.from(pages, ({ key, bytes }) => `${key} ${Buffer.from(bytes).toString('hex')}`).sort();
}

const sale = (n: number, at: number, occurredAt = at): RecordedEvent => ({
  id: `${n}`,
  type: 'UnitsSold',
  data: { v: 1, quantity: 2, occurredAt, recordedAt: at, channel: 'web' },
  metadata: {},
  stream: 'stock-A~store-1',
  revision: n,
  position: BigInt(n),
});

describe('velocity', () => {
  it.each([0, 1])('of a steady rate is that rate, for half-life %i', (halfLife) => {
    const velocity = createVelocity();
    for (let n = 0; n < 9_000; n++) velocity.apply(sale(n, n * STEP_MS));
    const units = velocity.table.unitsAtStart(0, halfLife, velocity.step);
    expect(unitsPerDayAtStart(units, halfLife)).toBeCloseTo(2 * 288, 1);
  });

  it('given a late fact, weighs it as if it had come in time', () => {
    const [late, inTime] = [createVelocity(), createVelocity()];
    late.apply(sale(0, 24 * STEP_MS, 0));
    inTime.apply(sale(0, 0));
    expect(late.table.units(0, 0, 24)).toBeCloseTo(inTime.table.units(0, 0, 24), 6);
    expect(late.table.units(0, 0, 24)).toBeCloseTo(0.5, 6);
  });

  it('keeps thousands of stocks and sellers apart, also restored from its pages', () => {
    const velocity = createVelocity();
    const units = new Map<string, number>();
    for (let n = 0; n < 12_000; n++) {
      const [sku, location, channel] = [
        `S${(n * 7) % 1_900}`,
        `store-${n % 3}`,
        ['web', 'market', undefined][(n >> 4) % 3],
      ];
      const event = sale(n, 24 * STEP_MS);
      velocity.apply({ ...event, stream: `stock-${sku}~${location}`, data: { ...event.data, channel } });
      const key = `${sku} ${location} ${channel ?? ''}`;
      units.set(key, (units.get(key) ?? 0) + 2);
    }
    const restored = createVelocity();
    restored.restore([...velocity.takeChangedPages()]);
    for (const { table, step } of [velocity, restored]) {
      const found = new Map<string, number>();
      for (let sku = 0; sku < table.skus.size; sku++) {
        for (const row of table.rowsOfSku(sku)) {
          const { columns } = table;
          const location = table.locations.name(columns.location[row]!);
          const key = `${table.skus.name(sku)} ${location} ${table.sellers.name(columns.seller[row]!)}`;
          found.set(key, table.units(row, 0, step));
          const stock = table.stockNamed(`${table.skus.name(sku)}~${location}`, 0);
          expect(table.find(stock, columns.seller[row]!)).toBe(row);
          expect([...table.rowsOfStock(stock)]).toContain(row);
        }
      }
      expect(found).toEqual(units);
    }
  });

  it('P8: restored from its pages, with each event twice, equals a plain fold', () => {
    fc.assert(
      fc.property(arbitraryCommands({ minLength: 2, maxLength: 80 }), fc.nat(80), (commands, cut) => {
        const events = recorded(historyOf(commands));
        const straight = createVelocity();
        for (const event of events) straight.apply(event);
        const pages = new Map<string, Page>();
        const first = createVelocity();
        for (const event of events.slice(0, cut)) first.apply(event);
        for (const page of first.takeChangedPages()) pages.set(page.key, page);
        const second = createVelocity();
        if (pages.size > 0) second.restore([...pages.values()].toReversed());
        for (const event of events.slice(pages.size > 0 ? Math.max(0, cut - 5) : 0)) {
          second.apply(event);
          second.apply(event);
        }
        for (const page of second.takeChangedPages()) pages.set(page.key, page);
        expect(sortedBytes(pages.values())).toEqual(sortedBytes(straight.takeChangedPages()));
      }),
    );
  });
});
