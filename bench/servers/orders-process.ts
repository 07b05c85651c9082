// One product with so many orders and holds open, in a process and a heap of its own: measures a round whenever it is told
// to, without HTTP: CPU time until the stocks have answered and the read model and the reactions have seen it.
// Usage: node orders-process.ts <folder> <orders> <open|cancelled> <in flight>: so many orders are placed first, and stay open or do
// not. Stocks remember as many commands and the log is as long either way: what differs is what is open.
// Over IPC it says `ready`, and a `Round` for each number of calls.
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { PlaceOrder } from '../../domain/order/commands.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { HOUR } from '../../domain/time.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import { startEvenstock } from '../../server/wiring.ts';
import { seeded } from '../load/load.ts';
import { inTurns } from './local-actors.ts';

/** CPU time of this process a call, µs. */
export interface Round {
  readonly order: number;
  readonly reservation: number;
}

type Hold = Pick<StockCommand, 'sku' | 'location'> & { readonly reservationId: string };

const LINES = 5;
const LOCATIONS = Array.from({ length: 10 }, (_, n) => `location-${n}`);
const SKUS = 500;
const policy = compilePolicy(
  PolicyDocument.parse({
    version: 'bench',
    locations: LOCATIONS.map((id) => ({ id })),
    channels: [{ id: 'webshop', locations: LOCATIONS }],
    // Looks at every location for every line.
    orders: { sourcing: 'balance', holdMinutes: 600, holdMinutesMax: 600 },
  }),
);

const [folder, orders, stay, connections] = process.argv.slice(2) as [string, string, 'open' | 'cancelled', string];
const inFlight = Number(connections);
const { log, actors, readModel, running } = await startEvenstock(
  readConfig({ DATA_DIR: folder, PORT: '0', EVENSTOCK_INSECURE_NO_AUTH: '1' }),
  {
    env: {},
    logger: createLogger('error', false),
    onFatal(error) {
      throw error;
    },
    policy,
  },
);
const random = seeded(7);
const below = (n: number) => Math.floor(random() * n);
let sent = 0;

process.once('disconnect', () => process.exit(1));
process.on('message', async (calls: number) => void process.send?.(await measure(calls)));
await inTurns(SKUS * LOCATIONS.length, 500, receive);
await inTurns(Number(orders), inFlight, async () => {
  const orderId = await place(1);
  if (stay === 'cancelled') await cancel(orderId);
});
await caughtUp();
process.send?.('ready');

/** What was placed and reserved is given back outside of the time measured: so many stay open as were. */
async function measure(calls: number): Promise<Round> {
  const placed: string[] = [];
  const reserved: Hold[] = [];
  const order = await cpuOf(calls, async () => void placed.push(await place(LINES)));
  const reservation = await cpuOf(calls * LINES, async () => void reserved.push(await reserve()));
  await inTurns(placed.length, inFlight, (n) => cancel(placed[n]!));
  await inTurns(reserved.length, inFlight, (n) => release(reserved[n]!));
  await caughtUp();
  return { order, reservation };
}

async function cpuOf(calls: number, call: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await inTurns(calls, inFlight, call);
  await caughtUp();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

async function caughtUp(): Promise<void> {
  const head = await log.head();
  const [isFolded, isSeen] = await Promise.all([
    readModel.waitFor(head, 60_000),
    running.reactions.waitFor(head, 60_000),
  ]);
  if (!isFolded || !isSeen) throw new Error('the read model or the reactions fell behind by more than a minute');
}

async function receive(n: number): Promise<void> {
  const [sku, location] = [`sku-${n % SKUS}`, LOCATIONS[Math.floor(n / SKUS)]!];
  await submit({ type: 'receipt', id: `in-${n}`, sku, location, quantity: 1e6, occurredAt: Date.now() });
}

async function reserve(): Promise<Hold> {
  sent += 1;
  const id = `hold-${sent}`;
  const hold = { sku: `sku-${below(SKUS)}`, location: LOCATIONS[below(LOCATIONS.length)]!, reservationId: id };
  const terms = { quantity: 1, owner: id, channel: 'webshop', expiresAt: Date.now() + 10 * HOUR };
  await submit({ type: 'reservation.make', id, ...hold, ...terms });
  return hold;
}

async function release(hold: Hold): Promise<void> {
  await submit({ type: 'reservation.release', id: `${hold.reservationId}-release`, ...hold });
}

async function submit(command: StockCommand): Promise<void> {
  const answer = await actors.submit({ command, client: 'bench' });
  if (answer.outcome !== 'accepted') throw new Error(`a command was ${JSON.stringify(answer)}`);
}

async function place(lineCount: number): Promise<string> {
  sent += 1;
  const orderId = `order-${sent}`;
  const first = below(SKUS);
  // Apart from each other, so that no order has one SKU twice.
  const lines = Array.from({ length: lineCount }, (_, n) => ({ sku: `sku-${(first + n * 97) % SKUS}`, quantity: 1 }));
  const order = PlaceOrder.parse({ id: orderId, orderId, channel: 'webshop', kind: 'request', lines });
  const answer = await running.processes.orders.submit(orderId, { type: 'place', ...order }, { source: 'bench' });
  if (answer.outcome !== 'accepted' || answer.state.status !== 'held') {
    throw new Error(`an order was ${JSON.stringify(answer)}`);
  }
  return orderId;
}

async function cancel(orderId: string): Promise<void> {
  const command = { type: 'cancel', id: `${orderId}-cancel` } as const;
  const answer = await running.processes.orders.submit(orderId, command, { source: 'bench' });
  if (answer.outcome !== 'accepted') throw new Error(`a cancellation was ${JSON.stringify(answer)}`);
}
