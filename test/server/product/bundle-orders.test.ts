// Bundles in orders over real HTTP: reserved as components from wherever they are, fulfilled and returned as bundles, and
// told again to the channel that ordered them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OrderDocument } from '../../../server/routes/openapi/orders.ts';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

const KIT = {
  sku: 'KIT',
  components: [
    { sku: 'A', quantity: 2 },
    { sku: 'B', quantity: 1 },
  ],
};
let store: OrderStore;
beforeEach(async () => {
  store = await orderStore({ policy: { bundles: [KIT] } });
});
afterEach(() => store.close());

describe('a bundle that is ordered', () => {
  it('is reserved whole, leaves and comes back', async () => {
    await store.receive({ warehouse: { A: 5 }, 'store-1': { B: 3, A: 1 } });
    // Made from two locations: a channel may show what an order can be made of.
    expect((await store.get('/v1/availability/webshop/KIT')).body).toMatchObject({ units: 3 });
    expect(await store.place({ lines: { KIT: 2 } })).toMatchObject({
      status: 200,
      body: { order: { status: 'held' } },
    });
    const bundle = { sku: 'KIT', quantity: 2, version: 'test-1', line: 0 };
    expect(OrderDocument.parse(await store.order())).toMatchObject({
      lines: [
        { sku: 'A', quantity: 4, bundle },
        { sku: 'B', quantity: 2, bundle },
      ],
    });
    expect([await store.stock('A', 'warehouse'), await store.stock('B', 'store-1')]).toMatchObject([
      { reserved: 4 },
      { reserved: 2 },
    ]);
    await store.command({ type: 'confirm' });
    const kits = (quantity: number, more = {}) => [{ sku: 'KIT', quantity, ...more }];
    expect(await store.command({ type: 'fulfil', units: kits(1) })).toMatchObject({
      body: { order: { status: 'partlyFulfilled' } },
    });
    expect(await store.command({ type: 'fulfil', units: kits(2) })).toMatchObject({
      status: 409,
      body: { reason: 'exceeds-reserved', errors: [{ path: '/units/0/quantity' }] },
    });
    expect(await store.command({ type: 'fulfil', units: kits(1) })).toMatchObject({
      body: { order: { status: 'fulfilled' } },
    });
    const back = { disposition: 'restock', location: 'warehouse' };
    expect(await store.command({ type: 'return', units: kits(1, back) })).toMatchObject({ status: 200 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 3, reserved: 0 });
    expect(await store.stock('B', 'warehouse')).toMatchObject({ onHand: 1 });
    expect(await store.stock('B', 'store-1')).toMatchObject({ onHand: 1, reserved: 0 });
  });

  it('is refused whole, naming the line, when a component is short or there would be too many', async () => {
    await store.receive({ warehouse: { A: 5, B: 1, C: 1 } });
    const refused = await store.place({ lines: { C: 1, KIT: 2 } });
    expect(refused).toMatchObject({ status: 409, body: { reason: 'insufficient-available' } });
    const errors = refused.body['errors'] as { path: string; message: string }[];
    expect(errors.map(({ path, message }) => [path, message])).toEqual([
      ['/lines/0/quantity', '1 of C cannot be reserved'],
      ['/lines/1/quantity', '4 of A cannot be reserved'],
      ['/lines/1/quantity', '2 of B cannot be reserved'],
    ]);
    expect(await store.stock('A', 'warehouse')).toMatchObject({ reserved: 0 });
    expect(await store.place({ lines: { C: 1, KIT: 600_000_000 } })).toMatchObject({
      status: 422,
      body: { reason: 'invalid-command', errors: [{ path: '/lines/1/quantity' }] },
    });
  });

  it('is told again to the channel that sold it, also when its figure stays', async () => {
    const limits = { ratePerSecond: 200, burst: 50 };
    const url = `${store.product.marketplace.url}/availability`;
    const connector = { type: 'http' as const, url, secretEnv: 'MARKETPLACE_SECRET', ...limits };
    const channels = [{ id: 'marketplace', locations: ['warehouse'], cap: 4, connector }];
    const product = await store.product.restart({
      policy: { version: 'capped', locations: [{ id: 'warehouse' }], bundles: [KIT], channels },
    });
    await product.command({ type: 'receipt', sku: 'A', quantity: 40 });
    await product.command({ type: 'receipt', sku: 'B', quantity: 40 });
    await product.shows('KIT', 2);
    expect(product.marketplace.listings.order('KIT', 1, Date.now())).toMatchObject({ units: 1 });
    const order = { id: 'place-1', orderId: 'm-1', channel: 'marketplace', kind: 'commitment' };
    await product.post('/v1/orders', { ...order, lines: [{ sku: 'KIT', quantity: 1 }] });
    await product.shows('KIT', 2);
    await product.close();
    store = await orderStore();
  });
});
