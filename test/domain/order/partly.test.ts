// Parts of an order that are cancelled, or leave from elsewhere than they are reserved: only so many are given back.
import { describe, expect, it } from 'vitest';
import { bySku, openUnits } from '../../../domain/order/order.ts';
import type { StockCommand } from '../../../domain/stock/commands.ts';
import { type FreeUnits, orderStory } from '../../support/order-story.ts';

const A = (quantity: number) => ({ sku: 'A', quantity });
const FREE = { warehouse: { A: 3 }, 'store-1': { A: 3 } };

function confirmed(free: FreeUnits = FREE, lines = [A(5)], policy = {}) {
  const story = orderStory(free, policy);
  story.place({ lines, kind: 'commitment' });
  story.answer();
  return story;
}
const reserved = (story: ReturnType<typeof orderStory>) =>
  story.order().allocations.map(({ sku, location, quantity, state }) => `${quantity} ${sku}@${location} ${state}`);

describe('units of an order that are cancelled', () => {
  it('are given back, of the reservation made last, and no others', () => {
    const story = confirmed();
    expect(story.send({ type: 'cancel', id: 'x1', units: [A(1)] })).toBe('confirmed');
    expect(story.owed()).toEqual(['reservation.release A@store-1 1']);
    expect(story.send({ type: 'cancel', id: 'x2', units: [A(2)] })).toBe('confirmed');
    expect(story.owed().slice(1)).toEqual(['reservation.release A@store-1', 'reservation.release A@warehouse 1']);
    story.answer();
    expect(reserved(story)).toEqual(['2 A@warehouse committed']);
    expect(story.order().cancelled).toEqual([A(3)]);
    expect(story.send({ type: 'fulfil', id: 'f', units: [A(2)] })).toBe('fulfilled');
  });

  it('can never be more than are open', () => {
    const story = confirmed();
    story.send({ type: 'fulfil', id: 'f', units: [A(2)] });
    expect(story.send({ type: 'cancel', id: 'x1', units: [A(2), A(2)] })).toBe('exceeds-open');
    expect(story.send({ type: 'cancel', id: 'x2', units: [{ sku: 'B', quantity: 1 }] })).toBe('exceeds-open');
    expect(story.order().cancelled).toEqual([]);
  });

  it('end it when they were the last: fulfilled if any had left, else cancelled', () => {
    const sent = confirmed();
    sent.send({ type: 'fulfil', id: 'f', units: [A(4)] });
    expect(sent.send({ type: 'cancel', id: 'x', units: [A(1)] })).toBe('fulfilled');
    const none = confirmed();
    expect(none.send({ type: 'cancel', id: 'x', units: [A(5)] })).toBe('cancelled');
    none.answer();
    expect(none.order()).toMatchObject({ allocations: [], owed: [], cancelled: [A(5)] });
    const rest = confirmed();
    rest.send({ type: 'fulfil', id: 'f', units: [A(2)] });
    rest.send({ type: 'cancel', id: 'x1', units: [A(1)] });
    rest.send({ type: 'cancel', id: 'x2' });
    expect(rest.order()).toMatchObject({ status: 'cancelled', cancelled: [A(3)] });
  });

  it('are first those that it is short of', () => {
    const story = confirmed({ warehouse: { A: 3 } });
    expect(story.order().short).toEqual([A(2)]);
    story.send({ type: 'cancel', id: 'x1', units: [A(1)] });
    expect(story.order()).toMatchObject({ short: [A(1)], owed: [] });
    story.send({ type: 'cancel', id: 'x2', units: [A(2)] });
    expect(story.order().short).toEqual([]);
    expect(story.owed()).toEqual(['reservation.release A@warehouse 1']);
    expect(confirmed({}).send({ type: 'cancel', id: 'x', units: [A(5)] })).toBe('cancelled');
  });

  it('before the stocks have answered are given back as soon as they are reserved', () => {
    const story = orderStory(FREE);
    story.place({ lines: [A(5)] });
    expect(story.send({ type: 'cancel', id: 'x', units: [A(3)] })).toBe('reserving');
    expect(story.owed().filter((one) => one.includes('release'))).toEqual([]);
    expect(story.answer()).toBe('held');
    expect(reserved(story)).toEqual(['2 A@warehouse held']);
    expect(story.send({ type: 'confirm', id: 'c' })).toBe('confirming');
    expect(story.answer()).toBe('confirmed');
  });

  it('said in all are the same however often and in which order it is said', () => {
    for (const order of [[1, 2, 2], [2, 1, 2], [2]]) {
      const story = confirmed();
      for (const [n, total] of order.entries()) story.send({ type: 'cancel', id: `x${n}`, cancelled: [A(total)] });
      expect(story.order().cancelled).toEqual([A(2)]);
      story.send({ type: 'fulfil', id: 'f', units: [A(3)] });
      // What has left stays sent, and what is over stays over.
      expect(story.send({ type: 'cancel', id: 'late', cancelled: [A(5)] })).toBe('fulfilled');
      expect(story.order().cancelled).toEqual([A(2)]);
    }
  });

  it('may be bundles', () => {
    const components = [A(2), { sku: 'B', quantity: 1 }];
    const free = { warehouse: { A: 9, B: 9 } };
    const story = confirmed(free, [{ sku: 'KIT', quantity: 3 }], { bundles: [{ sku: 'KIT', components }] });
    story.send({ type: 'cancel', id: 'x', units: [{ sku: 'KIT', quantity: 1 }] });
    expect(story.owed()).toEqual(['reservation.release B@warehouse 1', 'reservation.release A@warehouse 2']);
    expect([...openUnits(story.order())]).toEqual([...bySku([A(4), { sku: 'B', quantity: 2 }])]);
  });

  it('of which the stock holds none any more are lost to the order', () => {
    const story = confirmed();
    story.send({ type: 'cancel', id: 'x', units: [A(1)] });
    story.answer(({ type }: StockCommand) => (type === 'reservation.release' ? 'unknown-reservation' : 'accepted'));
    expect(story.order()).toMatchObject({ short: [A(1)], allocations: [{ location: 'warehouse', quantity: 3 }] });
  });
});

describe('units that leave from elsewhere than they are reserved', () => {
  const from = (location: string, quantity: number) => [{ sku: 'A', quantity, location }];

  it('are gone there, and as many are given back where they were reserved', () => {
    const story = confirmed();
    expect(story.send({ type: 'fulfil', id: 'f1', units: from('store-2', 1) })).toBe('partlyFulfilled');
    expect(story.owed()).toEqual(['fulfilment A@store-2 1', 'reservation.release A@store-1 1']);
    expect(story.send({ type: 'fulfil', id: 'f2', units: from('kiosk', 4) })).toBe('fulfilled');
    story.answer();
    expect(story.order().owed).toEqual([]);
    expect(reserved(story)).toEqual(['1 A@store-2 done', '4 A@kiosk done']);
    expect(story.send({ type: 'return', id: 'r', units: [{ ...A(5), disposition: 'restock' }] })).toBe('fulfilled');
  });

  it('are first those that are reserved there', () => {
    const story = confirmed();
    story.send({ type: 'fulfil', id: 'f', units: from('store-1', 4) });
    expect(story.owed()).toEqual([
      'fulfilment A@store-1 2',
      'fulfilment A@store-1 2',
      'reservation.release A@warehouse 2',
    ]);
  });

  it('may be those that it is short of', () => {
    const story = confirmed({ warehouse: { A: 3 } });
    story.send({ type: 'fulfil', id: 'f1', units: from('store-2', 1) });
    expect(story.order().short).toEqual([A(1)]);
    expect(story.owed()).toEqual(['fulfilment A@store-2 1']);
    expect(story.send({ type: 'fulfil', id: 'f2', units: [...from('store-2', 1), A(3)] })).toBe('fulfilled');
    expect(story.order().short).toEqual([]);
  });

  it('can never be more than are open, nor from where nobody knows', () => {
    const story = confirmed();
    expect(story.send({ type: 'fulfil', id: 'f1', units: from('store-2', 6) })).toBe('exceeds-reserved');
    expect(story.send({ type: 'fulfil', id: 'f2', units: [...from('store-2', 1), A(5)] })).toBe('exceeds-reserved');
    expect(story.send({ type: 'fulfil', id: 'f3', units: from('moon', 1) })).toBe('unknown-location');
    expect(story.types()).not.toContain('OrderUnitsFulfilled');
  });
});
