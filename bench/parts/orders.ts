// What an order of 5 lines over a pool of 10 locations costs beside a single reservation, and what both cost when very many
// orders and holds are open. The whole product in this process, without HTTP: CPU time until the stocks have answered and
// the read model and the reactions have seen it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { PlaceOrder } from '../../domain/order/commands.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { HOUR } from '../../domain/time.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import { type Evenstock, startEvenstock } from '../../server/wiring.ts';
import { type Figure, figure } from '../figure.ts';
import { seeded } from '../load/load.ts';
import type { Part } from '../part.ts';
import { inTurns } from '../servers/local-actors.ts';

const LOCATIONS = Array.from({ length: 10 }, (_, n) => `location-${n}`);
const SKUS = 500;
const LINES = 5;
const SAMPLES = 3;
/** Until then the first figures are those of code that is not compiled and of a heap that grows. */
const WARM_UPS = 4;
/** Of `sizes.calls`: an order is many commands. */
const CALLS_SHARE = 0.04;

export const ordersPart: Part = {
  name: 'orders',
  title: 'Orders',
  async run({ sizes, directory, progress }) {
    const folder = join(directory, 'orders');
    mkdirSync(folder);
    const evenstock = await start(folder);
    await inTurns(SKUS * LOCATIONS.length, 500, (n) => receive(evenstock, n));
    const figures: Figure[] = [];
    const calls = Math.max(20, Math.round(sizes.calls * CALLS_SHARE));
    for (const open of [0, sizes.openOrders]) {
      const shown = `${open.toLocaleString('en')} orders and holds open`;
      progress(shown);
      const isOpen = evenstock.running.processes.orders.counts().open;
      await inTurns(Math.max(0, open - isOpen), sizes.connections, () => place(evenstock, 1));
      const [order, hold] = await measure(evenstock, calls, sizes.connections);
      figures.push(
        figure(`orders.place.${open}`, `CPU an order of ${LINES} lines over 10 locations, ${shown}`, 'µs', order),
        figure(`orders.reservation.${open}`, `CPU a reservation, ${shown}`, 'µs', hold),
      );
    }
    await evenstock.close();
    rmSync(folder, { recursive: true });
    return figures;
  },
};

function start(folder: string): Promise<Evenstock> {
  const policy = compilePolicy(
    PolicyDocument.parse({
      version: 'bench',
      locations: LOCATIONS.map((id) => ({ id })),
      channels: [{ id: 'webshop', locations: LOCATIONS }],
      // Looks at every location for every line.
      orders: { sourcing: 'balance', holdMinutes: 600, holdMinutesMax: 600 },
    }),
  );
  return startEvenstock(readConfig({ DATA_DIR: folder, PORT: '0', EVENSTOCK_INSECURE_NO_AUTH: '1' }), {
    env: {},
    logger: createLogger('error', false),
    onFatal(error) {
      throw error;
    },
    policy,
  });
}

/** In turns, so that what slows the machine down for a while slows both. */
async function measure(evenstock: Evenstock, calls: number, inFlight: number) {
  const [orders, holds]: [number[], number[]] = [[], []];
  for (let n = 0; n < WARM_UPS + SAMPLES; n++) {
    const order = await cpuOf(evenstock, calls, inFlight, () => place(evenstock, LINES));
    const hold = await cpuOf(evenstock, calls * LINES, inFlight, () => reserve(evenstock));
    if (n < WARM_UPS) continue;
    orders.push(order);
    holds.push(hold);
  }
  return [orders, holds] as const;
}

/** CPU time of this process a call, µs. */
async function cpuOf(
  evenstock: Evenstock,
  calls: number,
  inFlight: number,
  call: () => Promise<void>,
): Promise<number> {
  const before = process.cpuUsage();
  await inTurns(calls, inFlight, call);
  const head = await evenstock.log.head();
  const [isFolded, isSeen] = await Promise.all([
    evenstock.readModel.waitFor(head, 60_000),
    evenstock.running.reactions.waitFor(head, 60_000),
  ]);
  if (!isFolded || !isSeen) throw new Error('the read model or the reactions fell behind by more than a minute');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const random = seeded(7);
const below = (n: number) => Math.floor(random() * n);
let sent = 0;

async function receive(evenstock: Evenstock, n: number): Promise<void> {
  const [sku, location] = [`sku-${n % SKUS}`, LOCATIONS[Math.floor(n / SKUS)]!];
  await submit(evenstock, { type: 'receipt', id: `in-${n}`, sku, location, quantity: 1e6, occurredAt: Date.now() });
}

async function reserve(evenstock: Evenstock): Promise<void> {
  sent += 1;
  const id = `hold-${sent}`;
  const [sku, location] = [`sku-${below(SKUS)}`, LOCATIONS[below(LOCATIONS.length)]!];
  const hold = { sku, location, reservationId: id, quantity: 1, owner: id, channel: 'webshop' };
  await submit(evenstock, { type: 'reservation.make', id, ...hold, expiresAt: Date.now() + 10 * HOUR });
}

async function submit({ actors }: Evenstock, command: StockCommand): Promise<void> {
  const answer = await actors.submit({ command, client: 'bench' });
  if (answer.outcome !== 'accepted') throw new Error(`a command was ${JSON.stringify(answer)}`);
}

async function place({ running }: Evenstock, lineCount: number): Promise<void> {
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
}
