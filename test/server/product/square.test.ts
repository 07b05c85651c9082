// A Square till and the whole product, over real HTTP and through Square's SDK: counts go out, sales come in as facts by
// webhook and count once, whatever else tells them; what comes back is looked at first.
import { afterEach, expect, test } from 'vitest';
import { type Product, startProduct } from '../../support/product.ts';
import { CHANNEL, LOCATION, SIGNATURE_KEY, startSquareRig, TOKEN } from '../../support/square/rig.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const PUBLIC_URL = 'https://stock.example/hooks/square';

async function start() {
  const rig = await startSquareRig();
  open.push(rig);
  const settings = { ...rig.given.connector.settings, notificationUrl: PUBLIC_URL };
  const product = await startProduct({
    env: { SQUARE: TOKEN, SQUARE_WEBHOOK: SIGNATURE_KEY },
    policy: {
      locations: [{ id: LOCATION }],
      channels: [
        { id: CHANNEL, locations: [LOCATION], connector: { ...rig.given.connector, settings, timeoutMs: 2_000 } },
      ],
    },
  });
  open.push(product);
  const hook = (order: string, how: Parameters<typeof rig.deliver>[1] = {}) => {
    const { rawBody, headers } = rig.deliver(order, { url: PUBLIC_URL, ...how });
    const body = new Uint8Array(rawBody);
    return fetch(`${product.evenstock.url}/v1/hooks/${CHANNEL}`, { method: 'POST', body, headers });
  };
  const map = async (line: object) => {
    const [answer] = await product.lines(`/v1/systems/${CHANNEL}/identifiers`, [line]);
    expect(answer).toMatchObject({ outcome: 'taken' });
  };
  await map({ what: 'location', ours: LOCATION, theirs: rig.pos.location });
  /** A variation at the till, mapped. */
  const aSku = async (): Promise<string> => {
    const [sku] = rig.seed(1, 0) as [string];
    await map({ ours: sku, theirs: rig.variationOf(sku) });
    return sku;
  };
  return { ...rig, product, hook, aSku };
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 400; n += 1) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within 10 s: ${what}`);
}

const stockOf = async (product: Product, sku: string) => {
  const { onHand, quarantined } = (await product.get(`/v1/stock/${sku}/${LOCATION}`)).body;
  return { onHand, quarantined };
};

// Seen failing before a return made what its channel shows uncertain: the till went on showing 10.
test('what a till sells is taken off once, and what comes back is looked at', { timeout: 60_000 }, async () => {
  const { pos, aSku, variationOf, product, hook } = await start();
  const sku = await aSku();
  const variation = variationOf(sku);
  await product.command({ type: 'receipt', sku, location: LOCATION, quantity: 10 });
  await until('10 are counted', () => pos.units(variation) === 10);

  const sale = pos.sell([{ variation, units: 3 }]);
  const told = [hook(sale.id), hook(sale.id), hook(sale.id, { type: 'payment.updated' })];
  expect((await Promise.all(told)).map(({ status }) => status)).toEqual([200, 200, 200]);
  await until('3 were sold', async () => (await stockOf(product, sku)).onHand === 7);
  // Our own counts come back as events too, and are no sales.
  expect((await hook(sale.id, { type: 'inventory.count.updated' })).status).toBe(200);
  await until('7 are counted', () => pos.units(variation) === 7);

  const back = pos.bringBack([sale.lines[0]!]);
  await hook(back.id);
  await until('3 are back, to be looked at', async () => (await stockOf(product, sku)).quarantined === 3);
  // Square put them on the shelf; they are not for sale before somebody says so.
  await until('7 are counted again', () => pos.units(variation) === 7);
  expect((await hook(sale.id, { key: 'theKeyOfAnotherSubscription' })).status).toBe(401);
});

test('a till sells what it has: more than is known here is a sale all the same, and oversold', {
  timeout: 60_000,
}, async () => {
  const { pos, aSku, variationOf, product, hook } = await start();
  const sku = await aSku();
  const variation = variationOf(sku);
  await product.command({ type: 'receipt', sku, location: LOCATION, quantity: 1 });
  await until('1 is counted', () => pos.units(variation) === 1);
  const sale = pos.sell([{ variation, units: 3 }]);
  expect((await hook(sale.id)).status).toBe(200);
  await until('2 are oversold', async () => {
    return (await product.get(`/v1/stock/${sku}/${LOCATION}`)).body['oversold'] === 2;
  });
  await until('nothing is counted', () => pos.units(variation) === 0);
});
