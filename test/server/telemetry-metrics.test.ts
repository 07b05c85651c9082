// Metrics over the whole product: exactly what happened, by OTLP, after traffic that is known.
// Seen failing on planted bugs: refusals timed as appends; histograms without buckets of their own; a backlog that counts
// only what is under way.
import { describe, expect, it } from 'vitest';
import {
  eventually,
  fields,
  LONG,
  named,
  observed,
  observedOnEventStoreDb,
  TRACE,
  traceparent,
} from './support/observed-product.ts';

describe('metrics', LONG, () => {
  it('are right after known traffic', async () => {
    const { product, sink } = await observed({ OTEL_TRACES_SAMPLER: 'always_off' });
    const receipt = fields();
    for (const body of [
      receipt,
      receipt,
      fields(),
      fields({ sku: 'B', type: 'sale', quantity: 3, channel: 'webshop' }),
    ])
      expect((await product.post('/v1/commands', body)).status).toBe(200);
    const hold = { type: 'reservation.make', reservationId: 'r', owner: 'o', channel: 'webshop', quantity: 1 };
    const refused = await product.post(
      '/v1/commands',
      fields({ ...hold, sku: 'B', expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    );
    expect((await product.post('/v1/commands', { type: 'no such' })).status).toBe(422);
    await eventually(() => {
      expect(product.marketplace.listings.get('A')?.units).toBe(20);
      expect(sink.value('evenstock.publish.backlog', { channel: 'marketplace' })).toBe(0);
      expect(sink.points('evenstock.publish.lag')).toHaveLength(1);
      expect(sink.value('evenstock.commands', { outcome: String(refused.body['reason']) })).toBe(1);
    });
    const points = sink.points('evenstock.commands').map(({ attributes, value }) => ({ ...attributes, value }));
    expect(points.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual([
      { type: 'receipt', outcome: 'accepted', value: 3 },
      { type: 'reservation.make', outcome: refused.body['reason'], value: 1 },
      { type: 'sale', outcome: 'accepted', value: 1 },
    ]);
    expect(sink.value('evenstock.duplicates')).toBe(1);
    expect(sink.value('evenstock.conflicts')).toBe(0);
    expect(sink.value('evenstock.append.repeats')).toBe(0);
    const [appends] = sink.points('evenstock.append.duration');
    expect(appends).toMatchObject({ count: 3 });
    expect(appends!.value).toBeLessThan(3);
    expect(appends!.bounds).toContain(0.001);
    expect(sink.points('evenstock.append.commands')).toMatchObject([{ count: 5, value: 5 }]);
    expect(sink.value('evenstock.projection.lag')).toBe(0);
    expect(sink.value('evenstock.projection.dead_letters')).toBe(0);
    expect(sink.value('evenstock.publish.backlog', { channel: 'webshop' })).toBe(0);
    expect(sink.points('evenstock.publish.lag')[0]!.attributes).toEqual({ channel: 'marketplace' });
    const told = sink.value('evenstock.publish.updates', { channel: 'marketplace', outcome: 'confirmed' });
    expect(told).toBe(product.marketplace.statistics.applied);
    expect(sink.value('evenstock.actors.resident')).toBe(2);
    expect(sink.value('evenstock.commands.waiting')).toBe(0);
    const statuses = sink
      .points('http.server.request.duration')
      .filter(({ attributes }) => attributes['http.route'] === '/v1/commands')
      .map(({ attributes, count }) => [attributes['http.response.status_code'], count]);
    expect(statuses.sort()).toEqual([
      [200, 4],
      [409, 1],
      [422, 1],
    ]);
  });

  it('show the backlog of a channel that does not answer, and its age', async () => {
    const { product, sink } = await observed();
    product.marketplace.setFaults({ kind: 'unavailable' });
    await product.post('/v1/commands', fields());
    await product.post('/v1/commands', fields({ sku: 'B' }));
    await eventually(() => {
      expect(sink.value('evenstock.publish.backlog', { channel: 'marketplace' })).toBe(2);
      expect(sink.value('evenstock.publish.backlog_age', { channel: 'marketplace' })).toBeGreaterThan(0.3);
      expect(sink.value('evenstock.publish.updates', { outcome: 'unknown' })).toBeGreaterThan(0);
    });
    expect(sink.value('evenstock.publish.backlog', { channel: 'webshop' })).toBe(0);
  });

  it('count appends that were overtaken, repeated and not done', async () => {
    const { product, sink, faults } = await observedOnEventStoreDb();
    await product.post('/v1/commands', fields());
    await eventually(() => expect(sink.value('evenstock.publish.updates')).toBe(1));
    faults.nextAppend('wrong-version');
    expect((await product.post('/v1/commands', fields())).body).toMatchObject({ revision: 1 });
    await eventually(() => expect(sink.value('evenstock.conflicts')).toBe(1));
    await eventually(() => expect(sink.value('evenstock.publish.updates')).toBe(2));
    faults.nextAppend('reset-after-commit');
    expect((await product.post('/v1/commands', fields())).body).toMatchObject({ revision: 2 });
    await eventually(() => expect(sink.value('evenstock.append.repeats')).toBe(1));
    await eventually(() => expect(sink.value('evenstock.commands', { type: 'receipt', outcome: 'accepted' })).toBe(3));
    await eventually(() => expect(sink.value('evenstock.publish.updates')).toBe(3));

    faults.nextAppend('busy', 100);
    expect((await product.post('/v1/commands', fields(), traceparent())).status).toBe(503);
    faults.heal();
    await eventually(() => expect(sink.trace(TRACE)).toHaveLength(2));
    expect(named(sink.trace(TRACE), 'POST /v1/commands')).toMatchObject([
      { status: { code: 2 }, attributes: { 'error.type': '503' } },
    ]);
    expect(named(sink.trace(TRACE), 'stock.append')).toMatchObject([
      { status: { code: 2 }, attributes: { 'error.type': expect.stringMatching(/unavailable|overloaded/) } },
    ]);
    const reason = String(named(sink.trace(TRACE), 'stock.append')[0]!.attributes['error.type']);
    await eventually(() => expect(sink.value('evenstock.commands', { outcome: reason })).toBe(1));
  });
});
