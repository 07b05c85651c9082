// Reconciliation through the real HTTP API and a real marketplace: drift is found, corrected once by policy, and a second run
// has nothing to do; uploads with bad lines; books of another system corrected by counts.
import { afterEach, describe, expect, it } from 'vitest';
import { ReconciliationAnswer } from '../../../server/routes/openapi/reconciliation.ts';
import { type Product, type ProductOptions, startProduct } from '../../support/product.ts';
import { longAgo, reconciling } from '../../support/reconciling.ts';

let product: Product;
const start = async (policy: ProductOptions['policy'] = {}, marketplace: ProductOptions['marketplace'] = {}) => {
  product = await startProduct({ policy, marketplace });
};
const { receive, compare, upload, report } = reconciling(() => product);
afterEach(() => product.close());

describe('a channel that drifts', () => {
  it('is told again, once, and the second run has nothing to do', async () => {
    await start({ reconciliation: { settleMinutes: 0 } });
    await receive('A', 10);
    await receive('B', 7);
    await product.shows('A', 8);
    await product.shows('B', 5);
    product.marketplace.listings.drift('A', 3, longAgo());
    product.marketplace.listings.drift('B', -2, longAgo());
    const before = product.marketplace.statistics.calls;

    const first = await compare();
    expect(first).toMatchObject({
      state: 'completed',
      correction: 'republish',
      statement: { from: 'adapter', rows: 2, complete: true },
      comparison: { skus: 2, equal: 0, different: 2, classes: { drift: { skus: 2, units: 5 } } },
      corrected: { republish: 2 },
    });
    await product.shows('A', 8);
    await product.shows('B', 5);
    expect(product.marketplace.statistics.calls).toBe(before + 1);
    const { differences } = await report(first.id);
    const corrected = { class: 'drift', plan: 'republish', outcome: 'done', attempts: 0 };
    expect(differences).toMatchObject([
      { sku: 'A', reported: 11, expected: 8, units: 3, ...corrected },
      { sku: 'B', reported: 3, expected: 5, units: -2, ...corrected },
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

  it('that holds an older publication than it acknowledged is told again', async () => {
    await start();
    await receive('A', 10);
    await product.shows('A', 8);
    const older = product.marketplace.listings.get('A')?.version;
    await product.command({ type: 'sale', quantity: 3 });
    await product.shows('A', 5);
    const { version } = product.marketplace.listings.get('A')!;
    const response = await upload('channel=marketplace', `sku,units,version\nA,77,${older}\n`);
    expect(await response.json()).toMatchObject({
      comparison: { classes: { 'stale-publish': { skus: 1, units: 72 } } },
      corrected: { republish: 1 },
    });
    await expect.poll(() => product.marketplace.listings.get('A')!.version > version).toBe(true);
  });

  it('that will not be put right is corrected as often as policy says, then it is a case', async () => {
    await start({ reconciliation: { correctionsMax: 2 } });
    await receive('A', 10);
    await product.shows('A', 8);
    const found: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      product.marketplace.listings.drift('A', 3, longAgo());
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
    product.marketplace.listings.drift('A', 3, longAgo());
    const calls = product.marketplace.statistics.calls;
    expect(await compare({ channel: 'marketplace', correct: false })).toMatchObject({
      correction: 'none',
      comparison: { different: 1 },
      corrected: { republish: 0, case: 0 },
    });
    expect(product.marketplace.statistics.calls).toBe(calls);
  });
});

describe('a difference that is left to people', () => {
  it('is a case with what was expected and reported; retry tells the figure again, agreement closes it', async () => {
    await start({ reconciliation: { correctionsMax: 0 } });
    await receive('A', 10);
    await product.shows('A', 8);
    product.marketplace.listings.drift('A', 3, longAgo());
    expect(await compare()).toMatchObject({ corrected: { case: 1 } });
    const cases = async () => (await product.get('/v1/cases?kind=drift')).body['cases'] as { id: string }[];
    await expect.poll(cases).toMatchObject([
      {
        subject: { channel: 'marketplace', sku: 'A' },
        detail: expect.stringMatching(/says 11, expected 8, for \d+ minutes: it shows too many/) as string,
        units: 3,
      },
    ]);
    const [{ id }] = (await cases()) as [{ id: string }];
    const retried = await product.post(`/v1/cases/${id}/commands`, { id: 'again-1', type: 'retry' });
    expect(retried.status).toBe(200);
    await product.shows('A', 8);
    expect((await compare()).comparison).toMatchObject({ different: 0 });
    await expect.poll(cases).toEqual([]);
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
