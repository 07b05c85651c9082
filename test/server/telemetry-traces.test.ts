// Traces over the whole product: one joins the request with the acknowledgement of the channel, whatever lies between.
// Seen failing on planted bugs: causes not put back after a failed call (the next call had no trace); no cause remembered
// while folding.
import { describe, expect, it } from 'vitest';
import type { SinkSpan } from '../support/otlp-sink.ts';
import {
  eventually,
  fields,
  LONG,
  named,
  observed,
  observedOnEventStoreDb,
  TRACE,
  traceOf,
  traceparent,
} from './support/observed-product.ts';

describe('a trace', LONG, () => {
  it('joins request, append, projection and the acknowledgement of the channel', async () => {
    const { product, sink } = await observed();
    const answer = await product.post('/v1/commands', fields(), traceparent());
    expect(answer.status).toBe(200);
    await eventually(() => {
      expect(named(sink.trace(TRACE), 'channel.publish')).toHaveLength(1);
      expect(named(sink.trace(TRACE), 'projection.fold')).toHaveLength(2);
    });
    const spans = sink.trace(TRACE);
    const [request] = named(spans, 'POST /v1/commands');
    const [append] = named(spans, 'stock.append');
    const [fold, acknowledged] = named(spans, 'projection.fold');
    const [publish] = named(spans, 'channel.publish');
    expect(request).toMatchObject({
      parentSpanId: 'b7ad6b7169203331',
      kind: 2,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/commands',
        'http.response.status_code': 200,
        'url.path': '/v1/commands',
        'url.scheme': 'http',
      },
    });
    expect(append).toMatchObject({
      parentSpanId: request!.spanId,
      kind: 3,
      attributes: {
        ...{ 'evenstock.commands': 1, 'evenstock.events': 1, 'evenstock.outcome': 'accepted' },
        ...{ 'db.system.name': 'sqlite', 'db.operation.name': 'append' },
      },
    });
    expect(fold).toMatchObject({
      parentSpanId: request!.spanId,
      attributes: { 'evenstock.event': 'UnitsReceived', 'evenstock.position': answer.body['position'] },
    });
    expect(publish).toMatchObject({
      parentSpanId: fold!.spanId,
      kind: 3,
      status: { code: 0 },
      attributes: { 'evenstock.channel': 'marketplace', 'evenstock.updates': 1, 'evenstock.confirmed': 1 },
    });
    expect(acknowledged).toMatchObject({ parentSpanId: publish!.spanId });
    for (const { startMs, endMs } of spans) expect(endMs).toBeGreaterThanOrEqual(startMs);
    expect(append!.startMs).toBeGreaterThanOrEqual(request!.startMs - 2);
    // The marketplace can go on with it.
    expect(product.traceparents).toEqual([`00-${TRACE}-${publish!.spanId}-01`]);
    expect(sink.resource()).toMatchObject({ 'service.name': 'evenstock' });
  });

  it('goes on over a failed call to the one that is acknowledged', async () => {
    const { product, sink } = await observed();
    product.marketplace.setFaults({ kind: 'unavailable' });
    await product.post('/v1/commands', fields(), traceparent());
    await eventually(() => expect(product.traceparents.length).toBeGreaterThan(0));
    product.marketplace.setFaults({ kind: 'none' });
    const calls = () => named(sink.trace(TRACE), 'channel.publish');
    await eventually(() => expect(calls().at(-1)?.attributes).toMatchObject({ 'evenstock.confirmed': 1 }));
    expect(calls()[0]).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'unknown' } });
    expect(calls()[0]!.status.message).toContain('HTTP 503');
    expect(product.traceparents.every((sent) => sent?.startsWith(`00-${TRACE}-`))).toBe(true);
  });

  it('of one request links to the others that shared its append or its call', async () => {
    const { product, sink, faults } = await observedOnEventStoreDb();
    faults.slowAppends(50);
    const count = 40;
    const all = Array.from({ length: count }, (_, n) =>
      product.post('/v1/commands', fields(), traceparent(traceOf(n))),
    );
    expect((await Promise.all(all)).every(({ status }) => status === 200)).toBe(true);
    const commands = (spans: readonly SinkSpan[]) =>
      spans.reduce((sum, { attributes }) => sum + Number(attributes['evenstock.commands']), 0);
    await eventually(() => expect(commands(named(sink.spans, 'stock.append'))).toBe(count));
    const linked = named(sink.spans, 'stock.append').filter(({ links }) => links.length > 0);
    expect(linked.length).toBeGreaterThan(0);
    for (const span of linked) {
      expect(span.links).toHaveLength(Number(span.attributes['evenstock.commands']) - 1);
      expect(new Set([span.traceId, ...span.links.map(({ traceId }) => traceId)]).size).toBe(span.links.length + 1);
    }
    await eventually(() =>
      expect(named(sink.spans, 'channel.publish').some(({ links }) => links.length > 0)).toBe(true),
    );
  });

  it('of a batch of lines has one request and one append a stock', async () => {
    const { product, sink } = await observed();
    const lines = [fields(), fields(), fields({ sku: 'B' })];
    expect(
      (
        await fetch(`${product.url}/v1/commands/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', traceparent: traceparent() },
          body: JSON.stringify(lines),
        })
      ).status,
    ).toBe(200);
    await eventually(() => expect(named(sink.trace(TRACE), 'projection.fold').length).toBeGreaterThanOrEqual(3));
    const [request] = named(sink.trace(TRACE), 'POST /v1/commands/batch');
    const appends = named(sink.trace(TRACE), 'stock.append');
    expect(appends.map(({ attributes }) => attributes['evenstock.commands']).sort()).toEqual([1, 2]);
    for (const append of appends) expect(append).toMatchObject({ parentSpanId: request!.spanId, links: [] });
  });

  it('starts here when none comes in, and says when a request is refused', async () => {
    const { product, sink } = await observed();
    const wanted = { type: 'reservation.make', reservationId: 'r', owner: 'o', channel: 'webshop', quantity: 1 };
    const refused = await product.post(
      '/v1/commands',
      fields({ ...wanted, expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    );
    expect(refused.status).toBe(409);
    await eventually(() => expect(named(sink.spans, 'stock.append')).toHaveLength(1));
    const [append] = named(sink.spans, 'stock.append');
    expect(append!.attributes).toMatchObject({ 'evenstock.events': 0, 'evenstock.outcome': refused.body['reason'] });
    // Nothing was written, so no database was called.
    expect(append).toMatchObject({ kind: 1 });
    expect(append!.attributes).not.toHaveProperty(['db.system.name']);
    await eventually(() => expect(named(sink.spans, 'POST /v1/commands')).toHaveLength(1));
    expect(named(sink.spans, 'POST /v1/commands')[0]).toMatchObject({
      parentSpanId: undefined,
      traceId: append!.traceId,
      status: { code: 0 },
      attributes: { 'http.response.status_code': 409 },
    });
  });
});
