// Runs the simulated Square as a process of its own:
//   SQUARE_TOKEN=… node adapters/channels/square/simulator/main.ts --port 8096 --variation 5 --variation 0
// Its access token comes from SQUARE_TOKEN. How it misbehaves: PUT /admin/faults.
import { parseArgs } from 'node:util';
import { createProcess, endBySignal } from '../../simulator/process.ts';
import { serveSimulator } from '../../simulator/serve.ts';
import { createSquare } from './app.ts';

const USAGE = `Usage: SQUARE_TOKEN=token node adapters/channels/square/simulator/main.ts [options]
  --port <n>       port to listen on (default 8096; 0 takes any free one)
  --variation <n>  lists an item variation with n units; may be repeated
`;

const simulated = createProcess(USAGE);
const { fail } = simulated;

function read() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8096' },
      variation: { type: 'string', multiple: true, default: [] },
    },
  });
  return values;
}

const { port, variation: variations } = simulated.options(read);
const token = simulated.variable('SQUARE_TOKEN');
const simulator = createSquare({ token });
const { url, close } = await serveSimulator(simulator.app, { port: Number(port) }).catch((error: Error) =>
  fail(error.message),
);
process.stdout.write(`Square listening on ${url}, location ${simulator.pos.location}\n`);
for (const units of variations) {
  if (!/^\d{1,9}$/.test(units)) fail(`--variation ${units} must be a number of units`);
  process.stdout.write(`variation ${simulator.pos.list(Number(units))}: ${units} units\n`);
}
endBySignal(close);
