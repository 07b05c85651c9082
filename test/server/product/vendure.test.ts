// The whole product over HTTP with a real Vendure as its web shop: stock goes there, orders come back, and both sides agree
// to the unit after a sale, a parcel, a cancellation, a return, a drift, a race and a restart.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Product, startProduct } from '../../support/product.ts';
import { WEBHOOK_SECRET } from '../../support/vendure/adapter.ts';
import { buy, buyerAt } from '../../support/vendure/buyer.ts';
import { type Clerk, clerkAt } from '../../support/vendure/clerk.ts';
import {
  HOW_TO_INSTALL_VENDURE,
  STARTS_MS,
  startVendure,
  VENDURE_PASSWORD,
  VENDURE_USER,
  type Vendure,
  vendureIsThere,
} from '../../support/vendure/vendure.ts';

const SKUS = ['TEE', 'MUG', 'CAP', 'PEN', 'BAG'];

describe('a real Vendure on the whole product', { timeout: 60_000 }, () => {
  if (!vendureIsThere) return it.skip(HOW_TO_INSTALL_VENDURE, () => undefined);

  let shop: Vendure;
  let clerk: Clerk;
  let product: Product;
  const variant = (sku: string) => shop.variants[sku]!;

  beforeAll(async () => {
    shop = await startVendure({ variants: [...SKUS, 'NEW'].map((sku) => ({ sku })) });
    clerk = await clerkAt(shop.url);
    const settings = { username: VENDURE_USER, stockLocation: '1', ordersSince: '2026-01-01T00:00:00Z' };
    const connector = {
      type: 'vendure',
      url: `${shop.url}/admin-api`,
      secretEnv: 'WEBSHOP',
      timeoutMs: 5_000,
      settings,
    };
    product = await startProduct({
      env: { WEBSHOP: VENDURE_PASSWORD, WEBSHOP_WEBHOOK: WEBHOOK_SECRET },
      policy: {
        locations: [{ id: 'warehouse' }, { id: 'store-1' }],
        channels: [
          { id: 'webshop', locations: ['warehouse', 'store-1'], connector },
          { id: 'tills', locations: ['store-1'] },
        ],
        reconciliation: { settleMinutes: 0 },
      },
    });
    await map(SKUS);
    webhooks(true);
  }, STARTS_MS);
  afterAll(async () => {
    await product?.close();
    await shop?.close();
  });

  const webhooks = (on: boolean) =>
    shop.sendWebhooksTo(on ? { url: `${product.evenstock.url}/v1/hooks/webshop`, secret: WEBHOOK_SECRET } : undefined);
  const map = async (skus: readonly string[]) => {
    const lines = skus.map((ours) => ({ ours, theirs: variant(ours) }));
    const answers = await product.lines('/v1/systems/webshop/identifiers', lines);
    expect(answers.map(({ outcome }) => outcome)).toEqual(skus.map(() => 'taken'));
  };
  const receive = (sku: string, quantity: number, location = 'warehouse') =>
    product.command({ type: 'receipt', sku, quantity, location });
  const ats = async (sku: string) => (await product.get(`/v1/availability/webshop/${sku}`)).body['units'];
  /** Evenstock says so, and so many can be bought in the shop. */
  const agree = async (sku: string, units: number) => {
    const both = async () => [await ats(sku), await clerk.sellable(variant(sku))];
    await expect.poll(both, { timeout: 15_000, interval: 100 }).toEqual([units, units]);
  };
  const orderOf = async (theirs: string, part = '') => {
    const query = 'query ($order: ID!) { order(id: $order) { code } }';
    const { order } = await clerk.ask<{ order: { code: string } }>(query, { order: theirs });
    return (await product.get(`/v1/orders/webshop-${order.code}${part}`)).body;
  };
  const becomes = (theirs: string, status: string, part = '') =>
    expect.poll(async () => (await orderOf(theirs, part))['status'], { timeout: 15_000, interval: 100 }).toBe(status);
  /** An order says what became of it before its stocks have answered. */
  const hasOnHand = async (sku: string, units: number) => {
    const onHand = async () => (await product.get(`/v1/stock/${sku}/warehouse`)).body['onHand'];
    await expect.poll(onHand, { timeout: 15_000, interval: 100 }).toBe(units);
  };

  it('an order becomes an order here, and its parcel, cancellation and return move stock once', async () => {
    await receive('TEE', 8);
    await agree('TEE', 8);
    const order = await buy(shop.url, { [variant('TEE')]: 3 });
    await becomes(order, 'confirmed');
    await agree('TEE', 5);
    expect(await clerk.level(variant('TEE'))).toEqual({ stockOnHand: 8, stockAllocated: 3 });

    await clerk.ship(order, { [variant('TEE')]: 2 });
    await becomes(order, 'partlyFulfilled');
    await hasOnHand('TEE', 6);
    await agree('TEE', 5);

    // One is taken out, and one of the two that were sent comes back.
    await clerk.cancel(order, { [variant('TEE')]: 1 });
    await becomes(order, 'fulfilled');
    await agree('TEE', 6);
    await clerk.cancel(order, { [variant('TEE')]: 1 });
    await agree('TEE', 7);
    await hasOnHand('TEE', 7);
  });

  it('units that stay ordered when others are taken out go on', async () => {
    await receive('BAG', 6);
    await agree('BAG', 6);
    const order = await buy(shop.url, { [variant('BAG')]: 4 });
    await becomes(order, 'confirmed');
    await clerk.cancel(order, { [variant('BAG')]: 1 });
    await agree('BAG', 3);
    await clerk.ship(order, { [variant('BAG')]: 3 });
    await becomes(order, 'fulfilled');
    await hasOnHand('BAG', 3);
    await agree('BAG', 3);
  });

  it('the last unit is sold once: a till takes it while a buyer has it in the basket', async () => {
    await receive('MUG', 1, 'store-1');
    await agree('MUG', 1);
    const buyer = buyerAt(shop.url);
    await buyer.add(variant('MUG'), 1);
    await product.command({ type: 'sale', sku: 'MUG', quantity: 1, location: 'store-1', channel: 'tills' });
    await agree('MUG', 0);
    await expect(buyer.checkOut()).rejects.toThrow(/insufficient stock/i);
    await expect(buyerAt(shop.url).add(variant('MUG'), 1)).rejects.toThrow('INSUFFICIENT_STOCK_ERROR');
    // And the other way round: sold in the shop, then no reservation gets it.
    await receive('MUG', 1, 'store-1');
    await agree('MUG', 1);
    await becomes(await buy(shop.url, { [variant('MUG')]: 1 }), 'confirmed');
    const late = {
      id: 'late',
      orderId: 'till-1',
      channel: 'tills',
      kind: 'request',
      lines: [{ sku: 'MUG', quantity: 1 }],
    };
    expect((await product.post('/v1/orders', late)).body).toMatchObject({ reason: 'insufficient-available' });
  });

  it('an order that has not arrived yet is on sale again at most until it does', async () => {
    await receive('CAP', 5);
    await agree('CAP', 5);
    webhooks(false);
    const order = await buy(shop.url, { [variant('CAP')]: 2 });
    expect(await clerk.sellable(variant('CAP'))).toBe(3);
    // Told between the order and its arrival: the two units are counted twice.
    await receive('CAP', 1);
    await agree('CAP', 6);
    webhooks(true);
    // Found by the poll, which looks when the server starts; told by a webhook as well.
    product = await product.restart();
    webhooks(true);
    await becomes(order, 'confirmed');
    await agree('CAP', 4);
    const before = (await orderOf(order))['revision'];
    await clerk.ask('mutation ($id: ID!) { addNoteToOrder(input: {id: $id, note: "again", isPublic: false}) { id } }', {
      id: order,
    });
    const received = async () =>
      ((await product.get('/v1/channels/webshop')).body['inbound'] as { webhook: { received: number } }).webhook
        .received;
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(0);
    expect((await orderOf(order))['revision']).toBe(before);
    await agree('CAP', 4);
  });

  it('an order of a variant that nobody mapped waits, and is taken when it is mapped', async () => {
    await clerk.setOnHand(variant('NEW'), 3);
    const order = await buy(shop.url, { [variant('NEW')]: 2 });
    const found = async () => (await product.get('/v1/cases?status=open&kind=unmapped-sku')).body['cases'];
    await expect.poll(found, { timeout: 15_000 }).toMatchObject([{ detail: expect.stringContaining(variant('NEW')) }]);
    await receive('NEW', 7);
    await map(['NEW']);
    await becomes(order, 'confirmed');
    await agree('NEW', 5);
    await expect.poll(found, { timeout: 15_000 }).toEqual([]);
  });

  it('a figure that somebody types in at the shop is found, named and put right', async () => {
    await receive('PEN', 9);
    await agree('PEN', 9);
    await clerk.setOnHand(variant('PEN'), 40);
    const run = await product.post('/v1/reconciliations?wait=20', { channel: 'webshop' });
    expect(run.body).toMatchObject({ state: 'completed', comparison: { different: 1 }, corrected: { republish: 1 } });
    await agree('PEN', 9);
    const again = await product.post('/v1/reconciliations?wait=20', { channel: 'webshop' });
    expect(again.body).toMatchObject({ comparison: { different: 0, skus: SKUS.length + 1 } });
  });
});
