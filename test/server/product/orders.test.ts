// The three named flows of R7 and everything that can become of an order, through the real HTTP API, with the stocks' own
// figures and the log as witnesses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OrderAnswerDocument, OrderDocument, OrderList } from '../../../server/routes/openapi/orders.ts';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

let store: OrderStore;
beforeEach(async () => {
  store = await orderStore();
});
afterEach(() => store.close());

const A = (quantity: number, more: Record<string, unknown> = {}) => ({ sku: 'A', quantity, ...more });
const fulfil = (...units: readonly Record<string, unknown>[]) => store.command({ type: 'fulfil', units });
const events = async (stream: string) =>
  (await store.product.evenstock.log.read(stream, 0, 100)).map(({ type }) => type);

describe('click and collect', () => {
  const flow = { type: 'click-and-collect', location: 'store-1' };

  it('holds the units in the store of the buyer, and hands them out there', async () => {
    await store.receive({ 'store-1': { A: 3 }, warehouse: { A: 50 } });
    const placed = await store.place({ flow, lines: { A: 2 } });
    expect(placed.status).toBe(200);
    expect(OrderAnswerDocument.parse(placed.body)).toMatchObject({ settled: true, order: { status: 'held' } });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 3, reserved: 2, available: 1 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ reserved: 0 });

    expect(await store.command({ type: 'confirm' })).toMatchObject({ body: { order: { status: 'confirmed' } } });
    expect(await fulfil(A(2))).toMatchObject({ status: 200, body: { order: { status: 'fulfilled', owed: 0 } } });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 1, reserved: 0 });
    OrderDocument.parse(await store.order());
  });

  it('is refused where the store has too few, whatever others have', async () => {
    await store.receive({ 'store-1': { A: 1 }, warehouse: { A: 50 } });
    expect(await store.place({ flow, lines: { A: 2 } })).toMatchObject({
      status: 409,
      body: { reason: 'insufficient-available', errors: [{ path: '/lines/0/quantity' }] },
    });
    expect(await store.stock('A', 'store-1')).toMatchObject({ reserved: 0 });
    expect(await store.order()).toMatchObject({ status: 'refused', owed: 0, reservations: [] });
  });

  it('expires by itself when nobody confirms it, and its units are sold again', async () => {
    await store.receive({ 'store-1': { A: 2, B: 1 } });
    const expiresAt = new Date(Date.now() + 700).toISOString();
    expect(await store.place({ flow, lines: { A: 2, B: 1 }, expiresAt })).toMatchObject({ status: 200 });
    await expect.poll(async () => (await store.order())['status'], { timeout: 5_000 }).toBe('expired');
    await expect.poll(async () => (await store.stock('A', 'store-1'))['available'], { timeout: 5_000 }).toBe(2);
    expect(await store.stock('B', 'store-1')).toMatchObject({ available: 1 });
    expect(await store.command({ type: 'confirm' })).toMatchObject({
      status: 409,
      body: { reason: 'not-in-this-status' },
    });
    expect(await store.order()).toMatchObject({ reservations: [], owed: 0 });
  });

  it('lives longer when its hold is renewed, within what policy allows', async () => {
    await store.receive({ 'store-1': { A: 1 } });
    await store.place({ flow, expiresAt: new Date(Date.now() + 800).toISOString() });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    expect(await store.command({ type: 'renew', expiresAt })).toMatchObject({ body: { order: { expiresAt } } });
    const tooLong = await store.command({ type: 'renew', expiresAt: '2099-01-01T00:00:00Z' });
    expect(tooLong).toMatchObject({ status: 422, body: { reason: 'hold-too-long', errors: [{ path: '/expiresAt' }] } });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await store.order()).toMatchObject({ status: 'held' });
    expect(await store.command({ type: 'confirm' })).toMatchObject({ status: 200 });
  });
});

describe('ship from store', () => {
  const flow = { type: 'ship-from-store', from: ['store-2', 'store-1'] };

  it('takes from several stores what none has alone, and leaves in as many parcels', async () => {
    await store.receive({ 'store-1': { A: 3 }, 'store-2': { A: 2 }, warehouse: { A: 50 } });
    expect(await store.place({ flow, lines: { A: 4 } })).toMatchObject({ status: 200 });
    expect((await store.order())['reservations']).toMatchObject([
      { location: 'store-2', quantity: 2, state: 'held' },
      { location: 'store-1', quantity: 2, state: 'held' },
    ]);
    await store.command({ type: 'confirm' });
    expect(await fulfil(A(2, { location: 'store-2' }))).toMatchObject({
      body: { order: { status: 'partlyFulfilled' } },
    });
    expect(await fulfil(A(1, { location: 'store-1' }))).toMatchObject({
      body: { order: { status: 'partlyFulfilled' } },
    });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 2, reserved: 1 });
    expect(await fulfil(A(1))).toMatchObject({ body: { order: { status: 'fulfilled' } } });
    for (const location of ['store-1', 'store-2'])
      expect(await store.stock('A', location)).toMatchObject({ reserved: 0 });
  });

  it('gives back what has not left when it is cancelled', async () => {
    await store.receive({ 'store-1': { A: 3 }, 'store-2': { A: 2 } });
    await store.place({ flow, lines: { A: 4 } });
    await store.command({ type: 'confirm' });
    await fulfil(A(1, { location: 'store-2' }));
    expect(await store.command({ type: 'cancel' })).toMatchObject({
      body: { order: { status: 'cancelled', owed: 0 } },
    });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 3, reserved: 0 });
    expect(await store.stock('A', 'store-2')).toMatchObject({ onHand: 1, reserved: 0 });
  });
});

describe('endless aisle', () => {
  it('sells from anywhere but the store that ordered, which may take units back', async () => {
    await store.receive({ 'store-1': { A: 9 }, warehouse: { A: 6 } });
    await store.place({ flow: { type: 'endless-aisle', orderedAt: 'store-1' }, lines: { A: 5 } });
    await store.command({ type: 'confirm' });
    await fulfil(A(5));
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 1, reserved: 0 });
    const back = (quantity: number, disposition: string, location?: string) =>
      store.command({ type: 'return', units: [A(quantity, { disposition, location })] });
    expect(await back(1, 'restock', 'store-1')).toMatchObject({ status: 200 });
    expect(await back(1, 'quarantine')).toMatchObject({ status: 200 });
    expect(await back(1, 'writeOff')).toMatchObject({ body: { order: { returned: [A(3)], owed: 0 } } });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 10, available: 10 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 2, quarantined: 1, available: 1 });
    expect(await back(3, 'restock')).toMatchObject({
      status: 409,
      body: { reason: 'exceeds-fulfilled', errors: [{ path: '/units/0/quantity' }] },
    });
    expect(await store.order()).toMatchObject({ returned: [A(3)] });
  });
});

describe('a commitment', () => {
  const sold = (lines: Record<string, number>) => store.place({ channel: 'marketplace', kind: 'commitment', lines });

  it('is taken although units are missing, and is covered when they have come', async () => {
    await store.receive({ warehouse: { A: 1 }, 'store-1': { A: 9 } });
    expect(await sold({ A: 3, B: 1 })).toMatchObject({
      status: 200,
      body: { order: { status: 'confirmed', short: [A(2), { sku: 'B', quantity: 1 }] } },
    });
    const listed = OrderList.parse((await store.get('/v1/orders?channel=marketplace')).body);
    expect(listed.orders).toMatchObject([{ id: 'o-1', status: 'confirmed', short: 3 }]);
    expect(await store.command({ type: 'source' })).toMatchObject({
      status: 409,
      body: { reason: 'insufficient-available' },
    });
    await store.receive({ warehouse: { A: 2, B: 1 } });
    expect(await store.command({ type: 'source' })).toMatchObject({ body: { order: { short: [] } } });
    expect(await store.command({ type: 'source' })).toMatchObject({ status: 409, body: { reason: 'not-short' } });
    expect(await fulfil(A(3), { sku: 'B', quantity: 1 })).toMatchObject({ body: { order: { status: 'fulfilled' } } });
    expect((await store.get(`/v1/orders?after=${await store.product.evenstock.log.head()}`)).body['orders']).toEqual(
      [],
    );
  });

  it('is an exception case while it is short, which closes by itself', async () => {
    await store.receive({ warehouse: { A: 1 } });
    await store.place({ lines: { A: 1 } });
    await sold({ A: 1 });
    const open = () => [...store.product.evenstock.running.processes.cases.reader().open()];
    await expect.poll(() => open().map(({ key }) => key)).toEqual(['order:o-2:A']);
    expect(open()[0]!.proposals).toContainEqual(expect.stringMatching(/^cancel order o-1, the youngest that competes/));
    await store.command({ type: 'cancel' }, 'o-1');
    await store.command({ type: 'source' });
    await expect.poll(() => open().length).toBe(0);
  });

  it('can be fulfilled as far as it is covered', async () => {
    await store.receive({ warehouse: { A: 1 } });
    await sold({ A: 2 });
    expect(await fulfil(A(2))).toMatchObject({ status: 409, body: { reason: 'exceeds-reserved' } });
    expect(await fulfil(A(1))).toMatchObject({ body: { order: { status: 'partlyFulfilled', short: [A(1)] } } });
  });
});

describe('nothing is half applied', () => {
  it('when more is fulfilled than is reserved, in any line', async () => {
    await store.receive({ warehouse: { A: 2, B: 1 } });
    await store.place({ lines: { A: 2, B: 1 } });
    await store.command({ type: 'confirm' });
    const before = await events('order-o-1');
    expect(await fulfil(A(1), { sku: 'B', quantity: 2 })).toMatchObject({
      status: 409,
      body: { reason: 'exceeds-reserved', errors: [{ path: '/units/1/quantity' }] },
    });
    expect(await events('order-o-1')).toEqual(before);
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 2, reserved: 2 });
  });

  it('when two lines of one SKU are more than there is (P4)', async () => {
    await store.receive({ warehouse: { A: 3 } });
    expect(await store.place({ lines: [A(2), A(2)] })).toMatchObject({ status: 409 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ reserved: 0 });
    expect(await store.place({ lines: [A(2), A(1)] })).toMatchObject({ status: 200 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ reserved: 3 });
  });

  it('when a command comes again: the same id has no second effect, another id is refused', async () => {
    await store.receive({ warehouse: { A: 2 } });
    const order = { id: 'p', orderId: 'twice', channel: 'webshop', kind: 'request', lines: [A(1)] };
    const [first, again] = [await store.post('/v1/orders', order), await store.post('/v1/orders', order)];
    expect([first.body['duplicate'], again.body['duplicate']]).toEqual([false, true]);
    expect(await store.post('/v1/orders', { ...order, id: 'q' })).toMatchObject({
      status: 409,
      body: { reason: 'order-exists' },
    });
    expect(await store.command({ type: 'confirm', id: 'c' }, 'twice')).toMatchObject({ body: { duplicate: false } });
    expect(await store.command({ type: 'confirm', id: 'c' }, 'twice')).toMatchObject({ body: { duplicate: true } });
    expect(await store.command({ type: 'confirm', id: 'd' }, 'twice')).toMatchObject({
      status: 409,
      body: { reason: 'not-in-this-status', commandId: 'd' },
    });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ reserved: 1 });
  });

  it.each([
    [{ channel: 'nowhere' }, 422, 'unknown-sales-channel', '/channel'],
    [{ lines: [A(1), { sku: 'Z', quantity: 1 }] }, 422, 'unknown-sku', '/lines/1/sku'],
    [{ flow: { type: 'click-and-collect', location: 'moon' } }, 422, 'unknown-location', '/flow/location'],
    [{ flow: { type: 'ship-from-store', from: ['store-1', 'kiosk'] } }, 422, 'outside-pool', '/flow/from/1'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 409, 'expiry-not-in-future', '/expiresAt'],
    [{ expiresAt: '2099-01-01T00:00:00Z' }, 422, 'hold-too-long', '/expiresAt'],
    [{ lines: [] }, 422, 'invalid-command', '/lines'],
    [{ lines: [A(0)] }, 422, 'invalid-command', '/lines/0/quantity'],
    [{ lines: [A(1_000_000_000), A(1)] }, 422, 'invalid-command', '/lines/1/quantity'],
    [{ orderId: 'a/b' }, 422, 'invalid-command', '/orderId'],
    [{ colour: 'red' }, 422, 'invalid-command', '/colour'],
  ])('when an order is wrong: %j is %i %s', async (fields, status, reason, path) => {
    await store.close();
    store = await orderStore({ policy: { skus: ['A', 'B'] } });
    const head = await store.product.evenstock.log.head();
    expect(await store.place(fields)).toMatchObject({ status, body: { reason, errors: [{ path }] } });
    expect(await store.product.evenstock.log.head()).toBe(head);
  });

  it('when the order is not there, or the time is not', async () => {
    expect(await store.get('/v1/orders/none')).toMatchObject({ status: 404, body: { reason: 'unknown-order' } });
    expect(await store.command({ type: 'confirm' }, 'none')).toMatchObject({ status: 404 });
    expect(await store.get('/v1/orders/a%20b')).toMatchObject({ status: 400, body: { reason: 'invalid-parameter' } });
    await store.receive({ warehouse: { A: 1 } });
    await store.place();
    await store.command({ type: 'confirm' });
    expect(await store.command({ type: 'fulfil', units: [A(1)], occurredAt: '2020-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { reason: 'outside-window', errors: [{ path: '/occurredAt' }] },
    });
  });
});
