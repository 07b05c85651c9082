// The whole product with a (simulated) WooCommerce shop: names mapped, figures told, orders by webhook and by poll, and in
// the end both show the same.
import { afterEach, expect, test } from 'vitest';
import { type ServedSimulator, serveSimulator } from '../../../adapters/channels/simulator/serve.ts';
import { createWooSimulator } from '../../../adapters/channels/woocommerce/simulator/app.ts';
import {
  WOO_SIGNATURE_HEADER,
  WOO_TOPIC_HEADER,
  wooSignature,
} from '../../../adapters/channels/woocommerce/webhook.ts';
import { type Product, startProduct } from '../../support/product.ts';

const KEY = 'ck_0123456789abcdef0123456789abcdef01234567';
const SECRET = 'cs_76543210fedcba9876543210fedcba9876543210';
const WEBHOOK = 'the-webhook-secret-of-the-shop';
const CHANNEL = 'blog-shop';

let served: ServedSimulator | undefined;
let product: Product | undefined;
afterEach(async () => {
  await product?.close();
  await served?.close();
});

async function start() {
  const simulator = createWooSimulator({ key: KEY, secret: SECRET, webhookSecret: WEBHOOK });
  const { shop } = simulator;
  served = await serveSimulator(simulator.app);
  const tee = shop.addProduct(0);
  const parent = shop.addProduct(0, 'variable');
  const mug = shop.addProduct(0, 'variation', parent.id);
  const settings = { pollEverySeconds: 10 };
  const limits = { ratePerSecond: 50, burst: 10 };
  const connector = { type: 'woocommerce', url: served.url, secretEnv: 'WOO', settings, ...limits };
  product = await startProduct({
    env: { WOO_KEY: KEY, WOO_SECRET: SECRET, WOO_WEBHOOK: WEBHOOK },
    policy: { locations: [{ id: 'warehouse' }], channels: [{ id: CHANNEL, locations: ['warehouse'], connector }] },
  });
  for (const sku of ['TEE', 'MUG']) await product.command({ type: 'receipt', sku, quantity: 10 });
  const names = ['ours,theirs,more.parent', `TEE,${tee.id},`, `MUG,${mug.id},${parent.id}`].join('\n');
  const mapped = await product.send(`/v1/systems/${CHANNEL}/identifiers`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: `${names}\n`,
  });
  expect(await mapped.text()).not.toContain('refused');
  const tell = (order: number, secret = WEBHOOK) =>
    fetch(`${product!.evenstock.url}/v1/hooks/${CHANNEL}`, {
      method: 'POST',
      ...simulator.deliveryOf(order, { secret }),
    });
  const tellDeleted = (order: number) => {
    const body = JSON.stringify({ id: order });
    const headers = { [WOO_TOPIC_HEADER]: 'order.deleted', [WOO_SIGNATURE_HEADER]: wooSignature(WEBHOOK, body) };
    return fetch(`${product!.evenstock.url}/v1/hooks/${CHANNEL}`, { method: 'POST', body, headers });
  };
  const shows = (of: { readonly stock: number | null }) => expect.poll(() => of.stock, { timeout: 30_000 });
  const statusOf = async (order: number) =>
    (await product!.get(`/v1/orders/${CHANNEL}-${order}`)).body['status'] as string | undefined;
  return { shop, tee, mug, tell, tellDeleted, shows, statusOf };
}

test('a WooCommerce shop shows what can be sold, through orders, lost webhooks and cancellations', {
  timeout: 120_000,
}, async () => {
  const { shop, tee, mug, tell, shows, statusOf } = await start();
  await shows(tee).toBe(10);
  await shows(mug).toBe(10);

  const told = shop.order([
    { product: tee.id, quantity: 3 },
    { product: mug.id, quantity: 1 },
  ])!;
  expect((await tell(told.id, 'the-secret-of-another-shop')).status).toBe(401);
  const answers = await Promise.all([tell(told.id), tell(told.id), tell(told.id)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await expect.poll(() => statusOf(told.id), { timeout: 30_000 }).toBe('confirmed');
  await shows(tee).toBe(7);
  await shows(mug).toBe(9);

  // Its webhook is lost: the poll finds it, and the other one again, which changes nothing.
  const polled = shop.order([{ product: tee.id, quantity: 2 }])!;
  await expect.poll(() => statusOf(polled.id), { timeout: 30_000 }).toBe('confirmed');
  const head = await product!.evenstock.log.head();
  expect((await product!.get(`/v1/stock/TEE/warehouse?after=${head}`)).body).toMatchObject({ onHand: 10, reserved: 5 });

  // The shop puts the units of a cancelled order back by itself: what it is told then is the same.
  shop.setStatus(told.id, 'cancelled');
  expect((await tell(told.id)).status).toBe(200);
  shop.setStatus(polled.id, 'completed');
  expect((await tell(polled.id)).status).toBe(200);
  await expect.poll(() => statusOf(told.id), { timeout: 30_000 }).toBe('cancelled');
  await expect.poll(() => statusOf(polled.id), { timeout: 30_000 }).toBe('fulfilled');
  await product!.command({ type: 'receipt', sku: 'TEE', quantity: 1 });
  await shows(tee).toBe(9);
  await shows(mug).toBe(10);
  const after = await product!.evenstock.log.head();
  expect((await product!.get(`/v1/stock/TEE/warehouse?after=${after}`)).body).toMatchObject({ onHand: 9, reserved: 0 });
});

test('units that are refunded before the order is sent are free again, by webhook and by poll', {
  timeout: 120_000,
}, async () => {
  const { shop, tee, tell, shows, statusOf } = await start();
  await shows(tee).toBe(10);
  const stock = async () => {
    const head = await product!.evenstock.log.head();
    const { onHand, reserved } = (await product!.get(`/v1/stock/TEE/warehouse?after=${head}`)).body;
    return { onHand, reserved };
  };
  const order = shop.order([{ product: tee.id, quantity: 4 }])!;
  expect((await tell(order.id)).status).toBe(200);
  shop.refund(order.id, [{ product: tee.id, quantity: 1 }]);
  for (let n = 0; n < 2; n++) expect((await tell(order.id)).status).toBe(200);
  expect(await stock()).toEqual({ onHand: 10, reserved: 3 });
  // Its webhook is lost: the poll reads it.
  shop.refund(order.id, [{ product: tee.id, quantity: 1 }]);
  await expect.poll(stock, { timeout: 30_000, interval: 200 }).toEqual({ onHand: 10, reserved: 2 });
  shop.setStatus(order.id, 'completed');
  shop.refund(order.id, [{ product: tee.id, quantity: 1 }]);
  expect((await tell(order.id)).status).toBe(200);
  expect(await statusOf(order.id)).toBe('fulfilled');
  expect(await stock()).toEqual({ onHand: 8, reserved: 0 });
});

test('a cancellation that comes before its order, or after all has left, is taken and leaves nothing open', {
  timeout: 120_000,
}, async () => {
  const { shop, tee, tell, tellDeleted, shows, statusOf } = await start();
  await shows(tee).toBe(10);
  const waiting = async () =>
    ((await product!.get(`/v1/channels/${CHANNEL}`)).body['inbound'] as { waiting: number }).waiting;

  // Seen failing: with the cancellation of an order that is not known set aside until it is.
  const early = shop.order([{ product: tee.id, quantity: 3 }])!;
  expect((await tellDeleted(early.id)).status).toBe(200);
  expect(await statusOf(early.id)).toBe('cancelled');
  for (let n = 0; n < 2; n++) expect((await tell(early.id)).status).toBe(200);
  expect((await tellDeleted(early.id)).status).toBe(200);
  expect(await statusOf(early.id)).toBe('cancelled');

  // Seen failing: with the cancellation of an order that has been sent refused, which made it a case.
  const sent = shop.order([{ product: tee.id, quantity: 2 }])!;
  shop.setStatus(sent.id, 'completed');
  expect((await tell(sent.id)).status).toBe(200);
  expect(await statusOf(sent.id)).toBe('fulfilled');
  expect((await tellDeleted(sent.id)).status).toBe(200);
  expect(await statusOf(sent.id)).toBe('fulfilled');

  expect(await waiting()).toBe(0);
  expect((await product!.get('/v1/cases?kind=poison-message')).body['cases']).toEqual([]);
  const head = await product!.evenstock.log.head();
  expect((await product!.get(`/v1/stock/TEE/warehouse?after=${head}`)).body).toMatchObject({ onHand: 8, reserved: 0 });
});
