// A day in small with Amazon, over real HTTP on both sides: stock is received and shown there, sold there, told here by a
// notification that comes twice, shipped, cancelled; a feed's and a patch's refusals end in a case with Amazon's own code.
import { afterEach, expect, test } from 'vitest';
import { SIMULATED_SELLER } from '../../../adapters/channels/amazon/simulator/app.ts';
import { forward, orderChange } from '../../../adapters/channels/amazon/simulator/notifications.ts';
import { type RunningAmazon, startAmazon } from '../../../adapters/channels/amazon/simulator/server.ts';
import { SECRETS } from '../../support/amazon/rig.ts';
import { type Product, startProduct } from '../../support/product.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(settings: Record<string, unknown> = {}): Promise<{ amazon: RunningAmazon; product: Product }> {
  const amazon = await startAmazon({
    credentials: {
      clientId: SECRETS.AMAZON_CLIENT_ID,
      clientSecret: SECRETS.AMAZON_CLIENT_SECRET,
      refreshToken: SECRETS.AMAZON_REFRESH_TOKEN,
    },
    applyMs: 100,
  });
  open.push(amazon);
  for (const sku of ['TEE', 'MUG']) amazon.listings.list(sku, 0);
  const connector = {
    ...{ type: 'amazon', url: amazon.url, secretEnv: 'AMAZON' },
    settings: {
      ...{ ...SIMULATED_SELLER, tokenUrl: amazon.tokenUrl, orders: 'poll-and-notifications' },
      ...settings,
    },
  };
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

async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let n = 0; n < 400; n += 1) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within 10 s: ${what}`);
}

const receive = (product: Product, sku: string, quantity: number) =>
  product.command({ type: 'receipt', sku, quantity });
const shows = ({ listings }: RunningAmazon, sku: string, units: number) =>
  until(`${sku} shows ${units}`, () => listings.shown(sku) === units);

test('what is received is shown; what is sold there is reserved, shipped and cancelled here, once', {
  timeout: 60_000,
}, async () => {
  const { amazon, product } = await start();
  const hook = { url: `${product.evenstock.url}/v1/hooks/amazon-de`, secret: SECRETS.AMAZON_WEBHOOK };
  const notify = (id: string) => forward(orderChange(amazon.orders.get(id)!, SIMULATED_SELLER, Date.now()), hook);
  const order = async (id: string) => (await product.get(`/v1/orders/amazon-de-${id}`)).body['status'];
  const stock = async (sku: string) => {
    const { onHand, reserved } = (await product.get(`/v1/stock/${sku}/warehouse`)).body;
    return { onHand, reserved };
  };
  await receive(product, 'TEE', 10);
  await shows(amazon, 'TEE', 10);

  const first = amazon.buy('TEE', 2)!;
  const second = amazon.buy('TEE', 3)!;
  expect(amazon.listings.shown('TEE')).toBe(5);
  await Promise.all([notify(first.id), notify(first.id), notify(second.id)]);
  await until(
    'both orders are taken',
    async () => (await order(first.id)) === 'confirmed' && (await order(second.id)) === 'confirmed',
  );
  await until('5 are reserved', async () => (await stock('TEE')).reserved === 5);

  amazon.orders.ship(first.id);
  amazon.orders.cancel(second.id);
  // The cancellation is told before the parcel, and both twice.
  for (const { id } of [second, first, second, first]) await notify(id);
  await until('one is sent', async () => (await order(first.id)) === 'fulfilled');
  await until('the other is cancelled', async () => (await order(second.id)) === 'cancelled');
  await until('2 have left', async () => {
    const { onHand, reserved } = await stock('TEE');
    return onHand === 8 && reserved === 0;
  });
  // Amazon does not put back what was cancelled; we tell it.
  await shows(amazon, 'TEE', 8);
  await expect(
    forward({ NotificationType: 'ORDER_CHANGE' }, { ...hook, secret: 'not the secret of this channel' }),
  ).rejects.toThrow('401');
});

test('what Amazon refuses is a case with its own code, and holds up nothing else', { timeout: 60_000 }, async () => {
  const { amazon, product } = await start({ orders: 'none' });
  await receive(product, 'GONE', 4);
  await receive(product, 'MUG', 6);
  await shows(amazon, 'MUG', 6);
  const text = await until('a case', async () => {
    const { body } = await product.get('/v1/cases?kind=refused-publish');
    return (body['cases'] as unknown[]).length > 0 && JSON.stringify(body);
  });
  expect(text).toContain('GONE');
  expect(text).toContain('13013');
  for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
});

test('a policy with wrong settings is refused with the place', async () => {
  const { product } = await start();
  const { body } = await product.get('/v1/policy');
  const document = structuredClone(body['document'] ?? body) as {
    version: string;
    channels: { connector: { settings: Record<string, unknown> } }[];
  };
  document.version = 'next';
  document.channels[0]!.connector.settings = { ...SIMULATED_SELLER, sellerId: 'someone' };
  const refused = await product.post('/v1/policy/plan', { document });
  expect(JSON.stringify(refused.body)).toContain('/channels/0/connector/settings/sellerId');
});
