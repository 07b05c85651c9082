// Many changes at Amazon through the whole product: what patches cannot say in time goes as a feed, a stock-out never does,
// and when a feed is stuck what it should have brought is told by patches. Every value is read back.
import { afterEach, expect, test } from 'vitest';
import { SIMULATED_SELLER } from '../../../adapters/channels/amazon/simulator/app.ts';
import { type RunningAmazon, startAmazon } from '../../../adapters/channels/amazon/simulator/server.ts';
import { SECRETS } from '../../support/amazon/rig.ts';
import { type Product, startProduct } from '../../support/product.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const SKUS = Array.from({ length: 36 }, (_, n) => `SKU-${n}`);

async function start(): Promise<{ amazon: RunningAmazon; product: Product }> {
  const amazon = await startAmazon({
    credentials: {
      clientId: SECRETS.AMAZON_CLIENT_ID,
      clientSecret: SECRETS.AMAZON_CLIENT_SECRET,
      refreshToken: SECRETS.AMAZON_REFRESH_TOKEN,
    },
    ...{ applyMs: 50, feedMs: 300 },
  });
  open.push(amazon);
  for (const sku of SKUS) amazon.listings.list(sku, 0);
  const settings = {
    ...{ ...SIMULATED_SELLER, tokenUrl: amazon.tokenUrl, orders: 'none' },
    // Minutes of Amazon's, in seconds: 5 a second are 15 patches in the time in which a feed settles.
    ...{ feedEveryMinutes: 0.02, feedSettlesMinutes: 0.05, patchSettlesMinutes: 0.05 },
  };
  const connector = { type: 'amazon', url: amazon.url, secretEnv: 'AMAZON', settings };
  const product = await startProduct({
    env: { ...SECRETS },
    policy: {
      locations: [{ id: 'warehouse' }],
      channels: [{ id: 'amazon-de', locations: ['warehouse'], connector }],
    },
  });
  open.push(product);
  return { amazon, product };
}

let n = 0;
/** Everything is received or sold at once. */
const all = (product: Product, type: 'receipt' | 'sale', quantity: number) => {
  const occurredAt = new Date().toISOString();
  return product.batch(
    SKUS.map((sku) => {
      n += 1;
      return { id: `c-${n}`, type, sku, location: 'warehouse', quantity, occurredAt };
    }),
  );
};

async function allShow({ listings }: RunningAmazon, units: number): Promise<void> {
  let wrong: readonly string[] = SKUS;
  for (let tries = 0; tries < 1_800 && wrong.length > 0; tries += 1) {
    wrong = SKUS.filter((sku) => listings.shown(sku) !== units);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(wrong, `do not show ${units}`).toEqual([]);
}

const patches = ({ misbehaving }: RunningAmazon) => misbehaving.log.calls.filter(({ method }) => method === 'PATCH');

test('a feed, stock-outs beside it, and patches when it is stuck', { timeout: 120_000 }, async () => {
  const { amazon, product } = await start();
  await all(product, 'receipt', 7);
  await allShow(amazon, 7);
  expect(amazon.feeds.all().length).toBeGreaterThan(0);
  expect(patches(amazon).length).toBeLessThan(SKUS.length);

  amazon.options.stuckFeeds = true;
  const before = patches(amazon).length;
  await all(product, 'receipt', 4);
  await allShow(amazon, 11);
  expect(amazon.feeds.all().some(({ status }) => status === 'IN_PROGRESS')).toBe(true);
  expect(patches(amazon).length - before).toBeGreaterThanOrEqual(SKUS.length / 2);

  amazon.options.stuckFeeds = false;
  const feeds = amazon.feeds.all().length;
  await all(product, 'sale', 11);
  await allShow(amazon, 0);
  expect(amazon.feeds.all().length, 'a stock-out never takes a feed').toBe(feeds);
});
