// The reads: stock, history, availability with its explanation, channels and sources; conditional, paged, and
// read-your-write. Answers are parsed with the schemas of the OpenAPI document.
import { expect, test } from 'vitest';
import { Unavailable } from '../../domain/event-log.ts';
import { ExplanationDocument } from '../../server/routes/openapi/explanation.ts';
import * as answers from '../../server/routes/openapi/schemas.ts';
import { KEYS, problemOf, receipt, type Shop, sale, shop } from './support/shop.ts';

async function stocked(...receipts: readonly Record<string, unknown>[]): Promise<Shop> {
  const room = shop();
  for (const fields of receipts) expect((await room.command(receipt(fields))).status).toBe(200);
  await room.availability.catchUp();
  return room;
}
const get = async ({ send }: Shop, path: string, headers: Record<string, string> = {}) =>
  send('GET', path, { headers });
const body = async (room: Shop, path: string): Promise<unknown> => {
  const response = await get(room, path);
  expect(response.status).toBe(200);
  return response.json();
};

test('stock shows its quantities apart, and is not sent again while unchanged', async () => {
  const room = await stocked({});
  await room.command(sale({ type: 'quarantine', quantity: 4, reason: 'wet' }));
  await room.availability.catchUp();
  const response = await get(room, '/v1/stock/A/store-1');
  expect(answers.StockFigures.parse(await response.json())).toMatchObject({ onHand: 10, quarantined: 4, available: 6 });
  const etag = response.headers.get('etag')!;
  const again = await get(room, '/v1/stock/A/store-1', { 'if-none-match': `"x", W/${etag}` });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  await room.command(sale());
  await room.availability.catchUp();
  expect((await get(room, '/v1/stock/A/store-1', { 'if-none-match': etag })).status).toBe(200);
});

test.each(['A/B', 'A B', 'A+B', 'A.B', 'a-_/+ B'])(
  'an SKU called %j is found by its percent-encoded path',
  async (sku) => {
    const room = await stocked({ sku });
    const path = encodeURIComponent(sku);
    expect(await body(room, `/v1/stock/${path}/store-1`)).toMatchObject({ sku, onHand: 10 });
    expect(await body(room, `/v1/stock/${path}/store-1/history`)).toMatchObject({ sku, entries: [{ revision: 0 }] });
    expect(await body(room, `/v1/availability/web/${path}`)).toMatchObject({ sku, units: 10 });
    expect(await body(room, `/v1/availability/web/${path}/explain`)).toMatchObject({ sku, pool: 10 });
  },
);

// Seen failing with `segment` decoding its text once more.
test('a percent sign is decoded once: no SKU hides behind a second encoding', async () => {
  const room = await stocked({ sku: 'A/B' });
  expect((await get(room, '/v1/stock/A%252FB/store-1')).status).toBe(400);
});

test('what nobody knows is a 404 of its own', async () => {
  const room = await stocked({});
  const reasonOf = async (path: string) => (await problemOf(await get(room, path))).reason;
  expect(await reasonOf('/v1/stock/B/store-1')).toBe('unknown-stock');
  expect(await reasonOf('/v1/stock/A/store-2/history')).toBe('unknown-stock');
  expect(await reasonOf('/v1/availability/web/B')).toBe('unknown-availability');
  expect(await reasonOf('/v1/availability/web/B/explain')).toBe('unknown-availability');
  expect(await reasonOf('/v1/availability/toys')).toBe('unknown-channel');
  expect(await reasonOf('/v1/channels/toys')).toBe('unknown-channel');
});

test('history is every event in order, in pages', async () => {
  const room = await stocked({ id: 'h0' });
  for (const id of ['h1', 'h2', 'h3']) await room.command(sale({ id }));
  const first = answers.HistoryPage.parse(await body(room, '/v1/stock/A/store-1/history?limit=3'));
  expect(first.entries.map(({ commandId }) => commandId)).toEqual(['h0', 'h1', 'h2']);
  expect(first.entries[1]).toMatchObject({ event: 'UnitsSold', quantity: 1, source: 'admin', levels: { onHand: 9 } });
  const last = answers.HistoryPage.parse(await body(room, `/v1/stock/A/store-1/history?limit=3&cursor=${first.next}`));
  expect(last.entries.map(({ commandId }) => commandId)).toEqual(['h3']);
  expect(last.next).toBeUndefined();
});

test('availability is listed by SKU, in pages, by prefix and in stock only', async () => {
  const room = await stocked(
    { sku: 'A1' },
    { sku: 'A2', quantity: 2 },
    { sku: 'B1' },
    { sku: 'B2', location: 'store-2' },
  );
  await room.command(sale({ sku: 'A1', quantity: 10 }));
  await room.availability.catchUp();
  const page = answers.AvailabilityList.parse(await body(room, '/v1/availability/web?limit=2'));
  expect(page).toMatchObject({
    availability: [
      { sku: 'A1', units: 0 },
      { sku: 'A2', units: 2 },
    ],
    next: 'A2',
  });
  expect(await body(room, '/v1/availability/web?cursor=A2')).toMatchObject({
    availability: [{ sku: 'B1' }, { sku: 'B2' }],
  });
  expect(await body(room, '/v1/availability/web?prefix=B')).toMatchObject({
    availability: [{ sku: 'B1' }, { sku: 'B2' }],
  });
  expect(await body(room, '/v1/availability/web?prefix=A&inStock=true')).toMatchObject({
    availability: [{ sku: 'A2' }],
  });
  expect(await body(room, '/v1/availability/market?prefix=B')).toMatchObject({ availability: [{ sku: 'B1' }] });
});

test('the list is a 304 until a figure changes', async () => {
  const room = await stocked({});
  const etag = (await get(room, '/v1/availability/web')).headers.get('etag')!;
  expect(etag).toMatch(/^W\/"/);
  expect((await get(room, '/v1/availability/web', { 'if-none-match': etag })).status).toBe(304);
  expect((await get(room, '/v1/availability/web', { 'if-none-match': '*' })).status).toBe(304);
  await room.command(sale());
  await room.availability.catchUp();
  expect((await get(room, '/v1/availability/web', { 'if-none-match': etag })).status).toBe(200);
});

test('an explanation adds up to the figure', async () => {
  const room = await stocked({}, { location: 'store-2', quantity: 5 });
  const figure = answers.AvailabilityFigure.parse(await body(room, '/v1/availability/web/A'));
  const why = ExplanationDocument.parse(await body(room, '/v1/availability/web/A/explain'));
  expect(why.units).toBe(figure.units);
  expect(why.locations.map(({ location, units }) => [location, units])).toEqual([
    ['store-1', 10],
    ['store-2', 5],
  ]);
  expect(why.policyVersion).toBe('p1');
});

// Seen failing with `waitForPosition` not called by getStock: the figures of before the command were answered.
test('a read after the position of a command sees it', async () => {
  const room = await stocked({});
  const { position } = (await (await room.command(sale({ quantity: 4 }))).json()) as { position: string };
  expect(await body(room, '/v1/stock/A/store-1')).toMatchObject({ onHand: 10 });
  expect(await body(room, `/v1/stock/A/store-1?after=${position}`)).toMatchObject({ onHand: 6 });
  expect(await body(room, `/v1/availability/web/A?after=${position}`)).toMatchObject({ units: 6 });
});

test('a position that figures do not reach in time is a 503, one nobody has written a 400', async () => {
  const room = await stocked({});
  room.availability.pause(true);
  const { position } = (await (await room.command(sale())).json()) as { position: string };
  const behind = await get(room, `/v1/stock/A/store-1?after=${position}`);
  expect([behind.status, behind.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await problemOf(behind)).reason).toBe('read-behind');
  const ahead = await get(room, '/v1/stock/A/store-1?after=99');
  expect([ahead.status, (await problemOf(ahead)).reason]).toEqual([400, 'position-ahead']);
});

test('a channel shows its policy and how publishing goes', async () => {
  const status = {
    state: 'open',
    backlog: 3,
    oldestBacklogAgeMs: 1_200,
    lagMs: 900,
    byUrgency: { 'to-zero': 1, decrease: 0, increase: 2 },
    inFlight: 1,
    deadLetters: 0,
    lastError: 'no answer',
  } as const;
  const room = shop({
    dependencies: { channelStatus: (id) => (id === 'web' ? { ...status, lastAcknowledgedAt: 0 } : undefined) },
  });
  const web = answers.ChannelDocument.parse(await body(room, '/v1/channels/web'));
  expect(web.publishing).toMatchObject({ ...status, lastAcknowledgedAt: '1970-01-01T00:00:00.000Z' });
  expect(web.policy).toMatchObject({ version: 'p1', locations: ['store-1', 'store-2'], percentage: 100 });
  expect(answers.ChannelDocument.parse(await body(room, '/v1/channels/market')).publishing).toBeUndefined();
});

test('sources show what is missing of them', async () => {
  const gaps = { source: 'till-7', highest: 9, gaps: [{ from: 3, to: 4 }] };
  const room = shop({ dependencies: { sourceGaps: () => [gaps] } });
  expect(answers.SourceList.parse(await body(room, '/v1/sources')).sources).toEqual([gaps]);
});

test('ready says what was looked at; not ready and stopping are 503', async () => {
  const room = shop();
  expect(answers.HealthDocument.parse(await body(room, '/healthz'))).toEqual({ status: 'ok' });
  expect(answers.ReadinessDocument.parse(await body(room, '/readyz')).status).toBe('ready');
  const checks = { disk: { ok: false, detail: '3 MB free' } };
  const full = await get(shop({ dependencies: { readiness: () => ({ ready: false, checks }) } }), '/readyz');
  expect([full.status, answers.ReadinessDocument.parse(await full.json())]).toEqual([
    503,
    { status: 'not-ready', checks },
  ]);
  room.stopping.abort();
  const stopping = await get(room, '/readyz');
  expect([stopping.status, await stopping.json()]).toMatchObject([503, { status: 'stopping' }]);
});

test.each([
  ['down', 503, 'unavailable'],
  ['disk-full', 507, 'disk-full'],
  ['overloaded', 503, 'overloaded'],
  ['closed', 503, 'shutting-down'],
] as const)('a log that is %s makes a read a %i', async (reason, status, name) => {
  const room = shop();
  const log = { ...room.log, read: () => Promise.reject(new Unavailable(reason, 'at 10.0.0.7')) };
  const response = await get(shop({ log }), '/v1/stock/A/store-1/history');
  expect([response.status, response.headers.get('retry-after')]).toEqual([status, '1']);
  const problem = await problemOf(response);
  expect(problem.reason).toBe(name);
  expect(JSON.stringify(problem)).not.toContain('10.0.0.7');
});

test('HEAD answers as GET without a body', async () => {
  const room = await stocked({});
  const response = await room.send('HEAD', '/v1/stock/A/store-1', { key: KEYS.reader });
  expect([response.status, await response.text()]).toEqual([200, '']);
});
