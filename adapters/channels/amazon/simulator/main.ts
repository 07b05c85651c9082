// Runs the Amazon simulator as a process of its own, to try a policy against:
//   node adapters/channels/amazon/simulator/main.ts --port 8095 --speed 1 --skus TEE,MUG
// Its credentials come from AMAZON_CLIENT_ID, AMAZON_CLIENT_SECRET and AMAZON_REFRESH_TOKEN. With AMAZON_WEBHOOK and
// --hook it forwards a notification of each change of an order, as a seller's own forwarder would.
import { parseArgs } from 'node:util';
import { createProcess, endBySignal } from '../../simulator/process.ts';
import { SIMULATED_SELLER } from './app.ts';
import { forward, orderChange } from './notifications.ts';
import { startAmazon } from './server.ts';

const USAGE = `Usage: node adapters/channels/amazon/simulator/main.ts [options]
  --port <n>       port to listen on (default 8095; 0 takes any free one)
  --skus <a,b>     listings from the start, with 0 units
  --speed <n>      how much faster than Amazon's usage plans (default: no limits)
  --apply-ms <n>   until an accepted patch is shown (default 1000)
  --feed-ms <n>    until a feed is worked through (default 10000)
  --hook <url>     where notifications go, such as http://127.0.0.1:8080/v1/hooks/amazon-de
  --faults <json>  how it misbehaves from the start; later: PUT /admin/faults
A buyer: POST /admin/buy {"sku":"TEE","quantity":2}; POST /admin/orders/<id>/ship or /cancel. What is shown: GET /admin/listings
`;

const simulated = createProcess(USAGE);
const { fail } = simulated;

function read() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8095' },
      skus: { type: 'string', default: '' },
      speed: { type: 'string', default: 'Infinity' },
      'apply-ms': { type: 'string', default: '1000' },
      'feed-ms': { type: 'string', default: '10000' },
      hook: { type: 'string' },
      faults: { type: 'string', default: '{}' },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, faults: simulated.faults(values.faults) };
}

const secret = simulated.variable;
const number = (name: string, text: string): number => {
  const value = Number(text);
  return value >= 0 ? value : fail(`--${name} must be a number of at least 0`);
};

const values = simulated.options(read);
if (values.help) {
  process.stdout.write(USAGE);
} else {
  const { hook } = values;
  const amazon = await startAmazon({
    credentials: {
      clientId: secret('AMAZON_CLIENT_ID'),
      clientSecret: secret('AMAZON_CLIENT_SECRET'),
      refreshToken: secret('AMAZON_REFRESH_TOKEN'),
    },
    port: number('port', values.port),
    speed: number('speed', values.speed),
    applyMs: number('apply-ms', values['apply-ms']),
    feedMs: number('feed-ms', values['feed-ms']),
    faults: values.faults,
    onOrder(order) {
      if (hook === undefined) return;
      const notification = orderChange(order, SIMULATED_SELLER, Date.now());
      forward(notification, { url: hook, secret: secret('AMAZON_WEBHOOK') }).catch((error: unknown) => {
        process.stderr.write(`order ${order.id} is not told: ${error instanceof Error ? error.message : error}\n`);
      });
    },
  });
  for (const sku of values.skus.split(',').filter((one) => one !== '')) amazon.listings.list(sku, 0);
  process.stdout.write(`amazon simulator listening on ${amazon.url}, seller ${SIMULATED_SELLER.sellerId}\n`);
  endBySignal(amazon.close);
}
