// The retailer's ERP as a real Tryton: 26 warehouses, all products, and the opening stock in its books. It lives in real
// time, so what Evenstock exchanges with it is translated between that and the time of the day.
import { hash } from 'node:crypto';
import type { Erp, ErpVendor } from '../../adapters/erp/erp.ts';
import { connectTryton, trytonVendor } from '../../adapters/erp/tryton/tryton.ts';
import { systemClock } from '../../adapters/platform.ts';
import type { Admin } from '../adapters/erp/tryton/admin.ts';
import { DATABASE, PASSWORD, startTryton, USER } from '../adapters/erp/tryton/server.ts';
import { faultProxy } from '../support/fault-proxy.ts';
import type { Books, Line } from './books.ts';
import type { DayTime } from './fast-time.ts';
import type { Retailer } from './retailer.ts';

/** What is written and read at once. */
const CHUNK = 500;
/** A call that takes longer is given up; real milliseconds. */
const CALL_MS_MAX = 120_000;
/** Tryton is asked for receipts so often, in seconds of the day. */
const POLL_SECONDS = 300;

export async function openTrytonBooks(retailer: Retailer, time: DayTime): Promise<Books> {
  const server = await startTryton({ name: nameOf(retailer), setUp: (admin) => stockBooks(admin, retailer) });
  const proxy = await faultProxy(server);
  const { admin } = server;
  const names = await readNames(admin);
  const moveAll = async (lines: readonly Line[], other: number) => {
    for (const some of chunksOf(lines)) {
      const rows = some.map(({ sku, location, units }) => {
        const [from, to] = units > 0 ? [other, names.storage(location)] : [names.storage(location), other];
        return moveRow(names.product(sku), Math.abs(units), from, to);
      });
      await admin.call('stock.move.do', [await admin.call<number[]>('stock.move.create', [rows])]);
    }
  };
  const quantities = async (locations: readonly number[]) => {
    const context = { locations, with_childs: true, stock_date_end: today() };
    const fields = ['code', 'quantity'];
    const rows = await admin.call<{ code: string; quantity: number }[]>(
      'product.product.search_read',
      [[], 0, null, null, fields],
      context,
    );
    return rows.filter(({ quantity }) => quantity !== 0);
  };
  return {
    name: 'a real Tryton 6.0',
    receive: (lines) => moveAll(lines, names.supplier),
    book: (lines) => moveAll(lines, names.customer),
    async inPool() {
      const rows = await quantities(retailer.pool.map(names.storage));
      return new Map(rows.map(({ code, quantity }) => [code, quantity]));
    },
    async onHand() {
      const units = new Map<string, number>();
      for (const location of placesOf(retailer)) {
        for (const { code, quantity } of await quantities([names.storage(location)])) {
          units.set(`${code}~${location}`, quantity);
        }
      }
      return units;
    },
    setDown: (isDown) => (isDown ? proxy.down() : proxy.up()),
    connection: {
      policy: {
        ...{ id: 'erp', type: 'tryton', url: proxy.url, database: DATABASE, user: USER, secretEnv: 'ERP' },
        // Sales without an order in the ERP; with the dates of the day, which may be tomorrow's here.
        ...{ warnings: ['*'], reads: ['receipts'], pollSeconds: POLL_SECONDS },
      },
      env: { ERP: PASSWORD },
      vendor: trytonIn(time),
    },
    async close() {
      await proxy.close();
      await server.close();
    },
  };
}

/** The product's adapter on the clock of the machine; times of what it is told and tells are translated. */
function trytonIn({ toReal, ofReal }: DayTime): ErpVendor {
  return {
    ...trytonVendor,
    connect(given): Erp {
      const erp = connectTryton({ ...given, clock: systemClock });
      // The signal that is given ends a call by the time of the day, in which a second lasts some milliseconds.
      const patience = () => AbortSignal.timeout(CALL_MS_MAX);
      return {
        ...erp,
        post: (movements) =>
          erp.post(
            movements.map((one) => {
              return { ...one, occurredAt: toReal(one.occurredAt), recordedAt: toReal(one.recordedAt) };
            }),
            patience(),
          ),
        lookUp: (references) => erp.lookUp(references, patience()),
        async read(what, watermark) {
          const reply = await erp.read(what, watermark, patience());
          if (reply.kind !== 'facts') return reply;
          return { ...reply, facts: reply.facts.map((fact) => ({ ...fact, occurredAt: ofReal(fact.occurredAt) })) };
        },
      };
    },
  };
}

const placesOf = ({ warehouse, stores }: Retailer) => [warehouse, ...stores.map(({ id }) => id)];

function nameOf({ articles, opening }: Retailer): string {
  const all = JSON.stringify([articles.length, [...opening].map(([place, units]) => [place, ...units])]);
  return `scenario-${hash('sha256', all).slice(0, 12)}`;
}

async function stockBooks(admin: Admin, retailer: Retailer): Promise<void> {
  const places = placesOf(retailer);
  const zones = await admin.call<number[]>('stock.location.create', [
    places.flatMap((place) =>
      ['storage', 'input', 'output'].map((zone) => ({ name: `${place} ${zone}`, type: 'storage' })),
    ),
  ]);
  await admin.call('stock.location.create', [
    places.map((place, n) => {
      const [storage_location, input_location, output_location] = zones.slice(3 * n);
      const own = { storage_location, input_location, output_location, lost_found_location: LOST_AND_FOUND };
      return { name: place, code: place, type: 'warehouse', ...own };
    }),
  ]);
  for (const some of chunksOf(retailer.articles)) {
    const rows = some.map(({ sku }) => {
      const products = [['create', [{ suffix_code: sku, cost_price: decimal('1') }]]];
      return { name: sku, default_uom: 1, type: 'goods', products };
    });
    await admin.call('product.template.create', [rows]);
  }
  const { product, storage } = await readNames(admin);
  const lines = [...retailer.opening].flatMap(([location, stock]) =>
    Array.from(stock, ([sku, units]) => moveRow(product(sku), units, LOST_AND_FOUND, storage(location))),
  );
  // As an import of opening stock does it: doing thousands of moves one by one takes Tryton minutes.
  for (const some of chunksOf(lines)) {
    const ids = await admin.call<number[]>('stock.move.create', [some]);
    await admin.call('stock.move.write', [ids, { state: 'done', cost_price: decimal('1'), effective_date: today() }]);
  }
}
/** Tryton's own, of its database. */
const LOST_AND_FOUND = 4;

async function readNames(admin: Admin) {
  const products = await admin.call<{ id: number; code: string }[]>('product.product.search_read', [
    ...[[], 0, null, null],
    ['code'],
  ]);
  const warehouses = await admin.call<{ code: string; storage_location: number }[]>('stock.location.search_read', [
    ...[[['type', '=', 'warehouse']], 0, null, null],
    ['code', 'storage_location'],
  ]);
  const first = async (type: string) => {
    const [id] = await admin.call<number[]>('stock.location.search', [[['type', '=', type]]]);
    return id!;
  };
  const byCode = new Map(products.map(({ id, code }) => [code, id]));
  const byPlace = new Map(warehouses.map(({ code, storage_location }) => [code, storage_location]));
  return {
    product: (sku: string) => byCode.get(sku)!,
    storage: (location: string) => byPlace.get(location)!,
    supplier: await first('supplier'),
    customer: await first('customer'),
  };
}

function moveRow(product: number, quantity: number, from_location: number, to_location: number) {
  const price = { unit_price: decimal('1'), currency: 1 };
  return { product, uom: 1, quantity, from_location, to_location, ...price, effective_date: today() };
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += CHUNK) yield all.slice(from, from + CHUNK);
}

const decimal = (text: string) => ({ __class__: 'Decimal', decimal: text });

function today() {
  const now = new Date();
  return { __class__: 'date', year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
}
