// Reconciliation through the real HTTP API and a real marketplace: drift is found, corrected once by policy, and a second run
// has nothing to do; uploads with bad lines; books of another system corrected by counts; shadow mode only reports.
import { afterEach, describe, expect, it } from 'vitest';
import {
  ReconciliationAnswer,
  ReconciliationList,
  ReconciliationReport,
} from '../../../server/routes/openapi/reconciliation.ts';
import { type Product, type ProductOptions, startProduct } from '../../support/product.ts';

let product: Product;
const start = async (policy: ProductOptions['policy'] = {}, marketplace: ProductOptions['marketplace'] = {}) => {
  product = await startProduct({ policy, marketplace });
};
afterEach(() => product.close());

const receive = (sku: string, quantity: number, location = 'warehouse') =>
  product.command({ type: 'receipt', sku, quantity, location });
const compare = async (body: Record<string, unknown> = { channel: 'marketplace' }) => {
  const { status, body: answer } = await product.post('/v1/reconciliations?wait=20', body);
  expect(status).toBe(200);
  return ReconciliationAnswer.parse(answer);
};
const upload = (query: string, body: string, type = 'text/csv') =>
  product.send(`/v1/reconciliations?wait=20&${query}`, { method: 'POST', body, headers: { 'content-type': type } });
const report = async (id: string) => ReconciliationReport.parse((await product.get(`/v1/reconciliations/${id}`)).body);
const longAgo = Date.now() - 3_600_000;

describe('a channel that drifts', () => {
  it('is told again, once, and the second run has nothing to do', async () => {
    await start();
    await receive('A', 10);
    await receive('B', 7);
    await product.shows('A', 8);
    await product.shows('B', 5);
    product.marketplace.listings.drift('A', 3, longAgo);
    const before = product.marketplace.statistics.calls;

    const first = await compare();
    expect(first).toMatchObject({
      state: 'completed',
      correction: 'republish',
      statement: { from: 'adapter', rows: 2, complete: true },
      comparison: { skus: 2, equal: 1, different: 1, classes: { drift: { skus: 1, units: 3 } } },
      corrected: { republish: 1 },
    });
    await product.shows('A', 8);
    expect(product.marketplace.statistics.calls).toBe(before + 1);
    const { differences } = await report(first.id);
    expect(differences).toMatchObject([
      {
        sku: 'A',
        class: 'drift',
        reported: 11,
        expected: 8,
        units: 3,
        plan: 'republish',
        outcome: 'done',
        attempts: 0,
      },
    ]);

    const second = await compare();
    expect(second).toMatchObject({ comparison: { equal: 2, different: 0, classes: {} }, corrected: { republish: 0 } });
    expect(product.marketplace.statistics.calls).toBe(before + 1);
  });

  it('that shows fewer is told again only when the difference is no sale on its way', async () => {
    await start();
    await receive('A', 10);
    await product.shows('A', 8);
    product.marketplace.listings.order('A', 2, Date.now());
    const young = await compare();
    expect(young).toMatchObject({
      comparison: { classes: { 'missing-fact': { skus: 1, units: 2 } } },
      corrected: { republish: 0 },
    });
    await product.command({ type: 'sale', quantity: 2, channel: 'marketplace' });
    await product.shows('A', 6);
    expect((await compare()).comparison).toMatchObject({ different: 0 });
  });

  it('that will not be put right is corrected as often as policy says, then it is a case', async () => {
    await start({ reconciliation: { correctionsMax: 2 } });
    await receive('A', 10);
    await product.shows('A', 8);
    const found: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      product.marketplace.listings.drift('A', 3, longAgo);
      const { corrected, id } = await compare();
      const [difference] = (await report(id)).differences;
      found.push([corrected.republish, corrected.case, difference?.attempts]);
      if (corrected.republish > 0) await product.shows('A', 8);
    }
    expect(found).toEqual([
      [1, 0, 0],
      [1, 0, 1],
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  it('is compared by a report alone when that is asked for', async () => {
    await start();
    await receive('A', 10);
    await product.shows('A', 8);
    product.marketplace.listings.drift('A', 3, longAgo);
    const calls = product.marketplace.statistics.calls;
    expect(await compare({ channel: 'marketplace', correct: false })).toMatchObject({
      correction: 'none',
      comparison: { different: 1 },
      corrected: { republish: 0, case: 0 },
    });
    expect(product.marketplace.statistics.calls).toBe(calls);
  });
});

describe('an uploaded statement', () => {
  it('is compared line by line; bad lines, doubles and unknown SKUs cost no other', async () => {
    await start();
    await receive('A', 10);
    await receive('B', 7);
    await product.shows('A', 8);
    await product.shows('B', 5);
    const csv = [
      ...['sku,units,unitPrice', 'A,8,250', 'B,9,100', 'B,9,100'],
      ...['C,-1,', 'D,two,', 'E,1', 'UNKNOWN,4,', 'F,1,', 'F,2,', '=cmd(),1,'],
    ];
    const response = await upload('channel=marketplace&complete=true', `${csv.join('\n')}\n`);
    expect(response.status).toBe(200);
    const answer = ReconciliationAnswer.parse(await response.json());
    expect(answer).toMatchObject({
      statement: { from: 'upload', rows: 3, complete: false, badLines: 6 },
      comparison: {
        ...{ skus: 3, equal: 1, reportedUnits: 21, ourUnits: 13 },
        classes: { drift: { skus: 1, units: 4, value: 400 }, 'unknown-sku': { skus: 1, units: 4 } },
      },
      corrected: { republish: 1, case: 1 },
    });
    const { badLines, differences } = await report(answer.id);
    expect(badLines.map(({ line, rule }) => [line, rule])).toEqual([
      [4, 'duplicate'],
      [5, 'minimum'],
      [6, 'type'],
      [7, 'columns'],
      [10, 'contradiction'],
      [11, 'format'],
    ]);
    expect(differences.map(({ sku, plan }) => [sku, plan])).toEqual([
      ['B', 'republish'],
      ['UNKNOWN', 'case'],
    ]);
  });

  it('in NDJSON says when each row was true, and what was right then is explained', async () => {
    await start();
    await receive('A', 10);
    await product.shows('A', 8);
    const then = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await product.command({ type: 'sale', quantity: 3 });
    await product.shows('A', 5);
    const line = JSON.stringify({ sku: 'A', units: 8, asOf: then });
    const response = await upload('channel=marketplace', `${line}\n`, 'application/x-ndjson');
    expect(await response.json()).toMatchObject({
      comparison: { classes: { explained: { skus: 1, units: 0 } } },
      corrected: { republish: 0, case: 0 },
    });
  });

  it.each([
    ['channel=marketplace', 'sku,qty\nA,1\n', 422, 'invalid-statement', /a column "qty"/],
    ['channel=marketplace', 'sku\nA\n', 422, 'invalid-statement', /one column units/],
    ['channel=marketplace', 'sku,units\nA,"1\n', 422, 'invalid-statement', /cannot be read/],
    ['channel=marketplace', 'sku,units\nA,x\n', 422, 'invalid-statement', /line 2: units/],
    ['channel=marketplace', '', 422, 'invalid-statement', /no lines/],
    ['channel=marketplace&asOf=2099-01-01T00:00:00Z', 'sku,units\nA,1\n', 422, 'invalid-statement', /in the future/],
    ['channel=marketplace&asOf=2020-01-01T00:00:00Z', 'sku,units\nA,1\n', 422, 'invalid-statement', /days back/],
    ['channel=nowhere', 'sku,units\nA,1\n', 404, 'unknown-channel', /nowhere/],
    ['system=erp&location=moon', 'sku,units\nA,1\n', 422, 'unknown-location', /moon/],
    ['location=warehouse', 'sku,units\nA,1\n', 400, 'invalid-parameter', /system and location/],
    ['chanel=marketplace', 'sku,units\nA,1\n', 400, 'invalid-parameter', /chanel/],
  ])('%s %j is %i %s', async (query, body, status, reason, detail) => {
    await start();
    const response = await upload(query, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ reason, detail: expect.stringMatching(detail) as string });
    expect((await product.get('/v1/reconciliations')).body).toMatchObject({ reconciliations: [] });
  });
});

describe('the books of the system of record at a location', () => {
  const erp = { systemsOfRecord: [{ location: 'warehouse', system: 'erp' }] };
  const earlier = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const onHand = async (sku: string) => (await product.get(`/v1/stock/${sku}/warehouse`)).body['onHand'];
  const books = (text: string, more = '') => upload(`system=erp&location=warehouse${more}`, text);

  it('are taken as counts at their time; what has been sold since counts too; the second run has nothing to do', async () => {
    await start(erp);
    await product.command({ type: 'receipt', quantity: 10, occurredAt: earlier(90) });
    await product.command({ type: 'receipt', sku: 'B', quantity: 4, occurredAt: earlier(90) });
    await product.command({ type: 'sale', quantity: 2, occurredAt: earlier(5) });
    // As of an hour ago: A had 10 then, the books say 13. The sale of 2 came later.
    const asOf = `&asOf=${earlier(60)}`;
    const first = (await (await books('sku,units\nA,13\nB,4\n', asOf)).json()) as { id: string };
    expect(first).toMatchObject({
      correction: 'count',
      comparison: { skus: 2, classes: { drift: { skus: 1, units: 3 } } },
      corrected: { count: 1 },
    });
    expect((await report(first.id)).differences).toMatchObject([
      { sku: 'A', reported: 13, expected: 10, plan: 'count' },
    ]);
    await expect.poll(() => onHand('A')).toBe(11);
    expect(await (await books('sku,units\nA,11\nB,4\n')).json()).toMatchObject({ comparison: { different: 0 } });
    const again = await books('sku,units\nA,13\nB,4\n', asOf);
    expect(await again.json()).toMatchObject({
      corrected: { count: 0 },
      comparison: { classes: { explained: { skus: 1 } } },
    });
    expect(await onHand('A')).toBe(11);
  });

  it('of before our last movement are explained, and a system that is not of record corrects nothing', async () => {
    await start(erp);
    await receive('A', 10);
    await product.command({ type: 'sale', quantity: 4 });
    expect(await (await books('sku,units\nA,10\n')).json()).toMatchObject({
      comparison: { classes: { explained: { skus: 1 } } },
      corrected: { count: 0, case: 0 },
    });
    const wms = await upload('system=wms&location=warehouse', 'sku,units\nA,77\n');
    expect(await wms.json()).toMatchObject({ correction: 'case', corrected: { count: 0, case: 1 } });
    expect(await onHand('A')).toBe(6);
  });

  it('that do not name an SKU are no count of 0', async () => {
    await start(erp);
    await product.command({ type: 'receipt', quantity: 10, occurredAt: earlier(90) });
    await product.command({ type: 'receipt', sku: 'B', quantity: 4, occurredAt: earlier(90) });
    expect(await (await books('sku,units\nB,4\n', '&complete=true')).json()).toMatchObject({
      comparison: { skus: 2, classes: { 'unknown-sku': { skus: 1, units: 10 } } },
      corrected: { count: 0, case: 1 },
    });
    expect(await onHand('A')).toBe(10);
  });
});

describe('a channel in shadow mode', () => {
  it('is only reported on: nothing is told, nothing corrected', async () => {
    await start({}, { mode: 'shadow' });
    await receive('A', 10);
    await receive('B', 7);
    const { listings, statistics } = product.marketplace;
    listings.apply('A', 8, 1n, longAgo);
    listings.apply('B', 4, 1n, longAgo);
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
