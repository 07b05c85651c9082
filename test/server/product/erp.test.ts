// The whole product with an ERP in memory whose books are compared to the unit: over HTTP and on the command line, what is
// posted, what waits, what is read, and the difference that everybody complains of, by its name.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { ErpVendor } from '../../../adapters/erp/erp.ts';
import type { ErpFact } from '../../../domain/erp/own-fact.ts';
import { ErpDocument, ErpList } from '../../../server/routes/openapi/erps.ts';
import { type LedgerErp, ledgerErp } from '../../support/ledger-erp.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { reconciling } from '../../support/reconciling.ts';

const KEY = `evs_${'e'.repeat(43)}`;
const CLI = fileURLToPath(new URL('../../../server/cli/evenstock.ts', import.meta.url));
let product: Product;
let erp: LedgerErp;
let facts: ErpFact[];
afterEach(() => product.close());
const { report } = reconciling(() => product);

async function start(policy: object = {}) {
  erp = ledgerErp(5);
  facts = [];
  const told = {
    ...erp,
    declares: { ...erp.declares, reads: ['receipts', 'counts'] as const },
    read: async (what: string, watermark = '0') => {
      const all = facts.filter(({ kind }) => `${kind}s` === what);
      const from = Number(watermark);
      const next = String(Math.min(all.length, from + 2));
      const more = Number(next) < all.length;
      return { kind: 'facts' as const, facts: all.slice(from, from + 2), unmapped: [], watermark: next, more };
    },
    post: erp.post,
    readStatement: (location: string) => async () => {
      const rows = [...erp.onHand()].flatMap(([stock, units]) => {
        const [sku, at] = stock.split('~');
        return at === location ? [{ sku: sku!, units: Math.max(0, units), asOf: Date.now() }] : [];
      });
      return { kind: 'page' as const, rows, asOf: Date.now(), next: undefined };
    },
  };
  const connect: ErpVendor['connect'] = ({ secret }) => {
    secret();
    return told;
  };
  const vendor: ErpVendor = { type: 'ledger', misfits: () => [], connect };
  const scopes = ['reconciliation:read' as const, 'reconciliation:write' as const];
  product = await startProduct({
    erpVendors: [vendor],
    env: { ERP: 'a secret of the books' },
    policy: {
      erps: [{ id: 'books', type: 'ledger', url: 'http://erp.example', secretEnv: 'ERP', pollSeconds: 5, ...policy }],
      reconciliation: { settleMinutes: 0 },
    },
    clients: [{ id: 'cli', key: KEY, scopes, locations: 'all', channels: 'all' }],
  });
}

const status = async () => ErpDocument.parse((await product.get('/v1/erps/books')).body);
async function until(reached: () => Promise<boolean> | boolean) {
  for (let n = 0; n < 200; n += 1) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not reached: ${JSON.stringify(await status())}`);
}
const cli = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const all = [CLI, ...args, '--url', product.evenstock.url, '--key', KEY];
    execFile(process.execPath, all, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });

describe('an ERP of the policy', () => {
  it('is told what moved, tells what it received and counted, and its books are ours', async () => {
    await start();
    const at = Date.now() - 1_000;
    facts.push({ kind: 'receipt', id: '1', sku: 'A', location: 'warehouse', quantity: 10, occurredAt: at });
    erp.book('A', 'warehouse', 10);
    await until(async () => (await product.get('/v1/stock/A/warehouse')).status === 200);
    await product.command({ type: 'sale', quantity: 3, channel: 'webshop' });
    await until(async () => (await status()).posted === 1);
    expect(await status()).toMatchObject({ state: 'current', waiting: 0, lastPosted: { theirId: '2' } });
    expect(erp.onHand().get('A~warehouse')).toBe(7);
    expect(ErpList.parse((await product.get('/v1/erps')).body).erps).toHaveLength(1);
    expect((await product.get('/v1/erps/other')).status).toBe(404);

    const shown = await cli('erp', 'status');
    expect(shown.out).toMatch(/books +current +0/);
    // The ERP's own on-hand is never taken for ours: its statement is compared, and here they agree.
    const run = await product.post('/v1/reconciliations?wait=30', { system: 'books', location: 'warehouse' });
    expect(run.body).toMatchObject({ state: 'completed', comparison: { different: 0 } });
  });

  // Seen failing: as drift, without what waits to be posted.
  it('that still counts sold units is named, with how many movements wait', async () => {
    await start();
    await product.command({ type: 'adjustment', quantity: 10, reason: 'found' });
    await until(async () => (await status()).posted === 1);
    erp.mishap = () => 'down';
    await product.command({ type: 'sale', quantity: 3, channel: 'webshop' });
    await product.command({ type: 'sale', quantity: 1, channel: 'webshop' });
    await until(async () => (await status()).waiting === 2);
    const { body } = await product.post('/v1/reconciliations?wait=30', { system: 'books', location: 'warehouse' });
    expect(body).toMatchObject({ comparison: { different: 1, classes: { 'in-flight': { skus: 1, units: 4 } } } });
    const { differences } = await report(body['id'] as string);
    expect(differences).toMatchObject([
      { sku: 'A', reported: 10, figure: 6, why: 'the ERP still counts 4 sold units: 2 movements wait to be posted' },
    ]);
    erp.mishap = () => undefined;
    expect((await cli('erp', 'retry', 'books')).out).toContain('asked again');
    await until(async () => (await status()).posted === 3);
    const again = await cli('reconcile', '--system', 'books', '--location', 'warehouse');
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('completed')]);
  });

  it('refusing an SKU has a case, which retry over HTTP settles; other SKUs and channels go on', async () => {
    await start();
    erp.refuses = ({ sku }) => (sku === 'B' ? { reason: 'E4: inactive', unmapped: 'sku' } : undefined);
    erp.namesFault = true;
    await product.command({ type: 'adjustment', sku: 'B', quantity: 5, reason: 'found' });
    await product.command({ type: 'adjustment', sku: 'A', quantity: 9, reason: 'found' });
    await product.shows('A', 7);
    await until(async () => (await status()).parked === 1 && (await status()).posted === 1);
    expect(await status()).toMatchObject({ waitingApart: [{ sku: 'B', why: 'unmapped', reason: 'E4: inactive' }] });
    const find = async () =>
      (await product.get('/v1/cases?kind=unmapped-sku')).body['cases'] as { id: string; state: string }[];
    await until(async () => (await find()).length === 1);
    const [{ id }] = (await find()) as unknown as [{ id: string }];
    erp.refuses = () => undefined;
    await product.post(`/v1/cases/${id}/commands`, { id: 'retry-1', type: 'retry' });
    await until(async () => (await status()).parked === 0);
    expect(erp.onHand().get('B~warehouse')).toBe(5);
    await until(async () => (await find()).length === 0);
  });

  it('that never takes a movement goes on without it, and the difference is known by its cause', async () => {
    await start();
    await product.command({ type: 'adjustment', quantity: 10, reason: 'found' });
    await until(async () => (await status()).posted === 1);
    erp.refuses = ({ kind }) => (kind === 'sale' ? { reason: 'E7: period closed', unmapped: 'sku' } : undefined);
    await product.command({ type: 'sale', quantity: 3, channel: 'webshop' });
    await product.command({ type: 'return', quantity: 1, disposition: 'restock' });
    await until(async () => (await status()).parked === 2);
    const [{ reference }] = (await status()).waitingApart as unknown as [{ reference: string }];

    expect(await product.post('/v1/erps/books/dismiss', { references: [], reason: 'x' })).toMatchObject({
      status: 422,
    });
    expect(await product.post('/v1/erps/books/dismiss', { references: [reference] })).toMatchObject({ status: 422 });
    expect(await product.post('/v1/erps/none/dismiss', { references: ['a'], reason: 'x' })).toMatchObject({
      status: 404,
    });
    const done = await cli('erp', 'dismiss', 'books', reference, '--reason', 'July is closed');
    expect([done.code, done.out]).toEqual([0, '1 movement is never posted to books; 0 it had all the same\n']);
    await until(async () => (await status()).parked === 0 && (await status()).posted === 2);
    expect(await status()).toMatchObject({
      dismissed: [{ sku: 'A', location: 'warehouse', movements: 1, units: -3 }],
    });
    expect((await cli('erp', 'status', 'books')).out).toMatch(/A +warehouse +1 +-3/);
    const written = await product.evenstock.log.read('erp-books', 0, 100);
    expect(written.find(({ type }) => type === 'MovementsDismissed')?.data).toMatchObject({
      ...{ by: 'cli', reason: 'July is closed' },
    });

    // Seen failing: as drift, without what was dismissed.
    const { body } = await product.post('/v1/reconciliations?wait=30', { system: 'books', location: 'warehouse' });
    const { differences } = await report(body['id'] as string);
    const why = '1 movement of -3 units in all was dismissed: the ERP never gets them';
    expect(differences).toMatchObject([{ sku: 'A', class: 'explained', reported: 11, figure: 8, why }]);
  });

  it('goes on after a restart where it was', async () => {
    await start();
    await product.command({ type: 'adjustment', quantity: 5, reason: 'found' });
    await until(async () => (await status()).posted === 1);
    erp.mishap = () => 'down';
    await product.command({ type: 'sale', quantity: 2 });
    await until(async () => (await status()).state === 'outage');
    product = await product.restart();
    erp.mishap = () => undefined;
    await until(async () => (await status()).posted === 2);
    expect(erp.booked.map(({ kind, quantity }) => [kind, quantity])).toEqual([
      ['adjustment', 5],
      ['sale', 2],
    ]);
  });

  it('tells of a place that nobody has mapped: a case, and what it told is taken when it is mapped', async () => {
    await start();
    const at = Date.now() - 1_000;
    facts.push(
      { kind: 'receipt', id: '1', sku: 'A', location: 'store-9', quantity: 4, occurredAt: at },
      { kind: 'receipt', id: '2', sku: 'A', location: 'warehouse', quantity: 6, occurredAt: at },
    );
    const find = async () =>
      (await product.get('/v1/cases?kind=unmapped-sku')).body['cases'] as { id: string; detail: string }[];
    await until(async () => (await find()).length === 1);
    const [found] = await find();
    expect(found!.detail).toContain('location store-9');
    await until(async () => (await product.get('/v1/stock/A/warehouse')).status === 200);
    const { document } = (await product.get('/v1/policy')).body as { document: { locations: object[] } };
    const wider = { ...document, version: 'test-2', locations: [...document.locations, { id: 'store-9' }] };
    const applied = await product.post('/v1/policy', { document: wider, reason: 'a new store' });
    expect(applied).toMatchObject({ status: 200 });
    await product.post(`/v1/cases/${found!.id}/commands`, { id: 'retry-2', type: 'retry' });
    await until(async () => (await product.get('/v1/stock/A/store-9')).status === 200);
    await until(async () => (await find()).length === 0);
    expect((await product.get('/v1/stock/A/warehouse')).body).toMatchObject({ onHand: 6 });
  });
});
