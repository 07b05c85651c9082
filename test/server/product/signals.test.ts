// Signals and the lag price through the real HTTP API: from sales to velocity, cover, a suggested transfer and a buffer,
// over a log with history, and the same after a rebuild and a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../../adapters/platform.ts';
import type { EventLog, NewEvent } from '../../../domain/event-log.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/time.ts';
import { generateKey } from '../../../server/auth/keys.ts';
import { signals } from '../../../server/cli/signals.ts';
import { type Product, startProduct } from '../../support/product.ts';

const POLICY = {
  locations: [{ id: 'warehouse' }, { id: 'store-1' }, { id: 'store-2' }],
  channels: [
    { id: 'webshop', locations: ['warehouse', 'store-1'] },
    {
      ...{ id: 'marketplace', locations: ['warehouse', 'store-1'], buffer: 2 },
      lagPriced: { targetOversellProbability: 0.01, unitsMax: 20, halfLifeHours: 1 as const },
    },
  ],
  signals: { halfLifeHours: 24 as const, leadTimeDays: 1, targetCoverDays: 2 },
};

const [STORE_KEY, OTHER_KEY] = [generateKey(), generateKey()];
const NOBODY = { id: 'other', scopes: ['stock:read' as const], locations: 'all' as const, channels: 'all' as const };

/** Two hours ago somebody sold 60 units of A at store-1 within an hour; the marketplace is ten minutes behind. */
async function writeHistory(log: EventLog, now: number): Promise<void> {
  let onHand = 100;
  const stock = (id: string, type: string, at: number, data: object): NewEvent => {
    const levels = { onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
    return {
      id,
      type,
      data: { v: 1, commandId: id, source: 'test', occurredAt: at, recordedAt: at, levels, ...data },
      metadata: {},
    };
  };
  await log.append('stock-A~store-1', -1, [stock('r-1', 'UnitsReceived', now - 3 * HOUR, { quantity: 100 })]);
  for (let n = 0; n < 60; n++) {
    onHand -= 1;
    await log.append('stock-A~store-1', n, [
      stock(`s-${n}`, 'UnitsSold', now - 2 * HOUR + n * MINUTE, { quantity: 1 }),
    ]);
  }
  const times = { startedAt: now - HOUR, finishedAt: now - HOUR, version: '5', floor: '0', lagMs: 10 * MINUTE };
  const updates = [['A', 40, 'confirmed']];
  const batch = { v: 1, batchId: 'b', ...times, acknowledgement: 'applied', updates, reasons: [] };
  await log.append('channel-marketplace', -1, [
    { id: 'batch', type: 'AvailabilityPublished', data: batch, metadata: {} },
  ]);
}

describe('signals', () => {
  let product: Product;
  let directory: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'evenstock-signals-'));
    const log = await openSqliteLog({ directory: join(directory, 'log'), clock: systemClock, onFatal: () => {} });
    await writeHistory(log, Date.now());
    await log.close();
    const env = { DATA_DIR: directory, EVENT_LOG: `embedded:${join(directory, 'log')}` };
    const clients = [
      { id: 'store', key: STORE_KEY, scopes: ['signals:read' as const], locations: ['store-1'], channels: [] },
    ];
    product = await startProduct({ env, policy: POLICY, clients: [...clients, { ...NOBODY, key: OTHER_KEY }] });
    // Time goes by events: this one begins the present step.
    await product.command({ type: 'receipt', quantity: 5, location: 'store-2' });
    await product.command({ type: 'receipt', quantity: 300 });
  });
  afterEach(async () => {
    await product.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const read = async (path: string) => {
    const position = product.evenstock.readModel.availability.position();
    return (await product.get(`${path}${path.includes('?') ? '&' : '?'}after=${position}`)).body;
  };

  it('say what sells, how long it lasts, and what to send where', async () => {
    await product.command({ type: 'sale', quantity: 1, location: 'store-1' });
    const { signals } = (await read('/v1/signals?sku=A')) as { signals: Record<string, number>[] };
    expect(signals.map(({ location }) => location)).toEqual(['store-1', 'store-2', 'warehouse']);
    const [store1, store2] = signals as [Record<string, number>, Record<string, number>];
    // 61 units within a day that began two hours ago, at a half-life of a day: 61 × ln 2, a little faded.
    expect(store1['velocityPerDay']).toBeGreaterThan(38);
    expect(store1['velocityPerDay']).toBeLessThan(61 * Math.LN2);
    expect(store1['daysOfCover']).toBeCloseTo(39 / store1['velocityPerDay']!, 3);
    expect(store1['reorder']).toBe(true);
    expect(store2).toMatchObject({ velocityPerDay: 0, reorder: false, reorderPoint: 0 });
    expect(store2).not.toHaveProperty('daysOfCover');
    const reordered = (await read('/v1/signals?reorder=true')) as { signals: unknown[] };
    expect(reordered.signals).toHaveLength(1);

    const { transfers } = (await read('/v1/signals/transfers?sku=A')) as { transfers: Record<string, unknown>[] };
    const target = Math.max(Math.ceil(store1['velocityPerDay']! * 2), store1['reorderPoint']!);
    expect(transfers).toMatchObject([{ sku: 'A', from: 'warehouse', to: 'store-1', units: target - 39 }]);
  });

  it('come in pages, as CSV and NDJSON, and as what changed since', async () => {
    const first = await read('/v1/signals?limit=2');
    expect(first['signals']).toHaveLength(2);
    const rest = await read(`/v1/signals?limit=2&cursor=${first['next']}`);
    expect(rest['signals']).toHaveLength(1);
    expect(rest).not.toHaveProperty('next');
    const changed = await product.command({ type: 'receipt', quantity: 1 });
    const since = await product.get(`/v1/signals?changedAfter=${first['asOf']}&after=${changed.body['position']}`);
    expect(since.body['signals']).toMatchObject([{ location: 'warehouse', position: changed.body['position'] }]);
    const csv = await product.send('/v1/signals?limit=2', { headers: { accept: 'text/csv' } });
    const table = (await csv.text()).split('\r\n');
    expect(table[0]).toMatch(/^sku,location,life,velocityPerDay,available,/);
    expect(table).toHaveLength(4);
    expect(csv.headers.get('link')).toBe('</v1/signals?limit=2&cursor=2>; rel="next"');
    const lines = await product.send('/v1/signals', { headers: { accept: 'application/x-ndjson' } });
    const rows = (await lines.text()).trim().split('\n');
    expect(rows.map((line) => JSON.parse(line).location)).toEqual(['store-1', 'store-2', 'warehouse']);
  });

  it('are printed by the command line, all pages of them', async () => {
    const printed: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    const { evenstock } = product;
    try {
      await signals({ url: evenstock.url, key: STORE_KEY, format: 'csv' });
      await expect(signals({ url: evenstock.url, key: OTHER_KEY, format: 'csv' })).rejects.toThrow('signals:read');
    } finally {
      write.mockRestore();
    }
    expect(printed.join('')).toMatch(/^sku,.*\r\nA,store-1,active,.*\r\n$/);
  });

  it('show a key what is of its locations, and nothing without the scope', async () => {
    const as = async (key: string, path: string) => {
      const response = await product.send(path, { headers: { authorization: `Bearer ${key}` } });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const own = await as(STORE_KEY, '/v1/signals');
    expect(own.body['signals']).toMatchObject([{ location: 'store-1' }]);
    expect((await as(STORE_KEY, '/v1/signals?location=warehouse')).status).toBe(403);
    expect((await as(STORE_KEY, '/v1/signals/transfers')).body['transfers']).toEqual([]);
    expect((await as(OTHER_KEY, '/v1/signals')).status).toBe(403);
  });

  it.each([
    ['/v1/signals?lokation=a', 'lokation'],
    ['/v1/signals?limit=0', 'limit'],
    ['/v1/signals?cursor=-1', 'cursor'],
    ['/v1/signals?changedAfter=x', 'changedAfter'],
    ['/v1/signals/transfers?sku=', 'sku'],
  ])('refuse %s', async (path, name) => {
    const { status, body } = await product.get(path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ reason: 'invalid-parameter', errors: [{ path: name }] });
  });

  it('price a buffer that is explained, and is the same after a rebuild and a restart', async () => {
    const explain = async () => {
      const { asOf: _, terms, units, pool } = await read('/v1/availability/marketplace/A/explain');
      return { terms: terms as { lagPrice: Record<string, number> }, units, pool };
    };
    await product.command({ type: 'sale', quantity: 1, location: 'store-1', channel: 'marketplace' });
    const explained = await explain();
    const { lagPrice } = explained.terms;
    expect(lagPrice).toMatchObject({ lagMs: 655_360, targetOversellProbability: 0.01, halfLifeHours: 1, unitsMax: 20 });
    expect(lagPrice['expectedUnits']).toBeCloseTo((lagPrice['othersPerDay']! * 655_360) / DAY, 9);
    expect(lagPrice['units']).toBeGreaterThan(2);
    expect(lagPrice['oversellProbability']).toBeLessThanOrEqual(0.01);
    expect(explained.units).toBe((explained.pool as number) - 2 - lagPrice['units']!);
    expect((await product.get('/v1/availability/marketplace/A')).body['units']).toBe(explained.units);
    expect(await product.evenstock.readModel.rebuild()).toBe(true);
    expect(await explain()).toEqual(explained);
    expect((await product.evenstock.readModel.verify()).equal).toBe(true);
    product = await product.restart();
    expect(await explain()).toEqual(explained);
  });
});
