// Runs the simulated shop as a process of its own:
//   WOO_KEY=… WOO_SECRET=… WOO_WEBHOOK=… node adapters/channels/woocommerce/simulator/main.ts --port 8096 --product 5
// How it misbehaves: PUT /admin/faults. What a buyer orders: POST /admin/orders; its webhooks go to --hook.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createProcess, endBySignal } from '../../simulator/process.ts';
import { serveSimulator } from '../../simulator/serve.ts';
import { createWooSimulator } from './app.ts';

const USAGE = `Usage: WOO_KEY=key WOO_SECRET=secret WOO_WEBHOOK=secret node adapters/channels/woocommerce/simulator/main.ts [options]
  --port <n>         port to listen on (default 8096; 0 takes any free one)
  --product <units>  lists a product; may be repeated
  --variation <units>  lists a variation of one variable product; may be repeated
  --hook <url>       where orders are told, such as http://127.0.0.1:8080/v1/hooks/shop
`;

const simulated = createProcess(USAGE);
const { fail } = simulated;

function read() {
  const many = { type: 'string', multiple: true, default: [] as string[] } as const;
  return parseArgs({
    options: {
      port: { type: 'string', default: '8096' },
      product: many,
      variation: many,
      hook: { type: 'string' },
    },
  }).values;
}

const given = simulated.variable;
const units = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : fail(`${text} is no number of units`));

const { port, product, variation, hook } = simulated.options(read);
const secrets = { key: given('WOO_KEY'), secret: given('WOO_SECRET'), webhookSecret: given('WOO_WEBHOOK') };
const { app, shop, deliveryOf } = createWooSimulator(secrets);

const Order = z.strictObject({
  lines: z.array(z.strictObject({ product: z.int(), quantity: z.int().min(1) })).min(1),
});
const Status = z.strictObject({ status: z.enum(['processing', 'completed', 'cancelled']) });

/** As WooCommerce does it: once, after the change, and without a second try. */
function tell(order: number): void {
  if (hook === undefined) return;
  void fetch(hook, { method: 'POST', ...deliveryOf(order) }).then(
    ({ status }) => process.stdout.write(`order ${order} told: ${status}\n`),
    (error: Error) => process.stdout.write(`order ${order} not told: ${error.message}\n`),
  );
}

app.post('/admin/orders', async (call) => {
  const wanted = Order.safeParse(await call.req.json().catch(() => undefined));
  if (!wanted.success) return call.json({ error: z.prettifyError(wanted.error) }, 400);
  const order = shop.order(wanted.data.lines);
  if (order === undefined) return call.json({ error: 'not that many are shown' }, 409);
  tell(order.id);
  return call.json({ id: order.id }, 201);
});
app.post('/admin/orders/:id', async (call) => {
  const wanted = Status.safeParse(await call.req.json().catch(() => undefined));
  const id = Number(call.req.param('id'));
  if (!wanted.success || !shop.orders.has(id)) return call.json({ error: 'no such order or status' }, 400);
  shop.setStatus(id, wanted.data.status);
  tell(id);
  return call.json({ id, ...wanted.data });
});
app.get('/admin/products', (call) => call.json([...shop.products.values()]));

const { url, close } = await serveSimulator(app, { port: Number(port) }).catch((error: Error) => fail(error.message));
process.stdout.write(`shop listening on ${url}\n`);
for (const text of product) process.stdout.write(`product ${shop.addProduct(units(text)).id}\n`);
if (variation.length > 0) {
  const parent = shop.addProduct(0, 'variable').id;
  for (const text of variation) {
    process.stdout.write(`variation ${shop.addProduct(units(text), 'variation', parent).id} of product ${parent}\n`);
  }
}
endBySignal(close);
