// The three named flows of R7 through the real HTTP API, from the order to the last unit, with the stocks' own figures.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

let store: OrderStore;
beforeEach(async () => {
  store = await orderStore();
});
afterEach(() => store.close());

describe('click and collect', () => {
  it('holds the units in the store of the buyer, and hands them out there', async () => {
    await store.receive({ 'store-1': { A: 3 }, warehouse: { A: 50 } });
    const placed = await store.place({ flow: { type: 'click-and-collect', location: 'store-1' }, lines: { A: 2 } });
    expect(placed).toMatchObject({ status: 200, body: { settled: true, order: { status: 'held' } } });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 3, reserved: 2, available: 1 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ reserved: 0 });

    expect(await store.command({ type: 'confirm' })).toMatchObject({ body: { order: { status: 'confirmed' } } });
    expect(await store.command({ type: 'fulfil', units: [{ sku: 'A', quantity: 2 }] })).toMatchObject({
      status: 200,
      body: { order: { status: 'fulfilled', owed: 0 } },
    });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 1, reserved: 0 });
  });

  it('is refused where the store has too few, whatever others have', async () => {
    await store.receive({ 'store-1': { A: 1 }, warehouse: { A: 50 } });
    const flow = { type: 'click-and-collect', location: 'store-1' };
    expect(await store.place({ flow, lines: { A: 2 } })).toMatchObject({
      status: 409,
      body: { reason: 'insufficient-available', errors: [{ path: '/lines/0/quantity' }] },
    });
    expect(await store.stock('A', 'store-1')).toMatchObject({ reserved: 0 });
    expect((await store.get('/v1/orders/o-1')).body).toMatchObject({ status: 'refused', owed: 0, reservations: [] });
  });
});
