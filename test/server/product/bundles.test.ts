// Bundles over real HTTP: what is sold as one is taken from its components, all or none, once; every channel shows how many
// can be made; a restart forgets nothing.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEventStoreDb } from '../../support/eventstoredb/server.ts';
import { type Product, startProduct } from '../../support/product.ts';

const KIT = {
  sku: 'KIT',
  components: [
    { sku: 'A', quantity: 2 },
    { sku: 'B', quantity: 1 },
  ],
};
const soon = () => new Date(Date.now() + 3_600_000).toISOString();

describe('a bundle', () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct({ policy: { bundles: [KIT] } });
    await product.command({ type: 'receipt', sku: 'A', quantity: 22 });
    await product.command({ type: 'receipt', sku: 'B', quantity: 8 });
  });
  afterEach(() => product.close());

  const onHand = async (sku: string) => (await product.get(`/v1/stock/${sku}/warehouse`)).body;
  const events = async (sku: string) => {
    const { body } = await product.get(`/v1/stock/${sku}/warehouse/history`);
    return (body['entries'] as { event: string }[]).map(({ event }) => event);
  };
  const reserve = (fields: Record<string, unknown> = {}) =>
    product.command({
      ...{ type: 'reservation.make', sku: 'KIT', reservationId: 'basket-1', owner: 'buyer-1', quantity: 3 },
      ...{ channel: 'webshop', expiresAt: soon(), ...fields },
    });

  it('is sold as its components, and every channel shows how many can be made', async () => {
    // The marketplace holds 2 of each SKU back: 20 of A make 10, 6 of B make 6.
    await product.shows('KIT', 6);
    const sale = await product.command({ type: 'sale', sku: 'KIT', quantity: 3, channel: 'webshop' });
    expect(sale).toMatchObject({
      status: 200,
      body: {
        outcome: 'accepted',
        event: 'BundleSold',
        stock: { sku: 'KIT', onHand: 0 },
        bundle: {
          version: 'test-1',
          settled: true,
          components: [{ sku: 'A', outcome: 'accepted', revision: 1 }, { sku: 'B' }],
        },
      },
    });
    await product.shows('KIT', 3);
    await product.shows('A', 14);
    await product.shows('B', 3);
    const figure = await product.get(`/v1/availability/webshop/KIT?after=${sale.body['position']}`);
    expect(figure.body).toMatchObject({ units: 5 });
    const explained = await product.get('/v1/availability/webshop/KIT/explain');
    expect(explained.body).toMatchObject({
      units: 5,
      bundle: {
        components: [
          { sku: 'A', quantity: 2, units: 16, makes: 8, locations: [{ location: 'warehouse', units: 16 }] },
          { sku: 'B', quantity: 1, units: 5, makes: 5 },
        ],
      },
    });
    const list = await product.get('/v1/availability/webshop');
    expect(list.body['availability']).toEqual([
      { sku: 'A', units: 16 },
      { sku: 'B', units: 5 },
      { sku: 'KIT', units: 5 },
    ]);
  });

  it('is a fact when it is sold, also of what is not there, and comes back as its components', async () => {
    const sale = await product.command({ type: 'sale', sku: 'KIT', quantity: 10 });
    expect(sale).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
    expect(await onHand('A')).toMatchObject({ onHand: 2, oversold: 0 });
    expect(await onHand('B')).toMatchObject({ onHand: -2, oversold: 2 });
    await product.command({ type: 'return', sku: 'KIT', quantity: 4, disposition: 'restock' });
    expect([(await onHand('A'))['onHand'], (await onHand('B'))['onHand']]).toEqual([10, 2]);
  });

  it('is taken once however often the command comes, and by its first definition', async () => {
    const sale = { type: 'sale', sku: 'KIT', id: 'till-7:1', quantity: 1, occurredAt: new Date().toISOString() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => product.command(sale)));
    expect(answers.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
    product = await product.restart({
      policy: { version: 'test-2', bundles: [{ sku: 'KIT', components: [{ sku: 'C', quantity: 1 }] }] },
    });
    expect(await product.command(sale)).toMatchObject({
      body: { duplicate: true, bundle: { version: 'test-1', components: [{ sku: 'A' }, { sku: 'B' }] } },
    });
    product = await product.restart({ policy: { version: 'test-3', bundles: [] } });
    expect(await product.command(sale)).toMatchObject({ body: { duplicate: true, event: 'BundleSold' } });
    expect([(await onHand('A'))['onHand'], (await onHand('B'))['onHand']]).toEqual([20, 7]);
    expect((await product.get('/v1/stock/C/warehouse')).status).toBe(404);
  });

  it('is reserved whole or not at all, committed and fulfilled', async () => {
    expect(await reserve({ quantity: 9 })).toMatchObject({
      status: 409,
      body: {
        reason: 'insufficient-available',
        detail: expect.stringMatching(/^component B: 8 units are free/) as string,
      },
    });
    expect([(await onHand('A'))['reserved'], (await onHand('B'))['reserved']]).toEqual([0, 0]);
    expect(await reserve()).toMatchObject({ status: 200, body: { event: 'BundleReservationMade' } });
    expect([(await onHand('A'))['reserved'], (await onHand('B'))['reserved']]).toEqual([6, 3]);
    const hold = { sku: 'KIT', reservationId: 'basket-1' };
    expect(await product.command({ ...hold, type: 'reservation.commit', quantity: 4 })).toMatchObject({ status: 409 });
    expect(await product.command({ ...hold, type: 'reservation.commit' })).toMatchObject({ status: 200 });
    expect(await product.command({ ...hold, type: 'fulfilment', quantity: 2 })).toMatchObject({ status: 200 });
    expect(await product.command({ ...hold, type: 'reservation.release' })).toMatchObject({ status: 200 });
    expect(await onHand('A')).toMatchObject({ onHand: 18, reserved: 0 });
    expect(await onHand('B')).toMatchObject({ onHand: 6, reserved: 0 });
    expect(await product.command({ ...hold, type: 'reservation.release' })).toMatchObject({
      status: 409,
      body: { reason: 'unknown-reservation' },
    });
  });

  it('expires whole', async () => {
    await reserve({ expiresAt: new Date(Date.now() + 500).toISOString() });
    await expect.poll(() => events('A'), { timeout: 5_000 }).toContain('ReservationExpired');
    await expect.poll(() => events('B'), { timeout: 5_000 }).toContain('ReservationExpired');
    expect([(await onHand('A'))['reserved'], (await onHand('B'))['reserved']]).toEqual([0, 0]);
    expect(await reserve()).toMatchObject({ status: 200 });
  });

  it('has no stock to count, receive or move, and is refused when it would be too many', async () => {
    for (const fields of [
      { type: 'count', counted: 3 },
      { type: 'receipt', quantity: 3 },
      { type: 'adjustment', quantity: -1, reason: 'damaged' },
      { type: 'transfer.request', transferId: 't-1', quantity: 1, to: 'store-1' },
      { type: 'freeze', reason: 'audit' },
    ]) {
      const refused = await product.command({ ...fields, sku: 'KIT' });
      expect(refused).toMatchObject({
        status: 422,
        body: { reason: 'bundle-has-no-stock', errors: [{ path: '/sku' }] },
      });
    }
    const transfer = {
      id: 'open-1',
      transferId: 't-2',
      from: 'warehouse',
      to: 'store-1',
      lines: [{ sku: 'KIT', quantity: 1 }],
    };
    expect(await product.post('/v1/transfers', transfer)).toMatchObject({
      status: 422,
      body: { reason: 'bundle-has-no-stock', errors: [{ path: '/lines/0/sku' }] },
    });
    const stocktake = {
      id: 'count-1',
      stocktakeId: 'c-1',
      location: 'warehouse',
      scope: { type: 'skus', skus: ['KIT'] },
    };
    expect(await product.post('/v1/stocktakes', stocktake)).toMatchObject({
      status: 422,
      body: { reason: 'bundle-has-no-stock', errors: [{ path: '/scope/skus/0' }] },
    });
    expect(await product.command({ type: 'sale', sku: 'KIT', quantity: 600_000_000 })).toMatchObject({
      status: 422,
      body: { reason: 'invalid-command', errors: [{ path: '/quantity' }] },
    });
    expect((await product.get('/v1/stock/KIT/warehouse')).status).toBe(404);
  });

  it('follows a change of policy while the server runs; what is reserved goes on as it was made', async () => {
    await product.command({ type: 'receipt', sku: 'C', quantity: 9 });
    await product.shows('KIT', 6);
    await reserve();
    const { document } = (await product.get('/v1/policy')).body as { document: object };
    const bundles = [{ sku: 'KIT', components: [{ sku: 'C', quantity: 3 }] }];
    const change = { document: { ...document, version: 'test-2', bundles }, reason: 'another tea' };
    expect(await product.post('/v1/policy', change)).toMatchObject({ status: 200 });
    await product.shows('KIT', 2);
    const hold = { sku: 'KIT', reservationId: 'basket-1' };
    expect(await product.command({ ...hold, type: 'sale', quantity: 3 })).toMatchObject({
      body: { bundle: { version: 'test-1', components: [{ sku: 'A' }, { sku: 'B' }] } },
    });
    expect(await onHand('A')).toMatchObject({ onHand: 16, reserved: 0 });
    const sale = await product.command({ type: 'sale', sku: 'KIT', quantity: 1 });
    expect(sale).toMatchObject({ body: { bundle: { version: 'test-2', components: [{ sku: 'C', quantity: 3 }] } } });
    await product.shows('KIT', 1);
    const ended = { ...change, document: { ...document, version: 'test-3', bundles: [] } };
    await product.post('/v1/policy', ended);
    await product.shows('KIT', 0);
    expect((await product.get('/v1/availability/webshop/KIT')).status).toBe(404);
  });

  it('is taken in a batch, line by line', async () => {
    const at = new Date().toISOString();
    const line = (id: string, fields: object) => ({ id, sku: 'KIT', location: 'warehouse', occurredAt: at, ...fields });
    const answers = await product.batch([
      line('b-1', { type: 'sale', quantity: 1 }),
      line('b-1', { type: 'sale', quantity: 1 }),
      line('b-2', { type: 'count', counted: 1 }),
    ]);
    expect(answers).toMatchObject([
      { outcome: 'accepted', duplicate: false },
      { outcome: 'accepted', duplicate: true },
      { outcome: 'invalid', reason: 'bundle-has-no-stock' },
    ]);
    expect((await onHand('B'))['onHand']).toBe(7);
  });

  it('is told again to a channel that sold one itself, also when the figure stays', async () => {
    const limits = { ratePerSecond: 200, burst: 50 };
    const url = `${product.marketplace.url}/availability`;
    const connector = { type: 'http' as const, url, secretEnv: 'MARKETPLACE_SECRET', ...limits };
    const channels = [{ id: 'marketplace', locations: ['warehouse'], cap: 4, connector }];
    product = await product.restart({ policy: { version: 'capped', bundles: [KIT], channels } });
    await product.shows('KIT', 2);
    expect(product.marketplace.listings.order('KIT', 1, Date.now())).toMatchObject({ units: 1 });
    await product.command({ type: 'sale', sku: 'KIT', quantity: 1, channel: 'marketplace' });
    await product.shows('KIT', 2);
  });

  it('is sold to as many of many buyers as can be made, and nothing stays reserved for the others', {
    timeout: 60_000,
  }, async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => (await reserve({ reservationId: `r-${n}`, quantity: 1 })).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    expect(statuses.filter((status) => status === 409)).toHaveLength(32);
    expect([(await onHand('A'))['reserved'], (await onHand('B'))['reserved']]).toEqual([16, 8]);
  });
});

describe('a bundle on EventStoreDB', () => {
  it('is reserved, sold and repeated as on the embedded log', async () => {
    const server = await startEventStoreDb();
    const eventLog = server.connectionString.replace(/^esdb/, 'eventstoredb');
    const product = await startProduct({ eventLog, policy: { bundles: [KIT] } });
    await product.command({ type: 'receipt', sku: 'A', quantity: 22 });
    await product.command({ type: 'receipt', sku: 'B', quantity: 8 });
    await product.shows('KIT', 6);
    const hold = { sku: 'KIT', reservationId: 'basket-1', quantity: 2 };
    const made = { ...hold, type: 'reservation.make', owner: 'buyer', channel: 'webshop', expiresAt: soon() };
    expect(await product.command(made)).toMatchObject({ status: 200 });
    const sale = { ...hold, type: 'sale', id: 'till-7:1' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => product.command(sale)));
    expect(answers.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
    await product.shows('KIT', 4);
    expect((await product.get('/v1/stock/A/warehouse')).body).toMatchObject({ onHand: 18, reserved: 0 });
    await product.close();
    await server.stop();
  });
});
