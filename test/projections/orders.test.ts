// Which orders are open and which owe: what the orders themselves say, after any history; and P8 for this projection, of
// which the stocks' histories in replay.test.ts know nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RecordedEvent, START } from '../../domain/event-log.ts';
import { isOpen } from '../../domain/order/machine.ts';
import { createOrders, type Orders } from '../../projections/orders.ts';
import { placedAt } from '../../projections/orders-pages.ts';
import type { Page } from '../../projections/projection.ts';
import { arbitraryOrderHistory } from '../support/order-history.ts';

const ids = (rows: Iterable<{ readonly id: string }>) => Array.from(rows, ({ id }) => id);
const all = { after: START, limit: 1_000 };

function folded(events: readonly RecordedEvent[], orders: Orders = createOrders()): Orders {
  for (const event of events) orders.apply(event);
  return orders;
}

function sortedBytes(pages: Iterable<Page>): string[] {
  return Array.from(pages, ({ key, bytes }) => `${key} ${Buffer.from(bytes).toString()}`).sort();
}

describe('orders', () => {
  // Seen failing: with an order that owes and is open no more left out of `owing`; with `short` not taken from OrderShort;
  // and with rows that closed still counted as open.
  it('are open, owe and are short as their own state says', () => {
    fc.assert(
      fc.property(arbitraryOrderHistory, ({ events, orders }) => {
        const projection = folded(events);
        const open = orders.filter(({ status }) => isOpen(status));
        const listed = projection.page(all).rows;
        expect(ids(listed).sort()).toEqual(ids(open));
        expect(ids(projection.owing()).sort()).toEqual(ids(orders.filter(({ owed }) => owed.length > 0)));
        expect([projection.open, projection.owingCount]).toEqual([open.length, [...projection.owing()].length]);
        for (const order of open) {
          const { id, status, kind, channel, owed, short } = order;
          const units = short.reduce((sum, { quantity }) => sum + quantity, 0);
          const row = listed.find((one) => one.id === id);
          expect(row).toMatchObject({ status, kind, channel, owed: owed.length, short: units });
          expect(placedAt(row!)).toBe(order.placedAt);
        }
        for (const sku of ['A', 'B']) {
          const wanted = open.filter(({ lines }) => lines.some((line) => line.sku === sku));
          expect(ids(projection.withSku(sku, 10)).sort()).toEqual(ids(wanted));
          expect(ids(projection.shortOf(sku)).sort()).toEqual(ids(wanted.filter(({ short }) => short.length > 0)));
        }
      }),
      { numRuns: 200 },
    );
  });

  // Seen failing: with `seen` not restored (an event delivered again is folded again), with restored rows not entered
  // by their position, and with those that are short not noted.
  it('equal a rebuild byte by byte after any cut, restore and redelivery (P8)', () => {
    fc.assert(
      fc.property(arbitraryOrderHistory, fc.nat(150), ({ events }, cut) => {
        const pages = new Map<string, Page>();
        const keep = (changed: Iterable<Page>) => {
          for (const page of changed) pages.set(page.key, page);
        };
        const first = folded(events.slice(0, cut));
        keep(first.takeChangedPages());
        const second = createOrders();
        second.restore([...pages.values()].toReversed());
        for (const event of events.slice(Math.max(0, cut - 5))) {
          second.apply(event);
          second.apply(event);
        }
        keep(second.takeChangedPages());
        const straight = folded(events);
        expect(sortedBytes(pages.values())).toEqual(sortedBytes(straight.takeChangedPages()));
        second.markAllChanged();
        expect(sortedBytes(second.takeChangedPages())).toEqual(sortedBytes(pages.values()));
        expect(ids(second.page(all).rows)).toEqual(ids(straight.page(all).rows));
        expect(ids(second.withSku('A', 10))).toEqual(ids(straight.withSku('A', 10)));
        expect(ids(second.shortOf('A'))).toEqual(ids(straight.shortOf('A')));
      }),
      { numRuns: 200 },
    );
  });

  // Seen failing: with the wrong rows swept away when half of them have closed.
  it('are listed in pages, by status and channel, past those that closed', () => {
    const orders = createOrders();
    const told = (n: number, position: number, status: string, type = 'OrderHeld') => {
      const channel = n % 2 === 0 ? 'web' : 'market';
      const placing =
        type === 'OrderPlaced' ? { kind: 'request', placedAt: n, lines: [{ sku: 'A', quantity: 1 }] } : {};
      const data = { v: 1, channel, status, owed: 0, recordedAt: position, ...placing };
      const [id, stream] = [`${position}`, `order-o-${n}`];
      orders.apply({ id, stream, revision: 0, position: BigInt(position), type, data, metadata: {} });
    };
    for (let n = 0; n < 100; n++) told(n, n, 'reserving', 'OrderPlaced');
    for (let n = 0; n < 100; n++) told(n, 100 + n, n % 10 < 7 ? 'refused' : 'held');
    const first = orders.page({ ...all, limit: 20 });
    const held = Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 10 >= 7);
    expect(ids(first.rows)).toEqual(held.slice(0, 20).map((n) => `o-${n}`));
    const second = orders.page({ ...all, after: first.next!, limit: 20 });
    expect([ids(second.rows).at(-1), second.next]).toEqual(['o-99', undefined]);
    expect(ids(orders.page({ ...all, channel: 'market', limit: 2 }).rows)).toEqual(['o-7', 'o-9']);
    expect(orders.page({ ...all, status: 'confirmed' }).rows).toEqual([]);
    expect(ids(orders.withSku('A', 3))).toEqual(['o-99', 'o-98', 'o-97']);
    expect(orders.open).toBe(30);
  });

  it('refuse an event that does not say what became of the order, and stay as they were', () => {
    const orders = createOrders();
    const data = { v: 1, channel: 'web', status: 'lost', owed: 0, recordedAt: 0 };
    const event = { id: '1', stream: 'order-1', revision: 0, position: 0n, type: 'OrderHeld', data, metadata: {} };
    expect(() => orders.apply(event)).toThrow('order-1@0: OrderHeld');
    expect([orders.open, [...orders.takeChangedPages()]]).toEqual([0, []]);
  });
});
