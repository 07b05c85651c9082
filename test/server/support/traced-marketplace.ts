// A marketplace and an ERP, simulated, and the product between them, observed: where the story of an order can be followed.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { SIMULATED_SELLER } from '../../../adapters/channels/amazon/simulator/app.ts';
import { forward, orderChange } from '../../../adapters/channels/amazon/simulator/notifications.ts';
import { startAmazon } from '../../../adapters/channels/amazon/simulator/server.ts';
import { simulateOdoo } from '../../adapters/erp/odoo/simulated-odoo.ts';
import { SECRETS } from '../../support/amazon/rig.ts';
import { startOtlpSink } from '../../support/otlp-sink.ts';
import { serveProduct } from '../../support/served-product.ts';
import { opened, telemetryTo } from './observed-product.ts';

export const CHANNEL = 'amazon-de';
const PASSWORD = 'an api key of the tests';
/** Amazon, with so many units of TEE to be bought there. */
export async function startMarketplace(units: number) {
  const amazon = await startAmazon({
    credentials: {
      clientId: SECRETS.AMAZON_CLIENT_ID,
      clientSecret: SECRETS.AMAZON_CLIENT_SECRET,
      refreshToken: SECRETS.AMAZON_REFRESH_TOKEN,
    },
    applyMs: 100,
  });
  opened.push(() => amazon.close());
  amazon.listings.list('TEE', units);
  return amazon;
}

async function startBooks(): Promise<string> {
  const books = { user: 'evenstock', password: PASSWORD, skus: ['TEE'], warehouses: ['warehouse'], now: Date.now };
  const odoo = simulateOdoo(books);
  const server = createServer(async (request, response) => {
    const body = await json(request);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(odoo.answer(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Marketplace = Awaited<ReturnType<typeof startMarketplace>>;

/** The product with it as its channel, and with books; observed. */
export async function startObserved(
  amazon: Marketplace,
  more: object = {},
  env: Readonly<Record<string, string>> = {},
) {
  const [booksUrl, sink] = [await startBooks(), await startOtlpSink()];
  opened.push(() => sink.close());
  const settings = { ...SIMULATED_SELLER, tokenUrl: amazon.tokenUrl, orders: 'poll-and-notifications', ...more };
  const connector = { type: 'amazon', url: amazon.url, secretEnv: 'AMAZON', settings };
  const books = { id: 'books', type: 'odoo', url: booksUrl, database: 'shop', user: 'evenstock', secretEnv: 'ERP' };
  const product = await serveProduct({
    env: { ...telemetryTo(sink.url), ...SECRETS, ERP: PASSWORD, ...env },
    policy: () => ({ channels: [{ id: CHANNEL, locations: ['warehouse'], connector }], erps: [books] }),
  });
  opened.push(() => product.stop());
  const hook = { url: `${product.url}/v1/hooks/${CHANNEL}`, secret: SECRETS.AMAZON_WEBHOOK };
  /** With a `traceparent`, as a forwarder of the retailer's own may send it. */
  const notify = (id: string, traceparent?: string) => {
    const headers = traceparent === undefined ? {} : { traceparent };
    return forward(orderChange(amazon.orders.get(id)!, SIMULATED_SELLER, Date.now()), { ...hook, headers });
  };
  return { sink, product, notify };
}
