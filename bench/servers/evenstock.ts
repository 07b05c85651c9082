// The real server (server/wiring.ts, unchanged) in a process of its own: embedded log, projections, 3 channels, keys,
// no telemetry unless BENCH_TELEMETRY says so. Says its port over IPC; a `direct` message drives its actors without HTTP.
// Arguments: folder for everything it keeps. The environment is the product's own (see server/config.ts).
import type { StockCommand } from '../../domain/stock/commands.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import { startEvenstock } from '../../server/wiring.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { seeded } from '../load/load.ts';
import { LOCATION, skuName } from '../load/request.ts';
import type { Sizes } from '../part.ts';

export interface DirectOrder {
  readonly stocks: number;
  readonly sizes: Sizes;
}

const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
};

const config = readConfig(process.env);
/** Of the channels that it publishes to; the rest of the environment stays outside, telemetry too where nobody measures it. */
const passed = process.env['BENCH_TELEMETRY'] === '1' ? /^(BENCH$|BENCH_|OTEL_)/ : /^(BENCH$|BENCH_)/;
const secrets = Object.entries(process.env).filter(([name]) => passed.test(name));
const evenstock = await startEvenstock(config, {
  env: Object.fromEntries(secrets),
  logger: createLogger('warn', false),
  onFatal: fail,
}).catch(fail);

let sent = 0;

async function direct({ stocks, sizes }: DirectOrder): Promise<readonly number[]> {
  const random = seeded(7);
  const occurredAt = Date.now();
  return closedLoop(sizes, async () => {
    sent += 1;
    const command: StockCommand = {
      type: 'sale',
      id: `direct-${process.pid}-${sent}`,
      sku: skuName(Math.floor(random() * stocks)),
      location: LOCATION,
      quantity: 1,
      channel: 'webshop',
      occurredAt,
    };
    const answer = await evenstock.actors.submit({ command, client: 'bench' });
    if (answer.outcome !== 'accepted') throw new Error(`a command was ${answer.outcome}`);
  });
}

process.on('message', (order: DirectOrder) => {
  direct(order).then((rates) => process.send?.({ rates }), fail);
});
process.on('disconnect', () => process.exit(0));
process.once('SIGTERM', () => {
  evenstock.close().then(() => process.exit(0), fail);
});
process.send?.({ port: Number(new URL(evenstock.url).port) });
