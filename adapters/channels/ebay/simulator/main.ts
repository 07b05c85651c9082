// Runs the eBay simulator as a process of its own:
//   node adapters/channels/ebay/simulator/main.ts --port 8091 --sku TEE --sku MUG --faults '{"kind":"throttle"}'
// Its credentials come from EBAY_CLIENT_ID, EBAY_CLIENT_SECRET and EBAY_REFRESH_TOKEN, those of whoever calls it.
import { parseArgs } from 'node:util';
import { createProcess, endBySignal } from '../../simulator/process.ts';
import { startEbay } from './server.ts';

const USAGE = `Usage: EBAY_CLIENT_ID=… EBAY_CLIENT_SECRET=… EBAY_REFRESH_TOKEN=… node adapters/channels/ebay/simulator/main.ts [options]
  --port <n>       port to listen on (default 8091; 0 takes any free one)
  --host <name>    address to listen on (default 127.0.0.1)
  --sku <sku>      listed from the start, with nothing to sell; may be given often
  --faults <json>  how it misbehaves from the start (adapters/channels/simulator/faults.ts); later: PUT /admin/faults
  --with-parent    end when standard input ends, that is with the process that started it
`;

const simulated = createProcess(USAGE);
const { fail } = simulated;

function read() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8091' },
      host: { type: 'string', default: '127.0.0.1' },
      sku: { type: 'string', multiple: true, default: [] },
      faults: { type: 'string', default: '{}' },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('--port must be a whole number up to 65535');
  return { ...values, port, faults: simulated.faults(values.faults) };
}

const credential = simulated.variable;

const { port, host, sku: skus, faults, 'with-parent': withParent } = simulated.options(read);
const credentials = {
  clientId: credential('EBAY_CLIENT_ID'),
  clientSecret: credential('EBAY_CLIENT_SECRET'),
  refreshToken: credential('EBAY_REFRESH_TOKEN'),
};
const ebay = await startEbay({ credentials, skus, faults, port, host }).catch((error: Error) => fail(error.message));
process.stdout.write(`eBay simulator listening on ${ebay.url}\n`);
const end = endBySignal(ebay.close);
if (withParent) process.stdin.once('end', end).resume();
