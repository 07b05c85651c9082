// How retailers join their systems today: files and copies. Tills send their sales to the ERP every 30 minutes, orders are
// fetched into it every 15, and every 15 minutes the ERP's figures are copied to the shops. Each job does its work right;
// what goes wrong lies between them.

import type { Connector } from '../../adapters/channels/channel.ts';
import { sameIdentifiers } from '../../adapters/channels/identifiers.ts';
import { VENDORS } from '../../adapters/channels/vendors.ts';
import { secretsOf } from '../../adapters/secrets.ts';
import { Connector as ConnectorPolicy } from '../../domain/channel/connector.ts';
import type { Clock } from '../../domain/time.ts';
import type { ProcessTime } from '../../server/wiring/time.ts';
import { offlineStore } from './day.ts';
import type { DayTime } from './fast-time.ts';
import type { OnlineChannel, Retailer } from './retailer.ts';
import { type Shop, startShops } from './shops.ts';
import type { Placed, World } from './world.ts';

const COPY_EVERY = 15;
const TILLS_EVERY = 30;
const CALL_MS_MAX = 10_000;

interface Line {
  readonly sku: string;
  readonly location: string;
  readonly units: number;
}

export async function openBatchWorld(retailer: Retailer, time: DayTime): Promise<World> {
  const shops = new Map((await startShops(retailer, time)).map((shop) => [shop.channel, shop]));
  const copies = [...shops.values()].map((shop) => createCopy(shop, time));
  const erp = createLedger(retailer);
  const files = new Map(retailer.stores.map(({ id }) => [id, [] as Line[]]));
  const receipts: Line[] = [];
  let fetched: Placed[] = [];
  let erpIsOpen = true;
  let offline: string | undefined;
  let jobs: Promise<unknown> = Promise.resolve();

  const sendFiles = () => {
    for (const [store, lines] of files) {
      if (store === offline) continue;
      for (const line of lines.splice(0)) erp.book(line);
    }
  };
  const fetchOrders = () => {
    for (const order of fetched) erp.reserve(order);
    fetched = [];
  };
  const copy = () => {
    const figures = retailer.articles.map(({ sku }) => ({ sku, units: Math.max(0, erp.free(sku)) }));
    // One run after the other: a copy that is late holds up the next.
    jobs = jobs.then(() => Promise.all(copies.map((run) => run(figures))));
  };
  const run = (at: number) => {
    if (!erpIsOpen) return;
    for (const line of receipts.splice(0)) erp.book(line);
    if (at % TILLS_EVERY === 0) sendFiles();
    if (at % COPY_EVERY !== 0) return;
    fetchOrders();
    copy();
  };
  const world: World = {
    name: 'point-to-point copies',
    shops,
    known: (sku) => ({
      onHand: erp.inPool(sku),
      promised: erp.promised(sku),
      figure: () => Math.max(0, erp.free(sku)),
    }),
    ordered: (order) => void fetched.push(order),
    sold: (store, _, sku, units) => void files.get(store)!.push({ sku, location: store, units: -units }),
    returned: (store, _, sku, units) => void files.get(store)!.push({ sku, location: store, units }),
    delivered: (_, sku, location, units) => void receipts.push({ sku, location, units }),
    trouble(what, begins) {
      if (what === 'erp-window') erpIsOpen = !begins;
      if (what === 'store-offline') offline = begins ? offlineStore(retailer) : undefined;
      if (what === 'marketplace-throttled') shops.get('amazon')!.throttle(begins);
    },
    minute: run,
    whereToPick: (order) => Promise.resolve(erp.placeOf(order.id)),
    async sent(order, location) {
      if (erp.placeOf(order.id) === undefined) erp.reserve(order);
      fetched = fetched.filter(({ id }) => id !== order.id);
      erp.sent(order, location);
    },
    async cancelled(order) {
      fetched = fetched.filter(({ id }) => id !== order.id);
      erp.release(order);
      shops.get(order.channel)!.cancel(order.theirs);
    },
    async settle() {
      receipts.splice(0).forEach(erp.book);
      sendFiles();
      fetchOrders();
      copy();
      await jobs;
    },
    figures: () => Promise.resolve([{ system: 'ERP', units: erp.onHand }]),
    manualWork: () => Promise.resolve([]),
    async close() {
      await jobs;
      await Promise.all([...shops.values()].map((shop) => shop.close()));
    },
  };
  copy();
  await jobs;
  return world;
}

/** The ERP's books: on-hand by location, and what orders it knows of. */
function createLedger({ opening, pool }: Retailer) {
  const onHand = new Map<string, number>();
  const reserved = new Map<string, number>();
  const places = new Map<string, string>();
  const at = (sku: string, location: string) => onHand.get(`${sku}~${location}`) ?? 0;
  const book = ({ sku, location, units }: Line) => void onHand.set(`${sku}~${location}`, at(sku, location) + units);
  const release = ({ id, sku, units }: Placed) => {
    if (!places.delete(id)) return;
    reserved.set(sku, (reserved.get(sku) ?? 0) - units);
  };
  for (const [location, stock] of opening) for (const [sku, units] of stock) book({ sku, location, units });
  const inPool = (sku: string) => pool.reduce((sum, location) => sum + at(sku, location), 0);
  const promised = (sku: string) => reserved.get(sku) ?? 0;
  return {
    onHand,
    book,
    release,
    ...{ inPool, promised, free: (sku: string) => inPool(sku) - promised(sku) },
    placeOf: (id: string) => places.get(id),
    /** At the location that has most by the books. */
    reserve({ id, sku, units }: Placed) {
      const [place] = [...pool].sort((a, b) => at(sku, b) - at(sku, a));
      places.set(id, place!);
      reserved.set(sku, (reserved.get(sku) ?? 0) + units);
    },
    sent(order: Placed, location: string) {
      release(order);
      book({ sku: order.sku, location, units: -order.units });
    },
  };
}

type Copy = (figures: readonly { readonly sku: string; readonly units: number }[]) => Promise<void>;

/** Sends what has changed since the last copy, in the vendor's batches, as fast as it lets us; what fails waits for the next. */
function createCopy(shop: Shop, { clock }: ProcessTime): Copy {
  const connector = connect(shop, clock);
  const told = new Map<string, number>();
  let version = 0n;
  return async (figures) => {
    const changed = figures.filter(({ sku, units }) => told.get(sku) !== units);
    const { bulk, batchSizeMax } = connector.declares;
    const size = bulk?.batchSizeMax ?? batchSizeMax;
    for (let from = 0; from < changed.length; from += size) {
      const updates = changed.slice(from, from + size);
      version += 1n;
      const batch = { batchId: `copy-${shop.channel}-${version}`, version, updates };
      const signal = AbortSignal.timeout(CALL_MS_MAX);
      const reply = await (bulk ? connector.publishBulk!(batch, signal) : connector.publish(batch, signal));
      if (reply.kind !== 'answered') return;
      for (const { sku, units } of updates) if (reply.outcomes.get(sku)?.kind === 'confirmed') told.set(sku, units);
    }
  };
}

function connect({ channel, connector, env, ids }: Shop, clock: Clock): Connector {
  const vendor = VENDORS.find(({ type }) => type === connector.type)!;
  const { secret } = secretsOf(env);
  const policy = ConnectorPolicy.parse(connector);
  const byId = new Map([...ids].map(([sku, id]) => [id, sku]));
  const identifiers = {
    ...sameIdentifiers,
    ofSku: (sku: string) => ({ id: ids.get(sku) ?? sku }),
    skuOf: (id: string) => byId.get(id) ?? id,
  };
  return vendor.connect({
    ...{ channel: channel satisfies OnlineChannel, connector: policy, identifiers, clock },
    secret: (suffix) => secret(suffix === undefined ? policy.secretEnv : `${policy.secretEnv}_${suffix}`),
  });
}
