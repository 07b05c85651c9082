// Exception cases through the real HTTP API: raised by what really goes wrong, worked on, tried again, closed by themselves,
// opened again, and the same after a restart.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../../domain/channel/policy.ts';
import { CHAIN_GENESIS } from '../../../domain/event-id.ts';
import { DAY, HOUR } from '../../../domain/time.ts';
import {
  BulkCaseAnswer,
  CaseAnswerDocument,
  CaseList,
  CaseWithHistory,
} from '../../../server/routes/openapi/case-documents.ts';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
beforeEach(async () => {
  product = await startProduct({ env: { CASE_PATIENCE_MS: '400' } });
});
afterEach(() => product.close());

const cases = async (query = '') => CaseList.parse((await product.get(`/v1/cases${query}`)).body).cases;
const history = async (id: string) => CaseWithHistory.parse((await product.get(`/v1/cases/${id}`)).body).history;
const statusOf = async (id: string) => (await product.get(`/v1/cases/${id}`)).body['status'];
let commands = 0;
const tell = (id: string, fields: object) =>
  product.post(`/v1/cases/${id}/commands`, { id: `t-${++commands}`, ...fields });
/** The only case of the filter, once it is there. */
async function raised(query: string) {
  await expect.poll(() => cases(query), { timeout: 10_000 }).toHaveLength(1);
  return (await cases(query))[0]!;
}
const cleared = (id: string) => expect.poll(() => statusOf(id), { timeout: 10_000 }).toBe('cleared');

describe('a stock that is promised beyond what is there', () => {
  it('is a case that somebody takes, and closes by itself when units come in; comes back as the same case', async () => {
    await product.command({ type: 'sale', quantity: 3 });
    const shortfall = await raised('?kind=shortfall');
    expect(shortfall).toMatchObject({
      ...{ severity: 'high', owner: 'operations', units: 3, occurrence: 1, overdue: false },
      subject: { sku: 'A', location: 'warehouse', event: 'stock-A~warehouse@0' },
    });
    const answer = await tell(shortfall.id, { type: 'assign', owner: 'anna' });
    expect(CaseAnswerDocument.parse(answer.body)).toMatchObject({ case: { status: 'assigned', owner: 'anna' } });
    await tell(shortfall.id, { type: 'comment', text: 'counting it' });
    expect(await cases(`?owner=anna&after=${answer.body['position']}`)).toMatchObject([{ status: 'assigned' }]);
    expect((await tell(shortfall.id, { type: 'retry' })).body).toMatchObject({ case: { status: 'assigned' } });

    await product.command({ type: 'receipt', quantity: 3 });
    await cleared(shortfall.id);
    await product.command({ type: 'sale', quantity: 1 });
    await expect.poll(() => statusOf(shortfall.id), { timeout: 10_000 }).toBe('open');
    expect(await cases('?status=all')).toMatchObject([{ id: shortfall.id, occurrence: 2, units: 1 }]);
    expect((await history(shortfall.id)).map(({ event, by }) => `${event} ${by}`)).toEqual([
      'CaseOpened evenstock',
      'CaseAssigned test',
      'CaseCommented test',
      'CaseRetryAsked test',
      'CaseRetried evenstock',
      'CaseCleared evenstock',
      'CaseReopened evenstock',
    ]);
  });
});

describe('a SKU that nobody mapped (fault row 21)', () => {
  it('is refused two hundred times at once and one case, until the policy knows it', async () => {
    const { document } = (await product.get('/v1/policy')).body as unknown as { document: PolicyDocument };
    const apply = (version: string, skus: string[]) =>
      product.post('/v1/policy', { document: { ...document, version, skus }, reason: 'test' });
    expect((await apply('known-1', ['A'])).status).toBe(200);
    const source = (n: number) => ({ id: `till-${n % 7}` });
    const sale = (n: number) => product.command({ type: 'sale', sku: 'B', quantity: 1, source: source(n) });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => sale(n)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body['reason']}`))).toEqual(
      new Set(['422 unknown-sku']),
    );
    const unmapped = await raised('?kind=unmapped-sku&status=all');
    expect(unmapped).toMatchObject({ status: 'open', occurrence: 1, subject: { sku: 'B' } });
    expect((await product.evenstock.log.read('stock-B~warehouse', 0, 1)).length).toBe(0);
    expect((await tell(unmapped.id, { type: 'retry' })).body).toMatchObject({ case: { status: 'open' } });
    await apply('known-2', ['A', 'B']);
    await cleared(unmapped.id);
    await product.restart().then((next) => (product = next));
    expect(await cases('?status=all')).toMatchObject([{ id: unmapped.id, status: 'cleared' }]);
  });
});

describe('numbers of a source that are missing', () => {
  it('are a case when they stay missing, and retry sees at once that they arrived', async () => {
    const sold = (sequence: number) =>
      product.command({ type: 'receipt', quantity: 1, source: { id: 'till-7', sequence } });
    for (const n of [1, 2, 5]) await sold(n);
    const gap = await raised('?kind=sequence-gap');
    expect(gap.detail).toBe('till-7 sent 2 that never arrived: 3 to 4');
    const tried = await tell(gap.id, { type: 'retry' });
    expect(tried.body).toMatchObject({ case: { status: 'open', retrying: false } });
    expect((await history(gap.id)).at(-1)).toMatchObject({
      event: 'CaseRetried',
      detail: expect.stringContaining('3 to 4'),
    });
    await sold(4);
    const last = await sold(3);
    await product.get(`/v1/stock/A/warehouse?after=${last.body['position']}`);
    await tell(gap.id, { type: 'retry' });
    await cleared(gap.id);
  });
});

describe('a value that a channel refuses', () => {
  it('is a case; retry tells the channel again, and what it confirms closes it', async () => {
    product.marketplace.setFaults({ refusedSkus: ['A'] });
    await product.command({ type: 'receipt', quantity: 10 });
    const refused = await raised('?kind=refused-publish');
    expect(refused).toMatchObject({ subject: { sku: 'A', channel: 'marketplace' }, units: 8 });
    expect(refused.detail).toBe('marketplace refused 8 units of A: unknown SKU');
    product.marketplace.setFaults({});
    expect((await tell(refused.id, { type: 'retry' })).status).toBe(200);
    await product.shows('A', 8);
    await cleared(refused.id);
  });
});

describe('an order that is short', () => {
  it('is sourced again by retry, and its case closes when nothing is missing', async () => {
    const lines = [{ sku: 'A', quantity: 2 }];
    const order = { id: 'o-1-place', orderId: 'o-1', channel: 'marketplace', kind: 'commitment', lines };
    expect((await product.post('/v1/orders', order)).status).toBe(200);
    const short = await raised('?kind=shortfall');
    expect(short).toMatchObject({ subject: { orderId: 'o-1', sku: 'A' }, units: 2 });
    expect((await cases('?orderId=o-1')).map(({ id }) => id)).toEqual([short.id]);
    expect(await cases('?orderId=o-2')).toEqual([]);
    expect(await cases('?transferId=o-1')).toEqual([]);
    await tell(short.id, { type: 'retry' });
    expect((await history(short.id)).at(-1)).toMatchObject({
      event: 'CaseRetried',
      detail: expect.stringContaining('o-1'),
    });
    const { body } = await product.command({ type: 'receipt', quantity: 5 });
    await product.get(`/v1/stock/A/warehouse?after=${body['position']}`);
    expect((await tell(short.id, { type: 'retry' })).status).toBe(200);
    await cleared(short.id);
    expect((await product.get('/v1/orders/o-1')).body).toMatchObject({ status: 'confirmed', short: [] });
  });
});

describe('a fact that is too old', () => {
  it('is parked and a case for people: nothing can be tried again', async () => {
    const occurredAt = new Date(Date.now() - 60 * DAY).toISOString();
    expect((await product.command({ type: 'sale', quantity: 2, occurredAt })).status).toBe(202);
    const old = await raised('?kind=too-old-fact');
    expect(await tell(old.id, { type: 'retry' })).toMatchObject({ status: 409, body: { reason: 'not-retryable' } });
    expect((await tell(old.id, { type: 'dismiss', reason: 'counted since' })).body).toMatchObject({
      case: { status: 'dismissed', closedWith: 'counted since' },
    });
    expect(await cases()).toEqual([]);
  });
});

describe('an event that nobody can read (fault row 19)', () => {
  it('is a case for who set it aside, the rest flows, and both cases are there after a restart', async () => {
    const event = { type: 'AvailabilityPublished', data: { v: 99 }, metadata: { previousHash: CHAIN_GENESIS } };
    await product.evenstock.log.append('channel-nowhere', -1, [
      { id: 'e0000000-0000-5000-8000-000000000000', ...event },
    ]);
    const told = async (beginning: string) =>
      (await cases('?kind=poison-message')).find(({ detail }) => detail.startsWith(beginning));
    const ofReaction = 'cases could not react to AvailabilityPublished channel-nowhere@0: UnknownEventVersion';
    const ofProjection = 'projection published set 1 event aside, the first AvailabilityPublished channel-nowhere@0';
    for (const one of [ofReaction, ofProjection])
      await expect.poll(() => told(one), { timeout: 10_000 }).toMatchObject({ status: 'open' });
    const poison = await cases('?kind=poison-message');
    await product.command({ type: 'receipt', quantity: 10 });
    await product.shows('A', 8);
    for (const { id } of poison) {
      expect((await tell(id, { type: 'retry' })).body).toMatchObject({ case: { status: 'open' } });
      expect((await history(id)).at(-1)).toMatchObject({ event: 'CaseRetried' });
    }
    product = await product.restart();
    await product.command({ type: 'receipt', quantity: 1 });
    await product.shows('A', 9);
    const after = await cases('?status=all');
    expect(after.map(({ id, occurrence }) => `${id} ${occurrence}`).sort()).toEqual(
      poison.map(({ id }) => `${id} 1`).sort(),
    );
  });
});

describe('a case that is late', () => {
  it('goes one step up by policy, once, and not again after a restart', async () => {
    const { document } = (await product.get('/v1/policy')).body as unknown as { document: PolicyDocument };
    const escalation = { cases: [], steps: [{ from: 'operations', to: 'duty-manager', slaMinutes: 60 }] };
    await product.post('/v1/policy', { document: { ...document, version: 'late', escalation }, reason: 'test' });
    // As it was written a day ago.
    const id = 'too-old-fact-0123456789abcdef';
    const at = Date.now() - DAY;
    const said = { kind: 'too-old-fact', key: 'fact:x', subject: {}, detail: 'a fact', times: 1, severity: 'low' };
    const frame = { v: 1, commandId: 'raise:1', source: 'evenstock', recordedAt: at };
    const data = { ...said, owner: 'operations', dueAt: at + HOUR, ...frame };
    const opened = { type: 'CaseOpened', data, metadata: { previousHash: CHAIN_GENESIS } };
    await product.evenstock.log.append(`case-${id}`, -1, [{ id: 'e0000000-0000-5000-8000-000000000001', ...opened }]);
    await expect.poll(() => cases('?owner=duty-manager'), { timeout: 10_000 }).toHaveLength(1);
    const escalated = { id, level: 1, severity: 'medium', overdue: false };
    expect(await cases()).toMatchObject([escalated]);
    product = await product.restart();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await cases('?olderThanMinutes=1440')).toMatchObject([escalated]);
    expect((await history(id)).map(({ event }) => event)).toEqual(['CaseOpened', 'CaseEscalated']);
  });
});

describe('many cases', () => {
  it('are listed in pages and worked on in bulk, with a result for each', async () => {
    for (const sku of ['A', 'B', 'C', 'D', 'E']) await product.command({ type: 'sale', quantity: 1, sku });
    await expect.poll(() => cases('?kind=shortfall'), { timeout: 10_000 }).toHaveLength(5);
    const first = CaseList.parse((await product.get('/v1/cases?limit=3')).body);
    const second = CaseList.parse((await product.get(`/v1/cases?limit=3&cursor=${first.next}`)).body);
    expect([first.cases.length, second.cases.length, second.next]).toEqual([3, 2, undefined]);
    expect(first.counts).toEqual(second.counts);
    expect(first.counts).toMatchObject({ total: 5, overdue: 0, byKind: { shortfall: 5 }, byAge: { 'under-1h': 5 } });
    const ids = [...first.cases, ...second.cases].map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    await tell(ids[0]!, { type: 'resolve', resolution: 'counted' });
    const command = { id: 'bulk-1', type: 'assign', owner: 'night-shift' };
    const bulk = await product.post('/v1/cases/commands', { cases: [...ids, 'drift-0123456789abcdef'], command });
    const { results } = BulkCaseAnswer.parse(bulk.body);
    expect(results.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      'case-closed',
      ...['accepted', 'accepted', 'accepted', 'accepted'],
      'unknown-case',
    ]);
    const again = await product.post('/v1/cases/commands', { cases: ids.slice(1), command });
    expect(BulkCaseAnswer.parse(again.body).results.every(({ duplicate }) => duplicate === true)).toBe(true);
    product = await product.restart();
    expect(await cases('?owner=night-shift&status=assigned')).toHaveLength(4);
    const { equal, projections } = await product.evenstock.readModel.verify();
    expect([equal, projections.find(({ name }) => name === 'cases')?.pages]).toEqual([true, 1]);
  });
});
