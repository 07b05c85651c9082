// How retailers join their systems today: files and copies. Tills send their sales to the ERP every 30 minutes, orders are
// fetched into it every 15, and every 15 minutes the ERP's figures are copied to the shops. Each job does its work right;
// what goes wrong lies between them. What the ERP needs for its work is no time of the day.
import type { Connector } from '../../adapters/channels/channel.ts';
import { sameIdentifiers } from '../../adapters/channels/identifiers.ts';
import { VENDORS } from '../../adapters/channels/vendors.ts';
import { secretsOf } from '../../adapters/secrets.ts';
import { Connector as ConnectorPolicy } from '../../domain/channel/connector.ts';
import type { Clock } from '../../domain/time.ts';
import type { ProcessTime } from '../../server/wiring/time.ts';
import type { Books, Line, OpenBooks } from './books.ts';
import { offlineStore } from './day.ts';
import type { DayTime } from './fast-time.ts';
import { createOrderDesk } from './order-desk.ts';
import type { OnlineChannel, Retailer } from './retailer.ts';
import { type Shop, startShops } from './shops.ts';
import type { Placed, World } from './world.ts';

const COPY_EVERY = 15;
const TILLS_EVERY = 30;
const CALL_MS_MAX = 10_000;

export async function openBatchWorld(retailer: Retailer, time: DayTime, openBooks: OpenBooks): Promise<World> {
  const books = await openBooks(retailer, time);
  const shops = new Map((await startShops(retailer, time)).map((shop) => [shop.channel, shop]));
  const copies = [...shops.values()].map((shop) => createCopy(shop, time));
  const desk = createOrderDesk(retailer);
  const files = new Map(retailer.stores.map(({ id }) => [id, [] as Line[]]));
  const parcels: Line[] = [];
  const receipts: Line[] = [];
  let fetched: Placed[] = [];
  let erpIsOpen = true;
  let offline: string | undefined;
  let jobs: Promise<unknown> = Promise.resolve();

  const sendFiles = () => [...files].flatMap(([store, lines]) => (store === offline ? [] : lines.splice(0)));
  /** One run after the other: a copy that is late holds up the next. */
  const run = (isTills: boolean, isCopy: boolean) => {
    const [received, sent] = [receipts.splice(0), parcels.splice(0)];
    const moved = [...sent, ...(isTills ? sendFiles() : [])];
    const orders = isCopy ? fetched : [];
    if (isCopy) fetched = [];
    jobs = jobs.then(async () => {
      const units = await time.standStill(() => work(books, received, moved, isCopy));
      for (const line of [...received, ...moved]) desk.booked(line);
      sent.forEach(desk.parcelBooked);
      for (const order of orders) desk.reserve(order);
      if (units === undefined) return;
      const figures = retailer.articles.map(({ sku }) => {
        return { sku, units: Math.max(0, (units.get(sku) ?? 0) - desk.promised(sku)) };
      });
      await Promise.all(copies.map((copy) => copy(figures)));
    });
  };
  const world: World = {
    name: 'point-to-point copies',
    erp: books.name,
    shops,
    known: desk.known,
    ordered: (order) => void fetched.push(order),
    sold: (store, _, sku, units) => void files.get(store)!.push({ sku, location: store, units: -units }),
    returned: (store, _, sku, units) => void files.get(store)!.push({ sku, location: store, units }),
    delivered: (_, sku, location, units) => void receipts.push({ sku, location, units }),
    trouble(what, begins) {
      if (what === 'erp-window') erpIsOpen = !begins;
      if (what === 'store-offline') offline = begins ? offlineStore(retailer) : undefined;
      if (what === 'marketplace-throttled') shops.get('amazon')!.throttle(begins);
    },
    minute(at) {
      if (erpIsOpen && at % COPY_EVERY === 0) run(at % TILLS_EVERY === 0, true);
    },
    whereToPick: (order) => Promise.resolve(desk.placeOf(order.id)),
    async sent(order, location) {
      fetched = fetched.filter(({ id }) => id !== order.id);
      // It is the desk's until the ERP has booked the parcel, so that no copy counts it twice or not at all.
      parcels.push({ sku: order.sku, location, units: -order.units });
      desk.sent(order);
    },
    async cancelled(order) {
      fetched = fetched.filter(({ id }) => id !== order.id);
      desk.release(order);
      shops.get(order.channel)!.cancel(order.theirs);
    },
    async settle() {
      // Once more when the parcels of the last copy have been booked.
      for (let n = 0; n < 2; n += 1) {
        run(true, true);
        await jobs;
      }
    },
    figures: async () => [{ system: `ERP, ${books.name}`, units: await books.onHand() }],
    manualWork: () => Promise.resolve([]),
    async close() {
      await jobs;
      await Promise.all([...shops.values(), books].map((one) => one.close()));
    },
  };
  return world;
}

/** @returns units of the pool by SKU, if they are to be copied */
async function work(books: Books, received: readonly Line[], moved: readonly Line[], isCopy: boolean) {
  await books.receive(received);
  await books.book(moved);
  return isCopy ? books.inPool() : undefined;
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
