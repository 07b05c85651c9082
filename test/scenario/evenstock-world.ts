// The same systems with Evenstock between them: the whole product in this process, over real HTTP. Square tills and shops tell
// by webhook and poll, other tills upload, the ERP is read and told; Evenstock decides, reserves and publishes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderIdOf } from '../../adapters/inbound/names.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import { type Evenstock, startEvenstock } from '../../server/wiring.ts';
import { type Api, createApi } from './api.ts';
import type { OpenBooks } from './books.ts';
import type { Known } from './causes.ts';
import { offlineStore } from './day.ts';
import { type Phase, policyOf, type Systems } from './evenstock-policy.ts';
import type { DayTime } from './fast-time.ts';
import type { Retailer } from './retailer.ts';
import { startShops } from './shops.ts';
import { startSquareTill } from './square-till.ts';
import { createUploadTills } from './upload-tills.ts';
import type { Figures, Placed, World } from './world.ts';

/** A till that uploads does so this often, in minutes of the day; a Square till tells each sale at once. */
const UPLOAD_EVERY = 5;
/** When a store that says nothing is taken out of what channels show, in minutes. */
const SILENT_AFTER = 30;
const SETTLE_MS_MAX = 300_000;
const AGAIN_MS = 50;
const ORDER_TRIES_MAX = 1_200;

export async function openEvenstockWorld(retailer: Retailer, time: DayTime, openBooks: OpenBooks): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-scenario-'));
  const now = () => new Date(time.clock.now()).toISOString();
  const systems = await startSystems(retailer, time, openBooks);
  const { squareTills, books } = systems;
  const shops = new Map(systems.shops.map((shop) => [shop.channel, shop]));
  const evenstock = await start(retailer, systems, directory, time);
  const api = createApi(evenstock.url);
  for (const { channel, ids, notify } of systems.shops) await introduce(channel, namesOf(ids), notify, api);
  for (const { store, location, ids, notify } of squareTills) {
    const whole = { ours: store, theirs: location, what: 'location' };
    await introduce(store, [whole, ...namesOf(ids)], notify, api);
  }
  await takeOn(retailer, api, now());

  const square = new Map(squareTills.map((till) => [till.store, till]));
  const uploading = retailer.stores.filter(({ till }) => till === 'upload').map(({ id }) => id);
  const tills = createUploadTills(uploading, api);
  const policies = createPolicies(retailer, systems, api);
  let offline: string | undefined;
  let silentFrom = Number.POSITIVE_INFINITY;
  let deliveries: Promise<void> = Promise.resolve();
  let booking: Promise<unknown> = Promise.resolve();
  const line = (type: string, sku: string, quantity: number) => ({ type, sku, quantity, occurredAt: now() });

  return {
    name: 'Evenstock',
    erp: books.name,
    shops,
    known: (sku) => knownOf(evenstock, retailer, sku),
    ordered() {},
    sold(store, _, sku, units) {
      if (square.has(store)) square.get(store)!.sell(sku, units);
      else tills.keep(store, line('sale', sku, units));
    },
    returned(store, _, sku, units) {
      if (square.has(store)) square.get(store)!.bringBack(sku, units);
      else tills.keep(store, { ...line('return', sku, units), disposition: 'restock' });
    },
    delivered(_, sku, location, units) {
      deliveries = deliveries.then(() => books.receive([{ sku, location, units }]));
    },
    trouble(what, begins) {
      if (what === 'store-offline') {
        offline = begins ? offlineStore(retailer) : undefined;
        silentFrom = begins ? time.minute() + SILENT_AFTER : Number.POSITIVE_INFINITY;
        if (!begins) {
          tills.upload(offline);
          void tills.idle().then(() => policies.apply({}));
        }
      }
      if (what === 'erp-window') booking = booking.then(() => books.setDown(begins));
      if (what === 'marketplace-throttled') shops.get('amazon')!.throttle(begins);
    },
    minute(at) {
      if (at % UPLOAD_EVERY === 0) tills.upload(offline);
      if (at < silentFrom) return;
      silentFrom = Number.POSITIVE_INFINITY;
      void policies.apply({ closed: offline });
    },
    whereToPick: (order) => placeOf(order, api),
    sent: (order, location) => fulfil(order, location, api, now()),
    async cancelled(order) {
      shops.get(order.channel)!.cancel(order.theirs);
    },
    async settle() {
      await Promise.all([deliveries, booking]);
      tills.upload(offline);
      await Promise.all([tills.idle(), ...squareTills.map(({ told }) => told())]);
      if (time.minute() >= 0) await policies.apply({ isNight: true });
      await settled(evenstock, systems, api);
    },
    async figures() {
      const at = squareTills.map(({ store, ids, units }): Figures => {
        const all = Array.from(ids.keys(), (sku) => [`${sku}~${store}`, units(sku)] as const);
        return { system: `Square of ${store}`, location: store, units: new Map(all) };
      });
      const own = { system: 'Evenstock', units: onHandOf(evenstock, retailer) };
      return [own, { system: `ERP, ${books.name}`, units: await books.onHand() }, ...at];
    },
    manualWork: async () => [...(await openCases(api)), ...policies.byHand],
    async close() {
      await evenstock.close();
      const others = [...systems.shops, ...squareTills, books];
      await Promise.all(others.map((one) => one.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startSystems(retailer: Retailer, time: DayTime, openBooks: OpenBooks): Promise<Systems> {
  const skus = retailer.articles.map(({ sku }) => sku);
  const square = retailer.stores.filter(({ till }) => till === 'square');
  const books = await openBooks(retailer, time);
  const shops = await startShops(retailer, time);
  const squareTills = await Promise.all(square.map(({ id }) => startSquareTill(id, skus, time.clock)));
  return { shops, squareTills, books };
}

function start(retailer: Retailer, systems: Systems, directory: string, time: DayTime): Promise<Evenstock> {
  const { shops, squareTills, books } = systems;
  const environment = { DATA_DIR: directory, PORT: '0', EVENSTOCK_INSECURE_NO_AUTH: '1', RATE_PER_SECOND: 'off' };
  return startEvenstock(readConfig(environment), {
    env: Object.assign({}, ...[...shops, ...squareTills, books.connection].map(({ env }) => env)),
    time,
    logger: createLogger('error', false),
    onFatal(error) {
      throw error;
    },
    erpVendors: [books.connection.vendor],
    policy: compilePolicy(PolicyDocument.parse({ version: 'scenario 0', ...policyOf(retailer, systems, {}) })),
  });
}

function createPolicies(retailer: Retailer, systems: Systems, api: Api) {
  const byHand: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let versions = 0;
  return {
    /** What operations had to decide, for the count of manual work. */
    byHand,
    apply(phase: Phase): Promise<unknown> {
      last = last.then(async () => {
        versions += 1;
        const document = { version: `scenario ${versions}`, ...policyOf(retailer, systems, phase) };
        const { status, body } = await api.post('/v1/policy', { document, reason: 'as the playbook says' });
        if (status >= 300) throw new Error(`policy: ${JSON.stringify(body).slice(0, 300)}`);
        if (!phase.isNight) byHand.push(phase.closed === undefined ? 'a store counts again' : 'a store is left out');
      });
      return last;
    },
  };
}

const namesOf = (ids: ReadonlyMap<string, string>) => Array.from(ids, ([ours, theirs]) => ({ ours, theirs }));

/** The system's names, and where its notices go. */
async function introduce(
  system: string,
  names: readonly object[],
  notify: (url: string) => void,
  api: Api,
): Promise<void> {
  if (names.length > 0) await api.lines(`/v1/systems/${system}/identifiers`, names);
  notify(`${api.url}/v1/hooks/${system}`);
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

/** Nothing is left to say to any shop, till or ERP. */
async function settled(
  { readModel, log, running }: Evenstock,
  { shops, squareTills }: Systems,
  api: Api,
): Promise<void> {
  const channels = [...shops.map(({ channel }) => channel), ...squareTills.map(({ store }) => store)];
  const until = performance.now() + SETTLE_MS_MAX;
  let quiet = 0;
  while (quiet < 10 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    await readModel.waitFor(await log.head(), 5_000);
    const left = await Promise.all(channels.map((channel) => backlogOf(channel, api)));
    const erp = running.processes.erps.status('erp')!;
    quiet = [...left, erp.waiting].every((n) => n === 0) ? quiet + 1 : 0;
  }
}

async function backlogOf(channel: string, api: Api): Promise<number> {
  const { publishing } = (await api.get(`/v1/channels/${channel}`)) as {
    publishing?: { backlog: number; inFlight: number };
  };
  return (publishing?.backlog ?? 0) + (publishing?.inFlight ?? 0);
}

function onHandOf({ readModel }: Evenstock, { articles }: Retailer): Figures['units'] {
  const stocks = articles.flatMap(({ sku }) => readModel.availability.stockOf(sku));
  return new Map(stocks.map(({ sku, location, levels }) => [`${sku}~${location}`, levels.onHand]));
}

function knownOf({ readModel }: Evenstock, retailer: Retailer, sku: string): Known {
  const { availability } = readModel;
  const stocks = retailer.pool.flatMap((location) => availability.stock(sku, location) ?? []);
  const offline = offlineStore(retailer);
  return {
    onHand: stocks.reduce((sum, { levels }) => sum + levels.onHand, 0),
    atOffline: stocks.find(({ location }) => location === offline)?.levels.onHand ?? 0,
    promised: stocks.reduce((sum, { levels }) => sum + levels.reserved, 0),
    figure: (channel) => availability.units(channel, sku) ?? 0,
  };
}

async function openCases(api: Api): Promise<readonly string[]> {
  const { cases } = (await api.get('/v1/cases?limit=1000')) as { cases?: readonly { kind: string; detail: string }[] };
  return (cases ?? []).map(({ kind, detail }) => `${kind}: ${detail}`);
}
