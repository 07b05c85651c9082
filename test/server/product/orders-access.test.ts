// Fault row 23 for orders: every route with every kind of key, limits by channel and by location, who owns a movement by
// policy, and whose events the feed shows. What is forbidden leaves no event.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

const both = ['orders:read' as const, 'orders:write' as const];
const CLIENTS = [
  { id: 'web', scopes: [...both, 'events:read' as const], locations: 'all' as const, channels: ['webshop'] },
  { id: 'reader', scopes: ['orders:read' as const], locations: 'all' as const, channels: 'all' as const },
  { id: 'writer', scopes: ['orders:write' as const], locations: 'all' as const, channels: 'all' as const },
  { id: 'stock', scopes: ['commands:write' as const], locations: 'all' as const, channels: 'all' as const },
  { id: 'market', scopes: both, locations: 'all' as const, channels: ['marketplace'] },
  { id: 'store-1', scopes: both, locations: ['store-1'], channels: ['webshop'] },
].map((client) => ({ ...client, key: generateKey() }));

let store: OrderStore;
beforeEach(async () => {
  store = await orderStore({
    clients: CLIENTS,
    policy: {
      ownership: [{ id: 'parcels', commands: ['fulfilment'], locations: ['store-2'], owners: [{ client: 'web' }] }],
    },
  });
  await store.receive({ warehouse: { A: 20 }, 'store-1': { A: 20 }, 'store-2': { A: 20 } });
});
afterEach(() => store.close());

const order = (orderId: string, more: Record<string, unknown> = {}) => {
  const lines = [{ sku: 'A', quantity: 2 }];
  return { id: `place-${orderId}`, orderId, channel: 'webshop', kind: 'request', lines, ...more };
};
const ask = async (client: string, path: string, body?: unknown) => {
  const { key } = CLIENTS.find(({ id }) => id === client)!;
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await store.product.send(path, { ...post, headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const as = async (client: string, path: string, body?: unknown) => {
  const { log } = store.product.evenstock;
  const before = await log.head();
  const { status, body: answer } = await ask(client, path, body);
  if (status === 403)
    expect([await log.head(), answer['reason']]).toEqual([before, expect.stringMatching(/forbidden|not-owner/)]);
  return status;
};
const each = async (path: string, body?: () => unknown) => {
  const statuses: Record<string, number> = {};
  for (const { id } of CLIENTS) statuses[id] = await as(id, path, body?.());
  return statuses;
};

describe('a key', () => {
  it('needs the scope, and the channel of the order', async () => {
    await store.post('/v1/orders', order('known'));
    expect(await each('/v1/orders')).toEqual({
      web: 200,
      reader: 200,
      writer: 403,
      stock: 403,
      market: 200,
      'store-1': 200,
    });
    const ofWebshop = { web: 200, reader: 200, writer: 403, stock: 403, market: 403, 'store-1': 200 };
    expect(await each('/v1/orders?channel=webshop')).toEqual(ofWebshop);
    expect(await each('/v1/orders/known')).toEqual(ofWebshop);
    let n = 0;
    const place = () => order(`new-${++n}`);
    const written = { web: 200, reader: 403, writer: 200, stock: 403, market: 403, 'store-1': 403 };
    expect(await each('/v1/orders', place)).toEqual(written);
    const renew = () => ({ type: 'renew', id: `r-${++n}`, expiresAt: new Date(Date.now() + 60_000).toISOString() });
    expect(await each('/v1/orders/known/commands', renew)).toEqual({ ...written, 'store-1': 200 });
  });

  it('lists orders of its channels only', async () => {
    await store.post('/v1/orders', order('of-web'));
    await store.post('/v1/orders', order('of-market', { channel: 'marketplace' }));
    const after = await store.product.evenstock.log.head();
    const listed = async (client: string) => {
      const { body } = await ask(client, `/v1/orders?after=${after}`);
      return (body['orders'] as { id: string }[]).map(({ id }) => id);
    };
    expect([await listed('web'), await listed('market')]).toEqual([['of-web'], ['of-market']]);
    expect(await listed('reader')).toEqual(['of-web', 'of-market']);
  });

  it.each([
    [{ type: 'click-and-collect', location: 'store-1' }, 200],
    [{ type: 'click-and-collect', location: 'store-2' }, 403],
    [{ type: 'ship-from-store', from: ['store-1'] }, 200],
    [{ type: 'ship-from-store', from: ['store-1', 'store-2'] }, 403],
    [{ type: 'endless-aisle', orderedAt: 'store-1' }, 200],
    [{ type: 'endless-aisle', orderedAt: 'store-2' }, 403],
    [{ type: 'ship' }, 403],
  ])('that is limited to store-1 placing %j is answered %i', async (flow, status) => {
    expect(await as('store-1', '/v1/orders', order('limited', { flow }))).toBe(status);
  });

  it('that is limited to a location says there what left and came back, and nowhere else', async () => {
    await store.post('/v1/orders', order('1', { flow: { type: 'ship-from-store', from: ['store-1'] } }));
    await store.command({ type: 'confirm' }, '1');
    let n = 0;
    const say = (type: string, location?: string) => {
      const disposition = type === 'return' ? 'restock' : undefined;
      const units = [{ sku: 'A', quantity: 1, location, disposition }];
      return as('store-1', '/v1/orders/1/commands', { type, id: `s-${++n}`, units });
    };
    expect([await say('fulfil'), await say('fulfil', 'store-2'), await say('fulfil', 'store-1')]).toEqual([
      403, 403, 200,
    ]);
    expect([await say('return'), await say('return', 'warehouse'), await say('return', 'store-1')]).toEqual([
      403, 403, 200,
    ]);
  });

  it('that does not own a movement by policy cannot say it of an order either', async () => {
    await store.post('/v1/orders', order('1', { flow: { type: 'ship-from-store', from: ['store-2'] } }));
    await store.command({ type: 'confirm' }, '1');
    const fulfil = (id: string, location?: string) => ({
      type: 'fulfil',
      id,
      units: [{ sku: 'A', quantity: 1, location }],
    });
    for (const location of [undefined, 'store-2']) {
      expect(await ask('writer', '/v1/orders/1/commands', fulfil('a', location))).toMatchObject({
        status: 403,
        body: { reason: 'not-owner', errors: [{ path: '/units/0/location' }] },
      });
    }
    expect(await as('web', '/v1/orders/1/commands', fulfil('b'))).toBe(200);
  });
});

// Seen failing: with order streams shown to every key, and with none shown to a limited one.
it('the feed shows the events of an order to keys of its channel', async () => {
  await store.post('/v1/orders', order('of-web'));
  await store.post('/v1/orders', order('of-market', { channel: 'marketplace' }));
  await store.command({ type: 'cancel' }, 'of-web');
  const { body } = await ask('web', '/v1/events?limit=1000');
  const seen = body['events'] as { stream: string; type: string }[];
  const orders = seen.filter(({ stream }) => stream.startsWith('order-'));
  expect(new Set(orders.map(({ stream }) => stream))).toEqual(new Set(['order-of-web']));
  const own = await store.product.evenstock.log.read('order-of-web', 0, 100);
  expect(orders.map(({ type }) => type)).toEqual(own.map(({ type }) => type));
});
