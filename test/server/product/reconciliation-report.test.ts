// What a run of reconciliation reports, to whom and in which form; and a channel in shadow mode, which is only reported on.
import { afterEach, describe, expect, it } from 'vitest';
import { ReconciliationList, ReconciliationReport } from '../../../server/routes/openapi/reconciliation.ts';
import { type Product, type ProductOptions, startProduct } from '../../support/product.ts';
import { longAgo, reconciling } from '../../support/reconciling.ts';

let product: Product;
const start = async (policy: ProductOptions['policy'] = {}, marketplace: ProductOptions['marketplace'] = {}) => {
  product = await startProduct({ policy, marketplace });
};
const { receive, compare, upload, report } = reconciling(() => product);
afterEach(() => product.close());

describe('a channel in shadow mode', () => {
  it('is only reported on: nothing is told, nothing corrected', async () => {
    await start({}, { mode: 'shadow' });
    await receive('A', 10);
    await receive('B', 7);
    const { listings, statistics } = product.marketplace;
    listings.apply('A', 8, 1n, longAgo());
    listings.apply('B', 4, 1n, longAgo());
    const answer = await compare();
    expect(answer).toMatchObject({
      ...{ shadow: true, correction: 'none' },
      comparison: { skus: 2, equal: 1, different: 1 },
      corrected: { republish: 0, case: 0 },
    });
    expect((await report(answer.id)).differences).toMatchObject([{ sku: 'B', reported: 4, figure: 5, plan: 'none' }]);
    expect(statistics.calls).toBe(0);
  });

  it('is expected to show what our figure was at the time of the statement', async () => {
    await start({}, { mode: 'shadow' });
    await receive('A', 10);
    await receive('A', 4, 'store-1');
    const asOf = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await product.command({ type: 'sale', quantity: 3 });
    const response = await upload(`channel=marketplace&asOf=${asOf}`, 'sku,units\nA,8\n');
    expect(await response.json()).toMatchObject({ comparison: { classes: { explained: { skus: 1 } } } });
  });
});

describe('a report', () => {
  it('is JSON in pages, CSV, or a page to read; the list has the newest first', async () => {
    await start();
    for (const sku of ['A', 'B', 'C']) await receive(sku, 10);
    await product.shows('C', 8);
    const { id } = (await (await upload('channel=marketplace', 'sku,units\nA,1\nB,2\nC,3\n')).json()) as { id: string };
    const path = `/v1/reconciliations/${id}`;
    const page = ReconciliationReport.parse((await product.get(`${path}?limit=2`)).body);
    expect([page.differences.map(({ sku }) => sku), page.next]).toEqual([['A', 'B'], 2]);
    const rest = ReconciliationReport.parse((await product.get(`${path}?limit=2&cursor=2`)).body);
    expect([rest.differences.map(({ sku }) => sku), rest.next]).toEqual([['C'], undefined]);

    const csv = await product.send(path, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await csv.text()).trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'sku,class,reported,expected,acknowledged,figure,units,value,ageMinutes,since,plan,outcome,attempts,event,why',
    );
    expect(lines[1]).toMatch(/^A,missing-fact,1,8,8,8,-7,,0,20[^,]+,none,,0,,it shows fewer/);

    const html = await product.send(path, { headers: { accept: 'text/html' } });
    expect(html.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    const text = await html.text();
    expect(text).toMatch(/<svg[^>]*>.*missing-fact.*3 SKUs, 18 units.*<\/svg>/s);
    expect(text).not.toMatch(/https?:|<script/);

    const list = ReconciliationList.parse((await product.get('/v1/reconciliations?channel=marketplace&limit=1')).body);
    expect(list.reconciliations.map((run) => run.id)).toEqual([id]);
    expect((await product.get('/v1/reconciliations/none')).body).toMatchObject({ reason: 'unknown-reconciliation' });
  });

  it('is for keys with the scope, and of their channels and locations', async () => {
    const key = (letter: string) => `evs_${letter.repeat(43)}`;
    const scopes = ['reconciliation:read', 'reconciliation:write'] as const;
    product = await startProduct({
      clients: [
        { id: 'web', key: key('w'), scopes: [...scopes], locations: ['store-1'], channels: ['webshop'] },
        { id: 'reader', key: key('r'), scopes: ['reconciliation:read'], locations: 'all', channels: 'all' },
      ],
    });
    const { id } = await compare();
    const as = (letter: string, path: string, init: RequestInit = {}) =>
      product.send(path, { ...init, headers: { authorization: `Bearer ${key(letter)}`, ...init.headers } });
    const post = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) });
    const csv = { method: 'POST', body: 'sku,units\nA,1\n', headers: { 'content-type': 'text/csv' } };
    const statuses = [
      await as('r', `/v1/reconciliations/${id}`),
      await as('r', '/v1/reconciliations', post({ channel: 'webshop' })),
      await as('w', `/v1/reconciliations/${id}`),
      await as('w', '/v1/reconciliations', post({ channel: 'marketplace' })),
      await as('w', '/v1/reconciliations', post({ channel: 'webshop' })),
      await as('w', '/v1/reconciliations?channel=webshop&wait=20', csv),
      await as('w', '/v1/reconciliations?system=erp&location=warehouse', csv),
      await as('w', '/v1/reconciliations?system=erp&location=store-1&wait=20', csv),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 403, 403, 403, 422, 200, 403, 200]);
    const seen = (await (await as('w', '/v1/reconciliations')).json()) as { reconciliations: unknown[] };
    expect(seen.reconciliations).toHaveLength(2);
  });

  it('of the same id is begun once', async () => {
    await start();
    const first = await compare({ channel: 'marketplace', id: 'evening' });
    const again = await compare({ channel: 'marketplace', id: 'evening' });
    expect([first.duplicate, again.duplicate, again.startedAt]).toEqual([false, true, first.startedAt]);
  });
});

describe('a run that the end of the server cuts short', () => {
  it('goes on as 202 while the channel says later, and is told as failed after the restart', async () => {
    await start();
    await receive('A', 10);
    await product.shows('A', 8);
    product.marketplace.setFaults({ kind: 'unavailable', share: 1 });
    const begun = await product.post('/v1/reconciliations?wait=0', { channel: 'marketplace', id: 'cut' });
    expect(begun).toMatchObject({ status: 202, body: { state: 'reading' } });
    const second = await product.post('/v1/reconciliations', { channel: 'marketplace' });
    expect(second).toMatchObject({ status: 409, body: { reason: 'reconciliation-running' } });
    product = await product.restart();
    product.marketplace.setFaults({});
    const state = async () => (await product.get('/v1/reconciliations/cut')).body;
    await expect
      .poll(state)
      .toMatchObject({ state: 'failed', reason: expect.stringMatching(/stopped before/) as string });
    expect(await compare()).toMatchObject({ state: 'completed', comparison: { different: 0 } });
  });
});
