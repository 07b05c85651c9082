// What an order is short of is a case with proposals, and the case is gone when nothing is short any more.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { NOON } from '../../support/actors.ts';
import { type OrderRoom, openOrderRoom } from '../../support/order-room.ts';

let room: OrderRoom;
let now = NOON;
beforeEach(async () => {
  now = NOON;
  room = await openOrderRoom(createMemoryLog(), { now: () => now });
});
afterEach(() => room.close());

const keys = async () => {
  await room.caughtUp();
  return [...room.cases.keys()].sort();
};
const commitment = (quantity: number, more: readonly object[] = []) => ({
  kind: 'commitment',
  channel: 'market',
  lines: [{ sku: 'A', quantity }, ...more],
});

describe('a shortfall', () => {
  it('is one case for each SKU, which says how many units, and is gone when they are covered', async () => {
    await room.receive({ warehouse: { A: 1 } });
    await room.place('1', commitment(3, [{ sku: 'B', quantity: 2 }]));
    expect(await keys()).toEqual(['order:1:A', 'order:1:B']);
    expect(room.cases.get('order:1:A')).toMatchObject({
      kind: 'shortfall',
      units: 2,
      subject: { sku: 'A', channel: 'market', orderId: '1' },
      proposals: [expect.stringContaining('re-source'), expect.stringContaining('back-order')],
    });
    await room.receive({ warehouse: { A: 1, B: 2 } });
    await room.send('1', { type: 'source', id: 's1' });
    expect(await keys()).toEqual(['order:1:A']);
    expect(room.cases.get('order:1:A')).toMatchObject({ units: 1 });
    await room.receive({ warehouse: { A: 1 } });
    await room.send('1', { type: 'source', id: 's2' });
    expect(await keys()).toEqual([]);
  });

  it('is gone when its order is cancelled, which gives back what it had', async () => {
    await room.receive({ warehouse: { A: 1 } });
    await room.place('1', commitment(2));
    expect(await keys()).toEqual(['order:1:A']);
    await room.send('1', { type: 'cancel', id: 'x' });
    expect(await keys()).toEqual([]);
  });

  it('names the youngest order that has units where this one could have them, and cancelling that one helps', async () => {
    await room.receive({ warehouse: { A: 2, B: 9 }, 'store-1': { A: 1 } });
    for (const id of ['old', 'young', 'elsewhere', 'other-sku']) {
      now += 1_000;
      const line = { sku: id === 'other-sku' ? 'B' : 'A', quantity: 1 };
      const flow = { type: 'click-and-collect', location: id === 'elsewhere' ? 'store-1' : 'warehouse' };
      expect(await room.place(id, { lines: [line], flow })).toMatchObject({ state: { status: 'held' } });
      await room.caughtUp();
    }
    await room.place('sold', commitment(1));
    await room.caughtUp();
    const { proposals } = room.cases.get('order:sold:A')!;
    expect(proposals?.[2]).toMatch(/^cancel order young, .*1 of A reserved/);
    await room.send('young', { type: 'cancel', id: 'x' });
    await room.caughtUp();
    expect(await room.send('sold', { type: 'source', id: 's' })).toMatchObject({ state: { short: [] } });
    expect(await keys()).toEqual([]);
  });

  it('is tried again by `retry`, which says how far it came', async () => {
    await room.place('1', commitment(3));
    await room.caughtUp();
    expect(await room.retry('order:1:A')).toMatchObject({
      isGone: false,
      detail: expect.stringContaining('short of 3'),
    });
    await room.receive({ warehouse: { A: 2 } });
    expect(await room.retry('order:1:A')).toMatchObject({
      isGone: false,
      detail: expect.stringContaining('short of 1'),
    });
    await room.receive({ warehouse: { A: 1 } });
    expect(await room.retry('order:1:A')).toMatchObject({ isGone: true });
    expect(await keys()).toEqual([]);
  });
});

describe('an order that names what the policy does not know', () => {
  it('is refused, and each name is a case', async () => {
    await room.close();
    room = await openOrderRoom(createMemoryLog(), { policy: { skus: ['A'] } });
    const flow = { type: 'ship-from-store', from: ['moon', 'store-1'] };
    const lines = ['A', 'X', 'Y', 'X'].map((sku) => ({ sku, quantity: 1 }));
    expect(await room.place('1', { flow, lines })).toMatchObject({ outcome: 'refused', reason: 'unknown-sku' });
    expect(await keys()).toEqual(['location:moon', 'sku:X', 'sku:Y']);
    expect(await room.place('2', { channel: 'mars' })).toMatchObject({ reason: 'unknown-sales-channel' });
    expect(room.cases.get('channel:mars')).toMatchObject({
      kind: 'unmapped-sku',
      subject: { channel: 'mars', source: 'test' },
    });
  });
});
