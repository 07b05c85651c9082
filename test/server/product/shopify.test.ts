// A Shopify shop and the whole product, over real HTTP on both sides: stock is shown there, sold there, told here twice and
// by hand, fulfilled, brought back, cancelled; and a sale that meets a rise of stock is never sold again.
import { afterEach, expect, test } from 'vitest';
import { gid } from '../../../adapters/channels/shopify/gid.ts';
import type { Topic } from '../../../adapters/channels/shopify/simulator/payload.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { CHANNEL, startShopifyRig, TOKEN, WEBHOOK_SECRET } from '../../support/shopify/rig.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start() {
  const rig = await startShopifyRig();
  open.push(rig);
  const product = await startProduct({
    env: { DTC: TOKEN, DTC_WEBHOOK: WEBHOOK_SECRET },
    policy: {
      locations: [{ id: 'warehouse' }],
      channels: [{ id: CHANNEL, locations: ['warehouse'], connector: { ...rig.given.connector, timeoutMs: 2_000 } }],
    },
  });
  open.push(product);
  const deliver = async (order: string, topic: Topic = 'orders/updated') => {
    const { rawBody, headers } = rig.deliver(order, { topic });
    const body = new Uint8Array(rawBody);
    return fetch(`${product.evenstock.url}/v1/hooks/${CHANNEL}`, { method: 'POST', body, headers });
  };
  /** An item of the shop, mapped. */
  const aSku = async (units: number): Promise<string> => {
    const [sku] = rig.seed(1, units) as [string];
    const line = { ours: sku, theirs: gid('InventoryItem', rig.shop.itemOf(sku)!.item) };
    const [answer] = await product.lines(`/v1/systems/${CHANNEL}/identifiers`, [line]);
    expect(answer).toMatchObject({ outcome: 'taken' });
    return sku;
  };
  return { ...rig, product, deliver, delivery: rig.deliver, aSku };
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 400; n += 1) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within 10 s: ${what}`);
}

const statusOf = async (product: Product, order: string) =>
  (await product.get(`/v1/orders/${CHANNEL}-${order}`)).body['status'];
const stockOf = async (product: Product, sku: string) => {
  const { onHand, reserved } = (await product.get(`/v1/stock/${sku}/warehouse`)).body;
  return { onHand, reserved };
};

test('an order of the shop is reserved, fulfilled, returned and cancelled here, once', {
  timeout: 60_000,
}, async () => {
  const { shop, aSku, product, deliver } = await start();
  const sku = await aSku(0);
  await product.command({ type: 'receipt', sku, quantity: 10 });
  await until('10 are shown', () => shop.available(sku) === 10);

  const order = shop.buy([{ sku, units: 2 }])!;
  const called = shop.buy([{ sku, units: 3 }])!;
  shop.cancel(called.id);
  // The cancellation is told first, and everything twice at once.
  const answers = await Promise.all([
    ...['orders/cancelled', 'orders/create'].map((topic) => deliver(called.id, topic as Topic)),
    ...['orders/create', 'orders/create', 'orders/updated'].map((topic) => deliver(order.id, topic as Topic)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await until('the one is reserved', async () => (await statusOf(product, order.id)) === 'confirmed');
  await until('the other is cancelled', async () => (await statusOf(product, called.id)) === 'cancelled');
  await until('2 are held', async () => (await stockOf(product, sku)).reserved === 2);

  shop.fulfil(order.id);
  shop.refund(order.id, new Map([[order.lines[0]!.id, 1]]), 'return');
  await deliver(order.id, 'fulfillments/create');
  await deliver(order.id, 'refunds/create');
  await deliver(order.id);
  await until('2 have left and 1 is back', async () => {
    const { onHand, reserved } = await stockOf(product, sku);
    return onHand === 9 && reserved === 0;
  });
  await until('9 are shown', () => shop.available(sku) === 9);
});

test('an order that is edited has here what it has there, whichever edit is told first', {
  timeout: 60_000,
}, async () => {
  const { shop, aSku, product, deliver } = await start();
  const [tee, mug] = [await aSku(0), await aSku(0)];
  for (const sku of [tee, mug]) await product.command({ type: 'receipt', sku, quantity: 10 });
  await until('10 are shown', () => shop.available(tee) === 10 && shop.available(mug) === 10);
  const order = shop.buy([{ sku: tee, units: 4 }])!;
  expect((await deliver(order.id, 'orders/create')).status).toBe(200);
  shop.refund(order.id, new Map([[order.lines[0]!.id, 1]]), 'cancel');
  shop.add(order.id, mug, 2);
  for (let n = 0; n < 2; n += 1) expect((await deliver(order.id)).status).toBe(200);
  await until('3 and 2 are reserved', async () => {
    return (await stockOf(product, tee)).reserved === 3 && (await stockOf(product, mug)).reserved === 2;
  });
  expect((await product.get(`/v1/orders/${CHANNEL}-${order.id}`)).body).toMatchObject({
    ...{ status: 'confirmed', cancelled: [{ sku: tee, quantity: 1 }], short: [] },
    lines: [
      { sku: tee, quantity: 4 },
      { sku: mug, quantity: 2 },
    ],
  });
  shop.fulfil(order.id);
  expect((await deliver(order.id, 'fulfillments/create')).status).toBe(200);
  await until('all has left', async () => (await statusOf(product, order.id)) === 'fulfilled');
  expect(await stockOf(product, tee)).toEqual({ onHand: 7, reserved: 0 });
  await until('7 and 8 are shown', () => shop.available(tee) === 7 && shop.available(mug) === 8);
});

// Seen failing when each quantity opted out of the comparison: 6 were shown.
test('a unit that the shop has sold is not put back by a rise of stock that did not know of it', {
  timeout: 60_000,
}, async () => {
  const { shop, aSku, product, deliver } = await start();
  const sku = await aSku(0);
  await product.command({ type: 'receipt', sku, quantity: 5 });
  await until('5 are shown', () => shop.available(sku) === 5);
  const order = shop.buy([{ sku, units: 5 }])!;
  await product.command({ type: 'receipt', sku, quantity: 1 });
  // The figure is 6 now, for the order has not been heard of; at the shop there is 1.
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, shop.available(sku)!);
  }, 2);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(shop.available(sku)).toBe(0);
  expect((await deliver(order.id, 'orders/create')).status).toBe(200);
  await until('1 is shown', () => shop.available(sku) === 1);
  clearInterval(watch);
  expect(most, 'units that were sold already').toBeLessThanOrEqual(1);
});

test('a delivery that was changed on the way is 401, and leaves nothing', { timeout: 60_000 }, async () => {
  const rig = await start();
  const sku = await rig.aSku(9);
  const order = rig.shop.buy([{ sku, units: 1 }])!;
  const { rawBody, headers } = rig.delivery(order.id);
  const body = Uint8Array.from(rawBody);
  body[10] = body[10]! ^ 1;
  const url = `${rig.product.evenstock.url}/v1/hooks/${CHANNEL}`;
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(401);
  expect((await rig.product.get(`/v1/orders/${CHANNEL}-${order.id}`)).status).toBe(404);
});
