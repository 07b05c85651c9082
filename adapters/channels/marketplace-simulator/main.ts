// Runs the marketplace simulator as a process of its own:
//   node adapters/channels/marketplace-simulator/main.ts --port 8090 --rate 5 --burst 10 --faults '{"kind":"throttle"}'
// Its secrets come from MARKETPLACE_SECRETS, separated by commas.
import { parseArgs } from 'node:util';
import { createProcess, endBySignal } from '../simulator/process.ts';
import { startMarketplace } from './server.ts';

const USAGE = `Usage: MARKETPLACE_SECRETS=secret[,secret] node adapters/channels/marketplace-simulator/main.ts [options]
  --port <n>       port to listen on (default 8090; 0 takes any free one)
  --host <name>    address to listen on (default 127.0.0.1)
  --name <text>    title of its page
  --rate <n>       calls per second it allows (default: any)
  --burst <n>      calls it allows at once (default 10)
  --with-parent    end when standard input ends, that is with the process that started it
  --faults <json>  how it misbehaves from the start (see ../simulator/faults.ts); later: PUT /admin/faults
`;

const simulated = createProcess(USAGE);
const { fail } = simulated;

function read() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8090' },
      host: { type: 'string', default: '127.0.0.1' },
      name: { type: 'string', default: 'Marketplace' },
      rate: { type: 'string' },
      burst: { type: 'string' },
      faults: { type: 'string', default: '{}' },
      'with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, faults: simulated.faults(values.faults) };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value >= least ? value : fail(`--${name} must be a number of at least ${least}`);
}

const values = simulated.options(read);
if (values.help) {
  process.stdout.write(USAGE);
} else {
  const secrets = (process.env['MARKETPLACE_SECRETS'] ?? '').split(',').filter((secret) => secret !== '');
  if (secrets.length === 0) fail('MARKETPLACE_SECRETS holds no secret');
  const marketplace = await startMarketplace({
    secrets,
    name: values.name,
    faults: values.faults,
    host: values.host,
    port: number('port', values.port, 0),
    ...(values.rate === undefined ? {} : { ratePerSecond: number('rate', values.rate, 0.001) }),
    ...(values.burst === undefined ? {} : { burst: number('burst', values.burst, 1) }),
  }).catch((error: Error) => fail(error.message));
  process.stdout.write(`marketplace listening on ${marketplace.url}\n`);
  const end = endBySignal(marketplace.close);
  if (values['with-parent']) process.stdin.once('end', end).resume();
}
