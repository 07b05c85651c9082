// Bad requests for a reconciliation: a clear 4xx each, and no run begins.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ env: { BATCH_BYTES_MAX: '2048' } });
});
afterAll(() => product.close());

const JSON_TYPE = 'application/json';
const PATH = '/v1/reconciliations';

it.each([
  ['', JSON_TYPE, '', 400, 'invalid-json'],
  ['', JSON_TYPE, '{', 400, 'invalid-json'],
  ['', JSON_TYPE, '{"channel":"webshop","channel":"marketplace"}', 400, 'invalid-json'],
  ['', JSON_TYPE, 'null', 422, 'invalid-command'],
  ['', JSON_TYPE, '[]', 422, 'invalid-command'],
  ['', JSON_TYPE, '{}', 422, 'invalid-command'],
  ['', JSON_TYPE, '{"channel":1}', 422, 'invalid-command'],
  ['', JSON_TYPE, '{"channel":"marketplace","correct":"yes"}', 422, 'invalid-command'],
  ['', JSON_TYPE, '{"channel":"marketplace","__proto__":{}}', 422, 'invalid-command'],
  ['', JSON_TYPE, '{"channel":"marketplace","id":"a b"}', 422, 'invalid-command'],
  ['', JSON_TYPE, '{"system":"erp"}', 422, 'invalid-command'],
  ['', JSON_TYPE, '{"system":"erp","location":"warehouse"}', 422, 'no-statement'],
  ['', JSON_TYPE, '{"channel":"nowhere"}', 404, 'unknown-channel'],
  ['', JSON_TYPE, '{"channel":"webshop"}', 422, 'no-statement'],
  ['?wait=31', JSON_TYPE, '{"channel":"marketplace"}', 400, 'invalid-parameter'],
  ['?wait=soon', JSON_TYPE, '{"channel":"marketplace"}', 400, 'invalid-parameter'],
  ['?channel=marketplace', 'application/xml', '<a/>', 415, 'unsupported-media-type'],
  ['?channel=marketplace', 'text/csv; charset=latin1', 'sku,units\nA,1\n', 415, 'unsupported-media-type'],
  ['?channel=marketplace&asOf=yesterday', 'text/csv', 'sku,units\nA,1\n', 400, 'invalid-parameter'],
  ['?channel=marketplace&complete=1', 'text/csv', 'sku,units\nA,1\n', 400, 'invalid-parameter'],
  ['?channel=marketplace&system=erp&location=x', 'text/csv', 'sku,units\nA,1\n', 400, 'invalid-parameter'],
  ['?channel=marketplace', 'text/csv', `sku,units\n${'A,1\n'.repeat(1_000)}`, 413, 'too-large'],
  ['?channel=marketplace', 'text/csv', '\u0000\u0001\u0002', 422, 'invalid-statement'],
  ['?channel=marketplace', 'application/x-ndjson', '[[[[', 422, 'invalid-statement'],
])('%s as %s %j is %i %s', async (query, type, body, status, reason) => {
  const response = await product.send(`${PATH}${query}`, { method: 'POST', body, headers: { 'content-type': type } });
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect([response.status, ((await response.json()) as { reason: string }).reason]).toEqual([status, reason]);
  expect((await product.get(PATH)).body['reconciliations']).toEqual([]);
});

it.each([
  [`${PATH}?limit=0`, 400, 'invalid-parameter'],
  [`${PATH}?chanel=marketplace`, 400, 'invalid-parameter'],
  [`${PATH}/a%20b`, 400, 'invalid-parameter'],
  [`${PATH}/nothing`, 404, 'unknown-reconciliation'],
  [`${PATH}/nothing?class=big`, 400, 'invalid-parameter'],
  ['/v1/channels/nowhere/go-live', 404, 'unknown-channel'],
  ['/v1/channels/marketplace/go-live?mismatchPercentMax=101', 400, 'invalid-parameter'],
])('GET %s is %i %s', async (path, status, reason) => {
  expect(await product.get(path)).toMatchObject({ status, body: { reason } });
});
