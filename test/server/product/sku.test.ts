// One SKU over real HTTP: at all its locations, how its figure came to be, its events alone in the feed, its cases; and what
// a key that is limited sees of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { ExplanationDocument } from '../../../server/routes/openapi/explanation.ts';
import { EventPage } from '../../../server/routes/openapi/schemas.ts';
import { FigureTimeline, SkuStock } from '../../../server/routes/openapi/sku-documents.ts';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
let between: string;
/** Limited to a location, to a channel, and to what stock says. */
const keys = { ofStore: generateKey(), ofWebshop: generateKey(), ofStock: generateKey() };
const quota = { sku: 'A', location: 'warehouse', units: 4 };

beforeAll(async () => {
  const scopes = ['stock:read', 'availability:read', 'events:read'] as const;
  product = await startProduct({
    policy: { bundles: [{ sku: 'KIT', components: [{ sku: 'A', quantity: 2 }] }] },
    marketplace: { quotas: [quota] },
    clients: [
      { id: 'store', key: keys.ofStore, scopes: [...scopes], locations: ['store-1'], channels: 'all' },
      { id: 'shop', key: keys.ofWebshop, scopes: [...scopes], locations: 'all', channels: ['webshop'] },
      { id: 'stock', key: keys.ofStock, scopes: ['stock:read'], locations: 'all', channels: 'all' },
    ],
  });
  await product.command({ type: 'receipt', quantity: 10 });
  await product.command({ type: 'receipt', quantity: 5, location: 'store-1' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  between = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await product.command({ type: 'receipt', sku: 'B', quantity: 1 });
  const hold = { reservationId: 'r-1', owner: 'o-1', channel: 'marketplace' };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await product.command({ type: 'reservation.make', ...hold, expiresAt, quantity: 3 });
  const { body } = await product.command({ type: 'sale', quantity: 2, channel: 'webshop' });
  await product.get(`/v1/stock/A?after=${body['position']}`);
}, 60_000);
afterAll(() => product.close());

const as = async (key: string, path: string) => {
  const response = await product.send(path, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const reasonOf = async (path: string) => {
  const { status, body } = await product.get(path);
  return `${status} ${body['reason']}`;
};

describe('a SKU at all its locations', () => {
  it('shows each with what it adds to the channels that sell from it', async () => {
    const { stock, isBundle } = SkuStock.parse((await product.get('/v1/stock/A')).body);
    expect(isBundle).toBe(false);
    // One unit of the quota is left; 1 is kept at the store.
    expect(stock).toMatchObject([
      { location: 'store-1', onHand: 5, available: 5, contributes: { webshop: 4 } },
      { location: 'warehouse', onHand: 8, reserved: 3, available: 5, contributes: { webshop: 4, marketplace: 5 } },
    ]);
    const explained = ExplanationDocument.parse((await product.get('/v1/availability/webshop/A/explain')).body);
    expect(explained).toMatchObject({ pool: 8, units: 8 });
    expect(explained.locations[0]).toMatchObject({
      quotasOfOthers: 1,
      quotas: [{ channel: 'marketplace', quantity: 4, reserved: 3 }],
    });
  });

  it('shows them as of an earlier time, without what channels make of it today', async () => {
    const { stock, at } = SkuStock.parse((await product.get(`/v1/stock/A?knownAt=${between}`)).body);
    expect(at).toEqual({ knownAt: between });
    expect(stock).toMatchObject([
      { location: 'store-1', onHand: 5 },
      { location: 'warehouse', onHand: 10, reserved: 0 },
    ]);
    expect(stock[0]).not.toHaveProperty('contributes');
    expect(await reasonOf('/v1/stock/A?knownAt=2020-01-01T00:00:00Z')).toBe('404 unknown-stock');
  });

  it('says what a bundle is, and that nothing is known of a SKU', async () => {
    const { stock, isBundle } = SkuStock.parse((await product.get('/v1/stock/KIT')).body);
    expect([stock, isBundle]).toEqual([[], true]);
    expect(await reasonOf('/v1/stock/NOTHING')).toBe('404 unknown-stock');
    expect(await reasonOf('/v1/stock/A?asOf=2999-01-01T00:00:00Z')).toBe('400 invalid-parameter');
    expect(await reasonOf('/v1/stock/A?location=store-1')).toBe('400 invalid-parameter');
  });

  it('shows a limited key its own: locations, channels, and nothing of figures without their scope', async () => {
    const store = SkuStock.parse((await as(keys.ofStore, '/v1/stock/A')).body);
    expect([store.stock.map(({ location }) => location), store.partial]).toEqual([['store-1'], true]);
    expect((await as(keys.ofStore, '/v1/stock/B')).status, 'of B there is none in its store').toBe(404);
    const shop = SkuStock.parse((await as(keys.ofWebshop, '/v1/stock/A')).body);
    expect(shop.stock.map(({ contributes }) => contributes)).toEqual([{ webshop: 4 }, { webshop: 4 }]);
    const stock = SkuStock.parse((await as(keys.ofStock, '/v1/stock/A')).body);
    expect(stock.stock[0]).not.toHaveProperty('contributes');
    const explained = await as(keys.ofWebshop, '/v1/availability/webshop/A/explain');
    expect(JSON.stringify(explained.body), 'quotas name other channels').not.toContain('marketplace');
  });
});

describe('how a figure came to be', () => {
  const timeline = async (query: string) =>
    FigureTimeline.parse((await product.get(`/v1/availability/webshop/A/timeline${query}`)).body);

  it('tells on-hand, reserved and the figure after each event, ending at the figures of now', async () => {
    const { entries, isCut } = await timeline('');
    expect(isCut).toBe(false);
    expect(entries.map(({ event, onHand, reserved, units }) => [event?.type, onHand, reserved, units])).toEqual([
      ['UnitsReceived', 10, 0, 6],
      ['UnitsReceived', 15, 0, 10],
      ['ReservationMade', 15, 3, 10],
      ['UnitsSold', 13, 3, 8],
    ]);
    expect(entries.at(-1)!.event).toMatchObject({ location: 'warehouse', quantity: 2, channel: 'webshop', onHand: 8 });
    const { units } = (await product.get('/v1/availability/webshop/A')).body;
    expect(entries.at(-1)!.units).toBe(units);
  });

  it('is cut to the last events, and to one location', async () => {
    const last = await timeline('?limit=1');
    expect([last.isCut, last.entries]).toMatchObject([true, [{ onHand: 13, reserved: 3, units: 8 }]]);
    const store = await timeline('?location=store-1');
    expect(store.entries).toMatchObject([{ onHand: 5, units: 4, event: { location: 'store-1' } }]);
  });

  it('says what stands between them when policy changes', async () => {
    const { document } = (await product.get('/v1/policy')).body as { document: { channels: { id: string }[] } };
    const channels = document.channels.map((one) => (one.id === 'webshop' ? { ...one, buffer: 2 } : one));
    const next = { document: { ...document, version: 'test-2', channels }, reason: 'season' };
    expect((await product.post('/v1/policy', next)).status).toBe(200);
    const { entries } = await timeline('?limit=1');
    expect(entries.map(({ event, units, policyVersion }) => [event?.type, units, policyVersion])).toEqual([
      ['UnitsSold', 8, 'test-1'],
      [undefined, 6, 'test-2'],
    ]);
  });

  it('refuses what it cannot say', async () => {
    const path = '/v1/availability/webshop';
    expect(await reasonOf(`${path}/NOTHING/timeline`)).toBe('404 unknown-stock');
    expect(await reasonOf(`${path}/B/timeline?location=store-1`)).toBe('404 unknown-stock');
    expect(await reasonOf(`${path}/KIT/timeline`)).toBe('422 bundle-has-no-stock');
    expect(await reasonOf('/v1/availability/toys/A/timeline')).toBe('404 unknown-channel');
    expect(await reasonOf(`${path}/A/timeline?limit=1001`)).toBe('400 invalid-parameter');
    expect((await as(keys.ofStore, `${path}/A/timeline`)).body['reason']).toBe('forbidden');
    expect((await as(keys.ofStore, `${path}/A/timeline?location=store-1`)).status).toBe(200);
    expect((await as(keys.ofStock, `${path}/A/timeline`)).body['reason']).toBe('forbidden');
    expect((await as(keys.ofWebshop, '/v1/availability/marketplace/A/timeline')).body['reason']).toBe('forbidden');
  });
});

it('the feed gives the events of one SKU alone', async () => {
  const { events, atHead } = EventPage.parse((await product.get('/v1/events?sku=B')).body);
  expect([events.map(({ stream }) => stream), atHead]).toEqual([['stock-B~warehouse'], true]);
  expect(await reasonOf('/v1/events?sku=')).toBe('400 invalid-parameter');
});
