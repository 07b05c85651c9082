// Sampling over the whole product, seen by a real OTLP receiver: who says yes and no, and that a story is there whole or not at
// all, however many of them share an append or a call.
// Seen failing on planted bugs: the incoming sampled flag passed on although the sampler said no; a request that is not kept
// whose parts are; an order that goes on with its traces although the request says no.
import { describe, expect, it } from 'vitest';
import { eventually, fields, LONG, named, observed, TRACE, traceOf, traceparent } from './support/observed-product.ts';
import { startMarketplace, startObserved } from './support/traced-marketplace.ts';

describe('sampling', LONG, () => {
  const quiet = async (env: Record<string, string>, incoming: string) => {
    const { product, sink } = await observed(env);
    await product.post('/v1/commands', fields(), incoming);
    await eventually(() => expect(product.traceparents).toHaveLength(1));
    await eventually(() => expect(sink.value('evenstock.publish.updates', { outcome: 'confirmed' })).toBe(1));
    expect(sink.value('evenstock.commands', { type: 'receipt', outcome: 'accepted' })).toBe(1);
    const last = await product.stop();
    expect(last.code).toBe(0);
    expect(sink.spans).toEqual([]);
    expect(product.traceparents).toEqual([undefined]);
  };

  it('makes no span for a parent that is not sampled, and counts all the same', async () => {
    await quiet({}, traceparent(TRACE, '00'));
  });

  it('with ratio 0 makes no span even for a sampled parent', async () => {
    await quiet({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, traceparent());
  });

  it('is not asked when only metrics are wanted', async () => {
    await quiet({ OTEL_TRACES_EXPORTER: 'none' }, traceparent());
  });

  it('keeps of half of all requests whole traces, and nothing of the others', LONG, async () => {
    const { product, sink } = await observed({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    const count = 40;
    const skus = Array.from({ length: count }, (_, n) => `S${n}`);
    const answers = await Promise.all(skus.map((sku) => product.post('/v1/commands', fields({ sku }))));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await eventually(() => expect(sink.value('evenstock.publish.updates', { outcome: 'confirmed' })).toBe(count));
    expect((await product.stop()).code).toBe(0);
    const requests = named(sink.spans, 'POST /v1/commands');
    // All or none of 40 are kept once in 500 billion times.
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.length).toBeLessThan(count);
    expect(sink.value('evenstock.commands', { type: 'receipt', outcome: 'accepted' })).toBe(count);
    const known = new Set(sink.spans.map(({ spanId }) => spanId));
    for (const { parentSpanId, links } of sink.spans) {
      if (parentSpanId !== undefined) expect(known).toContain(parentSpanId);
      for (const { spanId } of links) expect(known).toContain(spanId);
    }
    for (const { traceId } of requests) {
      const names = sink.trace(traceId).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['stock.append', 'projection.fold']));
    }
    const told = named(sink.spans, 'channel.publish').flatMap((call) => [call, ...call.links]);
    expect(new Set(told.map(({ traceId }) => traceId))).toEqual(new Set(requests.map(({ traceId }) => traceId)));
  });
});

describe('an order', () => {
  const OFF = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
  const order = async (env: Record<string, string>) => {
    const amazon = await startMarketplace(0);
    const { sink, product, notify } = await startObserved(amazon, {}, env);
    await product.post('/v1/commands', fields({ sku: 'TEE' }), traceparent(traceOf(7), '00'));
    await expect.poll(() => amazon.listings.shown('TEE'), { timeout: 30_000 }).toBe(10);
    const { id } = amazon.buy('TEE', 2)!;
    /** What was shipped is in the books. */
    const posted = async () => (await product.get('/v1/erps/books')).body;
    const ship = async (incoming?: string) => {
      amazon.orders.ship(id);
      await notify(id, incoming);
    };
    return { sink, product, place: (incoming?: string) => notify(id, incoming), ship, posted };
  };

  it('that was sampled out leaves no span anywhere, and is counted', LONG, async () => {
    const { sink, product, place, ship, posted } = await order(OFF);
    await place();
    await ship(traceparent(TRACE, '00'));
    await expect.poll(posted, { timeout: 30_000 }).toMatchObject({ posted: 1, waiting: 0 });
    expect((await product.stop()).code).toBe(0);
    expect(sink.value('evenstock.commands', { type: 'fulfilment' })).toBe(1);
    expect(sink.spans).toEqual([]);
  });

  it('whose placing was sampled goes on when a later request comes without a trace', LONG, async () => {
    const { sink, place, ship } = await order(OFF);
    await place(traceparent());
    await eventually(() => expect(named(sink.trace(TRACE), 'order.command')).toHaveLength(1));
    const [placed] = named(sink.trace(TRACE), 'order.command');
    await ship();
    const others = () => sink.spans.filter(({ traceId }) => traceId !== TRACE);
    await eventually(() => expect(named(others(), 'erp.post')).toHaveLength(1));
    const [root, ...more] = others().filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(more).toEqual([]);
    expect(root).toMatchObject({
      name: 'order.command',
      attributes: { 'evenstock.command': 'fulfil' },
      links: [{ traceId: placed!.traceId, spanId: placed!.spanId }],
    });
    expect(named(sink.trace(TRACE), 'POST /v1/hooks/:channel')).toHaveLength(1);
  });

  it('whose placing was sampled is heard when a later request wants no trace', LONG, async () => {
    const { sink, product, place, ship, posted } = await order(OFF);
    await place(traceparent());
    await eventually(() => expect(named(sink.trace(TRACE), 'channel.read_back')).toHaveLength(1));
    const before = sink.spans.length;
    await ship(traceparent(traceOf(9), '00'));
    await expect.poll(posted, { timeout: 30_000 }).toMatchObject({ posted: 1, waiting: 0 });
    expect((await product.stop()).code).toBe(0);
    expect(sink.spans).toHaveLength(before);
  });
});
