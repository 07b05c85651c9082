// Runs the simulated shop as a process of its own:
//   SHOPIFY_TOKEN=… node adapters/channels/shopify/simulator/main.ts --port 8095 --item TEE=5 --item MUG=0
// Its access token comes from SHOPIFY_TOKEN. How it misbehaves: PUT /admin/faults.
import { parseArgs } from 'node:util';
import { createProcess, endBySignal } from '../../simulator/process.ts';
import { serveSimulator } from '../../simulator/serve.ts';
import { createShopify } from './app.ts';

const USAGE = `Usage: SHOPIFY_TOKEN=token node adapters/channels/shopify/simulator/main.ts [options]
  --port <n>         port to listen on (default 8095; 0 takes any free one)
  --item <sku=units> lists an item; may be repeated
  --points <n>       points it restores a second (default 100, the smallest plan)
`;

const simulated = createProcess(USAGE);
const { fail } = simulated;

function read() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8095' },
      item: { type: 'string', multiple: true, default: [] },
      points: { type: 'string', default: '100' },
    },
  });
  return values;
}

const { port, item: items, points } = simulated.options(read);
const token = simulated.variable('SHOPIFY_TOKEN');
if (!(Number(points) > 0)) fail('--points must be a number above 0');
const simulator = createShopify({ token, pointsPerSecond: Number(points) });
const { url, close } = await serveSimulator(simulator.app, { port: Number(port) }).catch((error: Error) =>
  fail(error.message),
);
process.stdout.write(`shop listening on ${url}, location ${simulator.shop.location}\n`);
for (const text of items) {
  const [, sku, units] = /^(.+)=(-?\d{1,9})$/.exec(text) ?? fail(`--item ${text} must be <sku>=<units>`);
  const { item, variant } = simulator.shop.list(sku!, { units: Number(units) });
  process.stdout.write(`${sku}: inventory item ${item}, variant ${variant}\n`);
}
endBySignal(close);
