// The same systems with Evenstock between them: the whole product in this process, over real HTTP. Tills post what they
// sell, shops tell their orders by webhook and poll, Evenstock decides, reserves and publishes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderIdOf } from '../../adapters/inbound/names.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import type { ProcessTime } from '../../server/wiring/time.ts';
import { type Evenstock, startEvenstock } from '../../server/wiring.ts';
import type { Known } from './causes.ts';
import { offlineStore } from './day.ts';
import type { DayTime } from './fast-time.ts';
import { ONLINE_CHANNELS, type Retailer } from './retailer.ts';
import { type Shop, startShops } from './shops.ts';
import type { Figures, Placed, World } from './world.ts';

/** A till that uploads does so this often, in minutes of the day; a Square till tells each sale at once. */
const UPLOAD_EVERY = 5;
const LINES_MAX = 10_000;
const SETTLE_MS_MAX = 120_000;
const AGAIN_MS = 50;
const ORDER_TRIES_MAX = 400;

type Fact = Readonly<Record<string, unknown>>;

export async function openEvenstockWorld(retailer: Retailer, time: DayTime): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-scenario-'));
  const now = () => new Date(time.clock.now()).toISOString();
  const all = await startShops(retailer, time);
  const shops = new Map(all.map((shop) => [shop.channel, shop]));
  const evenstock = await start(retailer, all, directory, time);
  const api = createApi(evenstock.url);
  for (const shop of all) await introduce(shop, api, evenstock.url);
  await takeOn(retailer, api, now());

  const files = new Map(retailer.stores.map(({ id }) => [id, [] as Fact[]]));
  const gateway = createGateway(api);
  const { send } = gateway;
  let offline: string | undefined;

  const isSquare = new Map(retailer.stores.map(({ id, till }) => [id, till === 'square']));
  const tell = (store: string, fact: Fact) => {
    if (isSquare.get(store) && store !== offline) send([fact]);
    else files.get(store)!.push(fact);
  };
  const upload = () => {
    for (const [store, facts] of files) if (store !== offline) send(facts.splice(0));
  };
  const fact = (type: string, id: string, sku: string, location: string, quantity: number): Fact => {
    return { type, id, sku, location, quantity, occurredAt: now() };
  };

  return {
    name: 'Evenstock',
    shops,
    known: (sku) => knownOf(evenstock, retailer, sku),
    ordered() {},
    sold: (store, id, sku, units) => tell(store, fact('sale', id, sku, store, units)),
    returned: (store, id, sku, units) =>
      tell(store, { ...fact('return', id, sku, store, units), disposition: 'restock' }),
    delivered: (id, sku, location, units) => send([fact('receipt', id, sku, location, units)]),
    trouble(what, begins) {
      if (what === 'store-offline') offline = begins ? offlineStore(retailer) : undefined;
      if (what === 'marketplace-throttled') shops.get('amazon')!.throttle(begins);
    },
    minute(at) {
      if (at % UPLOAD_EVERY === 0) upload();
    },
    whereToPick: (order) => placeOf(order, api),
    sent: (order, location) => fulfil(order, location, api, now()),
    async cancelled(order) {
      shops.get(order.channel)!.cancel(order.theirs);
    },
    async settle() {
      upload();
      await gateway.empty();
      await settled(evenstock, api);
    },
    figures: async () => [{ system: 'Evenstock', units: onHandOf(evenstock) }],
    manualWork: () => openCases(api),
    async close() {
      await evenstock.close();
      await Promise.all(all.map((shop) => shop.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function start(retailer: Retailer, shops: readonly Shop[], directory: string, time: ProcessTime): Promise<Evenstock> {
  const environment = { DATA_DIR: directory, PORT: '0', EVENSTOCK_INSECURE_NO_AUTH: '1', RATE_PER_SECOND: 'off' };
  return startEvenstock(readConfig(environment), {
    env: Object.assign({}, ...shops.map(({ env }) => env)),
    time,
    logger: createLogger('error', false),
    onFatal(error) {
      throw error;
    },
    policy: compilePolicy(PolicyDocument.parse(policyOf(retailer, shops))),
  });
}

function policyOf({ stores, warehouse, pool }: Retailer, shops: readonly Shop[]): PolicyDocumentJson {
  return {
    version: 'scenario',
    locations: [{ id: warehouse }, ...stores.map(({ id }) => ({ id }))],
    channels: shops.map(({ channel, connector }) => ({ id: channel, locations: [...pool], connector })),
    orders: { sourcing: 'balance' },
  };
}

interface Api {
  get(path: string): Promise<Record<string, unknown>>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Facts with a result for each. @throws Error naming the first that was not taken */
  batch(facts: readonly Fact[]): Promise<void>;
  lines(path: string, lines: readonly object[]): Promise<void>;
}

function createApi(url: string): Api {
  const headers = { 'content-type': 'application/json' };
  const lines = async (path: string, sent: readonly object[]) => {
    for (let from = 0; from < sent.length; from += LINES_MAX) {
      const body = JSON.stringify(sent.slice(from, from + LINES_MAX));
      const answer = await (await fetch(`${url}${path}`, { method: 'POST', headers, body })).text();
      const wrong = answer.split('\n').find((line) => /"outcome":"(refused|failed)"|"status":4/.test(line));
      if (wrong !== undefined) throw new Error(`${path}: ${wrong.slice(0, 300)}`);
    }
  };
  return {
    get: async (path) => (await fetch(`${url}${path}`)).json() as Promise<Record<string, unknown>>,
    async post(path, body) {
      const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    batch: (facts) => lines('/v1/commands/batch', facts),
    lines,
  };
}

/** What all tills send goes out by one line, as much at once as waits. */
function createGateway(api: Api) {
  let waiting: Fact[] = [];
  let sending: Promise<void> | undefined;
  const pump = async () => {
    while (waiting.length > 0) {
      const facts = waiting;
      waiting = [];
      await api.batch(facts);
    }
    sending = undefined;
  };
  return {
    send(facts: readonly Fact[]) {
      if (facts.length === 0) return;
      waiting.push(...facts);
      sending ??= pump();
    },
    async empty() {
      await sending;
    },
  };
}

/** The shop's names for our SKUs, and where its notices go. */
async function introduce(shop: Shop, api: Api, url: string): Promise<void> {
  if (shop.ids.size > 0) {
    const names = Array.from(shop.ids, ([ours, theirs]) => ({ ours, theirs }));
    await api.lines(`/v1/systems/${shop.channel}/identifiers`, names);
  }
  shop.notify(`${url}/v1/hooks/${shop.channel}`);
}

/** The opening stock, as a take-on does it: one receipt a stock. */
function takeOn({ opening }: Retailer, api: Api, occurredAt: string): Promise<void> {
  const facts = [...opening].flatMap(([location, stock]) =>
    Array.from(stock, ([sku, quantity]) => {
      return { type: 'receipt', id: `opening:${location}:${sku}`, sku, location, quantity, occurredAt };
    }),
  );
  return api.batch(facts);
}

interface OrderSeen {
  readonly reservations?: readonly { readonly location: string; readonly state: string }[];
}

async function placeOf({ channel, theirs }: Placed, api: Api): Promise<string | undefined> {
  const order = (await api.get(`/v1/orders/${orderIdOf(channel, theirs)}`)) as OrderSeen;
  return order.reservations?.find(({ state }) => state === 'held' || state === 'committed')?.location;
}

/**
 * As the picker's scanner tells it. An order that nobody has heard of yet is told again until it is there. What was picked
 * elsewhere than it is reserved is a sale there, and the order gives back what it holds.
 */
async function fulfil(order: Placed, location: string, api: Api, occurredAt: string): Promise<void> {
  const { id, sku, units, channel } = order;
  const fulfilled = await tellOrder(
    order,
    { type: 'fulfil', id: `picked:${id}`, units: [{ sku, quantity: units, location }] },
    api,
  );
  if (fulfilled < 300) return;
  await api.batch([{ type: 'sale', id: `picked:${id}:sale`, sku, location, quantity: units, channel, occurredAt }]);
  await tellOrder(order, { type: 'cancel', id: `picked:${id}:cancel` }, api);
}

/** The status of the answer: 2xx, or 409 when the order refuses. */
async function tellOrder({ id, channel, theirs }: Placed, command: object, api: Api): Promise<number> {
  for (let n = 0; n < ORDER_TRIES_MAX; n += 1) {
    const { status, body } = await api.post(`/v1/orders/${orderIdOf(channel, theirs)}/commands`, command);
    if (status < 300 || status === 409) return status;
    if (status !== 404 && status < 500 && status !== 429) throw new Error(`order ${id}: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  throw new Error(`order ${channel} ${theirs} never came in`);
}

/** Nothing is left to say to any shop. */
async function settled(evenstock: Evenstock, api: Api): Promise<void> {
  const until = performance.now() + SETTLE_MS_MAX;
  let quiet = 0;
  while (quiet < 10 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    await evenstock.readModel.waitFor(await evenstock.log.head(), 5_000);
    const left = await Promise.all(
      ONLINE_CHANNELS.map(async (channel) => {
        const { publishing } = (await api.get(`/v1/channels/${channel}`)) as {
          publishing?: { backlog: number; inFlight: number };
        };
        return (publishing?.backlog ?? 0) + (publishing?.inFlight ?? 0);
      }),
    );
    quiet = left.every((n) => n === 0) ? quiet + 1 : 0;
  }
}

function onHandOf({ readModel }: Evenstock): Figures['units'] {
  const units = new Map<string, number>();
  for (const channel of ONLINE_CHANNELS) {
    for (const sku of readModel.availability.skus(channel)) {
      for (const stock of readModel.availability.stockOf(sku)) {
        if (stock.levels.onHand !== 0) units.set(`${sku}~${stock.location}`, stock.levels.onHand);
      }
    }
  }
  return units;
}

function knownOf({ readModel }: Evenstock, { pool }: Retailer, sku: string): Known {
  const stocks = readModel.availability.stockOf(sku).filter(({ location }) => pool.includes(location));
  return {
    onHand: stocks.reduce((sum, { levels }) => sum + levels.onHand, 0),
    promised: stocks.reduce((sum, { levels }) => sum + levels.reserved, 0),
    figure: (channel) => readModel.availability.units(channel, sku) ?? 0,
  };
}

async function openCases(api: Api): Promise<readonly string[]> {
  const { cases } = (await api.get('/v1/cases?limit=1000')) as { cases?: readonly { kind: string; detail: string }[] };
  return (cases ?? []).map(({ kind, detail }) => `${kind}: ${detail}`);
}
