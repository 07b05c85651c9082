// The audit over real HTTP: one form for everything that happened, filters, pages that miss nothing, files that are whole.
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { START } from '../../../domain/event-log.ts';
import { generateKey } from '../../../server/auth/keys.ts';
import { AuditDocument } from '../../../server/routes/openapi/audit.ts';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
const narrow = generateKey();
const happened = new Date(Date.now() - 60_000).toISOString();

beforeAll(async () => {
  product = await startProduct({
    clients: [{ id: 'elsewhere', scopes: ['events:read'], locations: ['store-9'], channels: [], key: narrow }],
  });
  await product.command({
    type: 'receipt',
    id: 'in-1',
    quantity: 10,
    occurredAt: happened,
    source: { id: 'goods-in' },
  });
  await product.command({ type: 'receipt', id: 'in-2', sku: 'B', quantity: 10 });
  await product.shows('A', 8);
  const order = { id: 'c-1', orderId: 'o-1', channel: 'webshop', kind: 'request', lines: [{ sku: 'A', quantity: 4 }] };
  expect((await product.post('/v1/orders', order)).status).toBe(200);
  await product.shows('A', 4);
  const { document } = (await product.get('/v1/policy')).body as { document: object };
  const change = { document: { ...document, version: 'test-2' }, reason: 'the new season' };
  expect((await product.post('/v1/policy', change)).status).toBe(200);
});
afterAll(() => product.close());

type Entry = ReturnType<typeof AuditDocument.parse>['entries'][number];

const audit = async (query: Record<string, string>) =>
  AuditDocument.parse((await product.get(`/v1/audit?${new URLSearchParams(query)}`)).body);
const entries = async (query: Record<string, string> = {}) => (await audit({ limit: '1000', ...query })).entries;
const file = async (accept: string, query: Record<string, string> = {}) =>
  (await product.send(`/v1/audit?${new URLSearchParams(query)}`, { headers: { accept } })).text();

it('says who, what, when it happened and was known, and why', async () => {
  const [received] = await entries({ sku: 'A', location: 'warehouse', type: 'UnitsReceived' });
  expect(received).toMatchObject({
    ...{ stream: 'stock-A~warehouse', event: 'UnitsReceived', sku: 'A', location: 'warehouse', happenedAt: happened },
    ...{ who: 'goods-in', key: 'test', command: 'in-1', cause: 'in-1', what: { quantity: 10, levels: { onHand: 10 } } },
  });
  expect(Date.parse(received!.knownAt!)).toBeGreaterThan(Date.parse(happened));
  const [held] = await entries({ type: 'ReservationMade' });
  expect(held).toMatchObject({ sku: 'A', channel: 'webshop', belongsTo: 'order:o-1' });
  const policy = (await entries({ stream: 'policy', type: 'PolicyApplied' })).at(-1);
  expect(policy).toMatchObject({ who: 'test', key: 'test', what: { version: 'test-2', reason: 'the new season' } });
});

it('finds an order, a batch and a stock by the SKU that they name', async () => {
  const ofA = await entries({ sku: 'A' });
  const streams = new Set(ofA.map(({ stream }) => stream));
  expect(streams).toEqual(new Set(['stock-A~warehouse', 'order-o-1', 'channel-marketplace']));
  expect(new Set((await entries({ channel: 'marketplace' })).map(({ stream }) => stream))).toEqual(
    new Set(['channel-marketplace']),
  );
});

it('answers what a channel was told of a SKU, and by when', async () => {
  const told = await entries({ stream: 'channel-marketplace', sku: 'A', type: 'AvailabilityPublished' });
  expect(told.map(({ what }) => what['updates'])).toEqual([[['A', 8, 'confirmed']], [['A', 4, 'confirmed']]]);
  const to = new Date(Date.parse(told[1]!.knownAt!) - 1).toISOString();
  const before = await entries({ stream: 'channel-marketplace', sku: 'A', type: 'AvailabilityPublished', to });
  expect(before).toEqual(told.slice(0, 1));
});

// Seen failing: pages that go on from the last event read instead of the last entry shown.
it.each([1, 2, 3, 7])('in pages of %i gives every event once, in order', async (limit) => {
  const seen: Entry[] = [];
  for (let after: string | undefined, n = 0; n < 500; n++) {
    const page = await audit({ limit: String(limit), ...(after === undefined ? {} : { after }) });
    seen.push(...page.entries);
    if (page.atHead) break;
    after = page.next;
  }
  const events = await product.evenstock.log.readAll(START, 10_000);
  expect(seen.map(({ position }) => position).slice(0, events.length)).toEqual(
    events.map(({ position }) => `${position}`),
  );
});

it('exports the same as NDJSON and as CSV', async () => {
  const query = { sku: 'A', location: 'warehouse' };
  const listed = await entries(query);
  const lines = (await file('application/x-ndjson', query)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(listed);
  const csv = (await file('text/csv', query)).split('\r\n');
  expect(csv[0]).toMatch(/^position,knownAt,happenedAt,stream,.*,what$/);
  expect(csv).toHaveLength(listed.length + 2);
  expect(csv[1]).toContain(
    `${listed[0]!.position},${listed[0]!.knownAt},${happened},stock-A~warehouse,0,UnitsReceived,A,`,
  );
  expect(csv[1]).toContain('"{""quantity"":10,');
});

it('shows a limited key its own only', async () => {
  const headers = { authorization: `Bearer ${narrow}`, accept: 'application/x-ndjson' };
  expect(await (await product.send('/v1/audit', { headers })).text()).toBe('');
});

test.each([
  ['sku=%20', /sku/],
  ['from=yesterday', /from must be an RFC 3339/],
  ['limit=0', /limit/],
  ['skus=A', /skus is not a known/],
  ['after=-3', /after must be a position/],
])('%s is a 400 that says why', async (query, told) => {
  const answer = await product.get(`/v1/audit?${query}`);
  expect(answer).toMatchObject({ status: 400, body: { reason: 'invalid-parameter' } });
  expect(answer.body['detail']).toMatch(told);
});
