// Policy over real HTTP: planned, applied, in force at once or at its time, over restarts; what it changes and what not.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyDocument, PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import {
  PolicyChangeAnswer,
  PolicyHistoryPage,
  PolicyInForce,
  PolicyPlan,
} from '../../../server/routes/openapi/policy.ts';
import { startEventStoreDb } from '../../support/eventstoredb/server.ts';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
beforeEach(async () => {
  product = await startProduct();
});
afterEach(() => product.close());

/** The document in force with something said otherwise. */
async function changed(version: string, change: (document: PolicyDocument) => object): Promise<PolicyDocumentJson> {
  const { document } = (await product.get('/v1/policy')).body as unknown as { document: PolicyDocument };
  return { ...document, ...change(document), version };
}
const channel = (id: string, change: object) => (document: PolicyDocument) => ({
  channels: document.channels.map((one) => (one.id === id ? { ...one, ...change } : one)),
});
const apply = (document: PolicyDocumentJson, more: object = {}) =>
  product.post('/v1/policy', { document, reason: 'season', ...more });
const versionInForce = async () => (await product.get('/v1/policy')).body['version'];
const units = async (channelId: string, sku: string) =>
  (await product.get(`/v1/availability/${channelId}/${sku}`)).body['units'];
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('a change of policy', () => {
  it('is planned, applied, in every figure at once and at the channel, and explained; and outlives a restart', async () => {
    await product.command({ type: 'receipt', quantity: 10 });
    await product.command({ type: 'receipt', sku: 'B', quantity: 1 });
    await product.shows('A', 8);
    const document = await changed('test-2', channel('marketplace', { buffer: 5 }));
    const plan = await product.post('/v1/policy/plan', { document });
    expect(PolicyPlan.parse(plan.body)).toMatchObject({
      against: 'test-1',
      changes: [{ path: 'channels[marketplace].buffer', change: 'changed', before: 2, after: 5 }],
      // B shows 0 either way.
      figures: {
        changed: 1,
        channels: [
          { channel: 'marketplace', changed: 1, lower: 1, higher: 0, examples: [{ sku: 'A', before: 8, after: 5 }] },
        ],
      },
    });
    expect(await versionInForce()).toBe('test-1');
    const answer = await apply(document, { basedOn: 'test-1' });
    expect(PolicyChangeAnswer.parse(answer.body)).toMatchObject({ changed: true, state: 'in-force', author: 'test' });
    expect([await units('marketplace', 'A'), await units('webshop', 'A')]).toEqual([5, 10]);
    await product.shows('A', 5);
    const why = await product.get('/v1/availability/marketplace/A/explain');
    expect(why.body).toMatchObject({ units: 5, policyVersion: 'test-2', terms: { buffer: 5 } });
    expect((await apply(document)).body).toMatchObject({ changed: false });
    product = await product.restart();
    expect(PolicyInForce.parse((await product.get('/v1/policy')).body)).toMatchObject({
      version: 'test-2',
      reason: 'season',
    });
    expect(await units('marketplace', 'A')).toBe(5);
    expect(await product.evenstock.readModel.verify()).toMatchObject({ equal: true });
    expect(await product.evenstock.readModel.rebuild()).toBe(true);
    expect([await units('marketplace', 'A'), await units('webshop', 'A')]).toEqual([5, 10]);
    const history = PolicyHistoryPage.parse((await product.get('/v1/policy/history')).body);
    expect(history.versions.map(({ version, state, author }) => [version, state, author])).toEqual([
      ['test-2', 'in-force', 'test'],
      ['test-1', 'past', 'policy-file'],
    ]);
  });

  it('tells the channel of figures that are gone when a location leaves its pool, and a new channel starts', async () => {
    await product.command({ type: 'receipt', location: 'store-1', quantity: 4 });
    await apply(await changed('test-2', channel('marketplace', { locations: ['warehouse', 'store-1'] })));
    await product.shows('A', 1);
    const away = await changed('test-3', ({ channels, locations }) => ({
      ...channel('marketplace', { locations: ['warehouse'] })({ channels } as PolicyDocument),
      locations: [...locations, { id: 'store-2' }],
    }));
    await apply({ ...away, channels: [...away.channels!, { id: 'partner', locations: ['store-1'] }] });
    await product.shows('A', 0);
    expect((await product.get('/v1/availability/marketplace/A')).status).toBe(404);
    expect(await units('partner', 'A')).toBe(3);
    const taken = await product.command({ type: 'receipt', location: 'store-2', quantity: 4 });
    expect(taken.status).toBe(200);
  });

  it('is in force at its time and not before, and meanwhile can be cancelled', async () => {
    await product.command({ type: 'receipt', quantity: 10 });
    const before = inMs(0);
    const later = await apply(await changed('test-2', channel('webshop', { buffer: 1 })), { effectiveFrom: inMs(800) });
    expect(later.body).toMatchObject({ state: 'scheduled' });
    await apply(await changed('test-9', channel('webshop', { buffer: 9 })), { effectiveFrom: inMs(900) });
    const cancel = await product.post('/v1/policy/versions/test-9/cancel', { reason: 'a mistake' });
    expect(cancel.body).toMatchObject({ changed: true, state: 'cancelled', cancelled: { reason: 'a mistake' } });
    expect(await versionInForce()).toBe('test-1');
    expect((await product.get('/v1/policy')).body['scheduled']).toMatchObject([{ version: 'test-2' }]);
    await expect.poll(() => units('webshop', 'A'), { timeout: 5_000 }).toBe(9);
    expect(await versionInForce()).toBe('test-2');
    const then = await product.get(`/v1/policy?at=${encodeURIComponent(before)}`);
    expect(then.body).toMatchObject({ version: 'test-1', state: 'in-force' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await versionInForce()).toBe('test-2');
  });

  it('whose time came while the server was down is in force at its start; one that waits still does', async () => {
    await product.command({ type: 'receipt', quantity: 10 });
    const soon = await changed('test-2', channel('webshop', { buffer: 1 }));
    await apply(soon, { effectiveFrom: inMs(400) });
    const then = await changed('test-3', channel('webshop', { buffer: 3 }));
    await apply(then, { effectiveFrom: inMs(2_500) });
    await product.evenstock.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    product = await product.restart();
    expect(await versionInForce()).toBe('test-2');
    expect(await units('webshop', 'A')).toBe(9);
    await expect.poll(() => units('webshop', 'A'), { timeout: 6_000 }).toBe(7);
  });

  it('that contradicts itself is refused with every place, and changes nothing', async () => {
    const bad = await changed('test-2', (document) => ({
      channels: [
        { ...document.channels[0], locations: ['warehouse', 'nowhere'] },
        { ...document.channels[1], cap: 5, quotas: [{ sku: 'A', location: 'warehouse', units: 6 }] },
      ],
      escalation: {
        cases: [],
        steps: [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a' },
        ],
      },
    }));
    const taken = () => product.evenstock.log.read('policy', 0, 10);
    for (const path of ['/v1/policy/plan', '/v1/policy']) {
      const refused = await product.post(path, { document: bad, ...(path === '/v1/policy' ? { reason: 'x' } : {}) });
      expect(refused).toMatchObject({ status: 422, body: { reason: 'invalid-policy' } });
      const errors = refused.body['errors'] as { path: string; rule: string; message: string }[];
      expect(errors.map(({ path: place, message }) => `${place} ${message}`)).toEqual([
        '/document/channels/0/locations/1 unknown location nowhere',
        '/document/channels/1/quotas/0/units quotas of A come to 6, above cap 5',
        '/document/escalation/steps/0/to a cycle: a → b → a',
        '/document/escalation/steps/1/to a cycle: b → a → b',
      ]);
    }
    expect(await taken()).toHaveLength(1);
    expect(await versionInForce()).toBe('test-1');
  });

  it('is refused in the past, under a version with other content, and when it was made from another', async () => {
    const first = await changed('test-2', channel('webshop', { buffer: 1 }));
    expect(await apply(first, { effectiveFrom: inMs(-60_000) })).toMatchObject({
      status: 422,
      body: { reason: 'effective-in-past', errors: [{ path: '/effectiveFrom', rule: 'effective-in-past' }] },
    });
    await apply(first);
    const refusals = [
      await apply({ ...first, version: 'test-1' }),
      await apply({ ...first, version: 'test-3' }, { basedOn: 'test-1' }),
      await product.post('/v1/policy/versions/test-2/cancel', { reason: 'too late' }),
      await product.post('/v1/policy/versions/nobody/cancel', { reason: 'who' }),
      await product.get('/v1/policy/versions/nobody'),
    ];
    expect(refusals.map(({ status, body }) => [status, body['reason']])).toEqual([
      [409, 'policy-version-reused'],
      [409, 'policy-not-based-on-this'],
      [409, 'policy-already-effective'],
      [404, 'unknown-policy-version'],
      [404, 'unknown-policy-version'],
    ]);
  });
});

describe('ownership', () => {
  const owners = (document: PolicyDocument) => ({
    ...document,
    ownership: [
      { id: 'till-owns-sales', commands: ['sale'], locations: ['store-1'], owners: [{ source: 'pos-*' }] },
      { id: 'wms-counts', commands: ['count'], owners: [{ client: 'wms' }] },
    ],
  });

  it('lets only the system that owns it send a command, alone or in a batch, from the moment of the change', async () => {
    const sale = { type: 'sale', quantity: 1, location: 'store-1' };
    expect(await product.command(sale)).toMatchObject({ status: 200 });
    await apply(await changed('test-2', owners));
    const head = await product.evenstock.log.head();
    expect(await product.command(sale)).toMatchObject({
      status: 403,
      body: {
        reason: 'not-owner',
        detail: '/type sale at store-1 is not for test to send, by rule till-owns-sales',
        errors: [{ path: '/type', rule: 'not-owner' }],
      },
    });
    expect(await product.command({ type: 'count', counted: 5 })).toMatchObject({ status: 403 });
    expect(await product.evenstock.log.head()).toBe(head);
    expect(await product.command({ ...sale, source: { id: 'pos-7' } })).toMatchObject({ status: 200 });
    expect(await product.command({ ...sale, location: 'warehouse' })).toMatchObject({ status: 200 });
    const line = (id: string, more: object) => ({ ...sale, id, sku: 'A', occurredAt: inMs(0), ...more });
    const batch = await product.lines('/v1/commands/batch', [line('b1', {}), line('b2', { source: { id: 'pos-1' } })]);
    expect(batch.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['invalid', 'not-owner'],
      ['accepted', undefined],
    ]);
  });

  it('does not hold up what the server itself sends: a reservation expires whoever owns it', async () => {
    await product.command({ type: 'receipt', quantity: 5 });
    const expiresAt = inMs(600);
    const hold = {
      type: 'reservation.make',
      reservationId: 'r',
      quantity: 5,
      owner: 'o',
      channel: 'webshop',
      expiresAt,
    };
    await product.command(hold);
    await apply(
      await changed('test-2', () => ({ ownership: [{ id: 'nobody-else', owners: [{ client: 'somebody' }] }] })),
    );
    await expect.poll(() => units('webshop', 'A'), { timeout: 5_000 }).toBe(5);
  });
});

describe('a figure of the past', () => {
  it('is explained by the stock and the policy of then', async () => {
    await product.command({ type: 'receipt', quantity: 10 });
    const before = inMs(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await product.command({ type: 'sale', quantity: 4 });
    await apply(await changed('test-2', channel('marketplace', { buffer: 5 })));
    const explain = async (query: string) =>
      (await product.get(`/v1/availability/marketplace/A/explain${query}`)).body as Record<string, unknown>;
    await expect.poll(async () => (await explain(''))['units']).toBe(1);
    expect(await explain('')).toMatchObject({ policyVersion: 'test-2', pool: 6, terms: { buffer: 5 } });
    const then = await explain(`?at=${encodeURIComponent(before)}`);
    expect(then).toMatchObject({ units: 8, policyVersion: 'test-1', pool: 10, terms: { buffer: 2 } });
    expect(await explain('?at=2020-01-01T00:00:00Z')).toMatchObject({ status: 404, reason: 'unknown-channel' });
    expect(await explain('?at=yesterday')).toMatchObject({ status: 400, reason: 'invalid-parameter' });
  });
});

describe('two servers on one EventStoreDB', () => {
  it('have the same policy in force, whichever took it', async () => {
    const store = await startEventStoreDb();
    const eventLog = store.connectionString.replace(/^esdb/, 'eventstoredb');
    // Without the marketplace, which is another for each.
    const channels = [{ id: 'webshop', locations: ['warehouse'] }];
    const policy = { channels, ownership: [{ id: 'wms-counts', commands: ['count'], owners: [{ client: 'wms' }] }] };
    const one = await startProduct({ eventLog, policy });
    const two = await startProduct({ eventLog, policy });
    try {
      const { document } = (await one.get('/v1/policy')).body as unknown as { document: PolicyDocument };
      const version = async (server: Product) => (await server.get('/v1/policy')).body['version'];
      await one.command({ type: 'receipt', quantity: 10 });
      await one.post('/v1/policy', { document: { ...document, version: 'a', ownership: [] }, reason: 'r' });
      await expect.poll(() => version(two), { timeout: 5_000 }).toBe('a');
      expect(await two.command({ type: 'count', counted: 9 })).toMatchObject({ status: 200 });
      const less = document.channels.map((one) => ({ ...one, buffer: 4 }));
      const next = { ...document, version: 'b', channels: less };
      const answer = await two.post('/v1/policy', { document: next, reason: 'r' });
      expect(answer.body).toMatchObject({ changed: true });
      await expect
        .poll(async () => (await one.get('/v1/availability/webshop/A')).body['units'], { timeout: 5_000 })
        .toBe(5);
      expect(await version(one)).toBe('b');
    } finally {
      await Promise.all([one.close(), two.close()]);
      await store.stop();
    }
  });
});
