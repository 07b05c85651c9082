// Stock and figures as of two times, over real HTTP: what was true, what was believed, under which policy; and what nobody can know.
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import type { PolicyDocument } from '../../../domain/channel/policy.ts';
import { ExplanationDocument } from '../../../server/routes/openapi/explanation.ts';
import * as answers from '../../../server/routes/openapi/schemas.ts';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
/** Before anything was sold, between the sales, and after the late one; by the wall clock, so that they are apart. */
let afterReceipt: string;
let afterSale: string;
let end: string;
const received = new Date(Date.now() - 60_000).toISOString();
const lateSaleAt = new Date(Date.now() - 30_000).toISOString();
const between = new Date(Date.now() - 20_000).toISOString();

beforeAll(async () => {
  product = await startProduct();
  await product.command({ type: 'receipt', quantity: 10, occurredAt: received });
  afterReceipt = await moment();
  await product.command({ type: 'sale', quantity: 1 });
  afterSale = await moment();
  const { document } = (await product.get('/v1/policy')).body as unknown as { document: PolicyDocument };
  const channels = document.channels.map((one) => (one.id === 'marketplace' ? { ...one, buffer: 5 } : one));
  const next = { ...document, version: 'test-2', channels };
  expect((await product.post('/v1/policy', { document: next, reason: 'season' })).status).toBe(200);
  // It happened before the first sale and was known last.
  await product.command({ type: 'sale', quantity: 3, occurredAt: lateSaleAt });
  end = await moment();
});
afterAll(() => product.close());

/** A time that no event has: those before it are earlier, those after it later. */
async function moment(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const now = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return now;
}

const stock = async (times: Record<string, string>) =>
  answers.StockFiguresAt.parse((await product.get(`/v1/stock/A/warehouse?${new URLSearchParams(times)}`)).body);
const onHand = async (times: Record<string, string>) => (await stock(times)).onHand;

it('tells what was true from what was believed, and takes both times at once', async () => {
  expect(await onHand({ asOf: between })).toBe(7);
  expect(await onHand({ knownAt: afterReceipt })).toBe(10);
  expect(await onHand({ asOf: between, knownAt: afterSale })).toBe(10);
  expect(await onHand({ knownAt: afterSale })).toBe(9);
  expect(await onHand({ asOf: end, knownAt: end })).toBe(6);
  expect(await stock({ knownAt: afterSale })).toMatchObject({ events: 2, revision: 1, at: { knownAt: afterSale } });
});

it('lists the events that a figure was made from', async () => {
  const history = async (times: Record<string, string>) =>
    answers.HistoryPage.parse(
      (await product.get(`/v1/stock/A/warehouse/history?${new URLSearchParams(times)}`)).body,
    ).entries.map(({ revision }) => revision);
  expect(await history({ asOf: between })).toEqual([0, 2]);
  expect(await history({ knownAt: afterSale })).toEqual([0, 1]);
  expect(await history({ asOf: between, knownAt: afterSale })).toEqual([0]);
});

it('explains a figure of any time under the policy of its time', async () => {
  const explain = async (times: Record<string, string>) =>
    ExplanationDocument.parse(
      (await product.get(`/v1/availability/marketplace/A/explain?${new URLSearchParams(times)}`)).body,
    );
  expect(await explain({ knownAt: afterSale })).toMatchObject({
    units: 7,
    policyVersion: 'test-1',
    terms: { buffer: 2 },
  });
  expect(await explain({ at: afterSale })).toMatchObject({ units: 7, at: { knownAt: afterSale } });
  expect(await explain({ asOf: end })).toMatchObject({ units: 1, policyVersion: 'test-2', terms: { buffer: 5 } });
  // All that happened by then is known today: three more were gone already, under the policy of then.
  expect(await explain({ asOf: afterSale })).toMatchObject({ units: 4, policyVersion: 'test-1' });
  const figure = await product.get(`/v1/availability/marketplace/A?asOf=${afterSale}&knownAt=${afterReceipt}`);
  expect(answers.AvailabilityFigure.parse(figure.body)).toMatchObject({ units: 8, policyVersion: 'test-1' });
  const { units, locations } = (await product.get('/v1/availability/marketplace/A/explain')).body;
  expect(await explain({ asOf: end, knownAt: end })).toMatchObject({ units, locations } as object);
});

const future = new Date(Date.now() + 3_600_000).toISOString();
test.each([
  ['/v1/stock/A/warehouse', { asOf: future }, 400, 'invalid-parameter', /asOf lies in the future: it is 20/],
  ['/v1/stock/A/warehouse', { knownAt: future }, 400, 'invalid-parameter', /knownAt lies in the future/],
  ['/v1/stock/A/warehouse', { asOf: 'yesterday' }, 400, 'invalid-parameter', /asOf must be an RFC 3339/],
  ['/v1/stock/A/warehouse', { asOf: '2026-11-23T09:30:00' }, 400, 'invalid-parameter', /with an offset/],
  [
    '/v1/stock/A/warehouse',
    { asOf: '2020-01-01T00:00:00Z' },
    404,
    'unknown-stock',
    /nothing had happened by 2020.*; its first event happened at/,
  ],
  ['/v1/stock/nil/warehouse', { asOf: received }, 404, 'unknown-stock', /Nothing has been recorded of SKU nil/],
  ['/v1/stock/A/warehouse/history', { knownAt: future }, 400, 'invalid-parameter', /knownAt lies in the future/],
  [
    '/v1/availability/webshop/A',
    { knownAt: '2020-01-01T00:00:00Z' },
    404,
    'unknown-channel',
    /No policy was in force then/,
  ],
  ['/v1/availability/webshop/A/explain', { asOf: future }, 400, 'invalid-parameter', /asOf lies in the future/],
  [
    '/v1/availability/webshop/A/explain',
    { at: received, knownAt: received },
    400,
    'invalid-parameter',
    /at is the same as knownAt/,
  ],
  [
    '/v1/availability/toys/A/explain',
    { asOf: 'END' },
    404,
    'unknown-channel',
    /Policy test-2, in force then, has no channel toys/,
  ],
  ['/v1/availability/webshop/nil', { asOf: 'END' }, 404, 'unknown-availability', /Of SKU nil nothing had happened by/],
])('%s %j is a %i %s', async (path, times, status, reason, detail) => {
  const given = Object.entries(times).map(([name, value]) => [name, value === 'END' ? end : value] as [string, string]);
  const answer = await product.get(`${path}?${new URLSearchParams(given)}`);
  expect(answer).toMatchObject({ status, body: { reason } });
  expect(answer.body['detail']).toMatch(detail);
});
