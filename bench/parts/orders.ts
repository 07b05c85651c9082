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
const SAMPLES = 5;
/** Until then the first figures are those of code that is not compiled and of a heap that grows. */
const WARM_UPS = 3;
/** Of `sizes.calls`: an order is many commands. */
const CALLS_SHARE = 0.04;

export const ordersPart: Part = {
  name: 'orders',
  title: 'Orders',
  async run({ sizes, directory, progress }) {
    const calls = Math.max(20, Math.round(sizes.calls * CALLS_SHARE));
    const worlds: World[] = [];
    for (const open of [0, sizes.openOrders]) {
      const folder = join(directory, `orders-${open}`);
      mkdirSync(folder);
      const evenstock = await start(folder);
      await inTurns(SKUS * LOCATIONS.length, 500, (n) => receive(evenstock, n));
      const shown = `${open.toLocaleString('en')} orders and holds open`;
      progress(shown);
      await inTurns(open, sizes.connections, async () => void (await place(evenstock, 1)));
      worlds.push({ evenstock, folder, open, shown, orders: [], holds: [] });
    }
    // In turns, so that what slows the machine down for a while slows all.
    for (let n = 0; n < WARM_UPS + SAMPLES; n++) {
      progress(`round ${n + 1} of ${WARM_UPS + SAMPLES}`);
      for (const world of worlds) await measure(world, calls, sizes.connections, n >= WARM_UPS);
    }
    const figures: Figure[] = [];
    for (const { evenstock, folder, open, shown, orders, holds } of worlds) {
      figures.push(
        figure(`orders.place.${open}`, `CPU an order of ${LINES} lines over 10 locations, ${shown}`, 'µs', orders),
        figure(`orders.reservation.${open}`, `CPU a reservation, ${shown}`, 'µs', holds),
      );
      await evenstock.close();
      rmSync(folder, { recursive: true });
    }
    return figures;
  },
};

/** A product with so many orders open, each with one hold. */
interface World {
  readonly evenstock: Evenstock;
  readonly folder: string;
  readonly open: number;
  readonly shown: string;
  readonly orders: number[];
  readonly holds: number[];
}

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

/** What was placed and reserved is given back outside of the time measured: so many stay open as were. */
async function measure({ evenstock, orders, holds }: World, calls: number, inFlight: number, counts: boolean) {
  const placed: string[] = [];
  const reserved: Hold[] = [];
  const order = await cpuOf(evenstock, calls, inFlight, async () => void placed.push(await place(evenstock, LINES)));
  const hold = await cpuOf(
    evenstock,
    calls * LINES,
    inFlight,
    async () => void reserved.push(await reserve(evenstock)),
  );
  await inTurns(placed.length, inFlight, (n) => cancel(evenstock, placed[n]!));
  await inTurns(reserved.length, inFlight, (n) => release(evenstock, reserved[n]!));
  await caughtUp(evenstock);
  if (!counts) return;
  orders.push(order);
  holds.push(hold);
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
  await caughtUp(evenstock);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

async function caughtUp(evenstock: Evenstock): Promise<void> {
  const head = await evenstock.log.head();
  const [isFolded, isSeen] = await Promise.all([
    evenstock.readModel.waitFor(head, 60_000),
    evenstock.running.reactions.waitFor(head, 60_000),
  ]);
  if (!isFolded || !isSeen) throw new Error('the read model or the reactions fell behind by more than a minute');
}

const random = seeded(7);
const below = (n: number) => Math.floor(random() * n);
let sent = 0;

async function receive(evenstock: Evenstock, n: number): Promise<void> {
  const [sku, location] = [`sku-${n % SKUS}`, LOCATIONS[Math.floor(n / SKUS)]!];
  await submit(evenstock, { type: 'receipt', id: `in-${n}`, sku, location, quantity: 1e6, occurredAt: Date.now() });
}

type Hold = Pick<StockCommand, 'sku' | 'location'> & { readonly reservationId: string };

async function reserve(evenstock: Evenstock): Promise<Hold> {
  sent += 1;
  const id = `hold-${sent}`;
  const hold = { sku: `sku-${below(SKUS)}`, location: LOCATIONS[below(LOCATIONS.length)]!, reservationId: id };
  const terms = { quantity: 1, owner: id, channel: 'webshop', expiresAt: Date.now() + 10 * HOUR };
  await submit(evenstock, { type: 'reservation.make', id, ...hold, ...terms });
  return hold;
}

async function release(evenstock: Evenstock, hold: Hold): Promise<void> {
  await submit(evenstock, { type: 'reservation.release', id: `${hold.reservationId}-release`, ...hold });
}

async function submit({ actors }: Evenstock, command: StockCommand): Promise<void> {
  const answer = await actors.submit({ command, client: 'bench' });
  if (answer.outcome !== 'accepted') throw new Error(`a command was ${JSON.stringify(answer)}`);
}

async function place({ running }: Evenstock, lineCount: number): Promise<string> {
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

async function cancel({ running }: Evenstock, orderId: string): Promise<void> {
  const command = { type: 'cancel', id: `${orderId}-cancel` } as const;
  const answer = await running.processes.orders.submit(orderId, command, { source: 'bench' });
  if (answer.outcome !== 'accepted') throw new Error(`a cancellation was ${JSON.stringify(answer)}`);
}
