// A webhook that could not be taken when it came goes on with its story when it is: by itself, or because somebody asked. Over
// the whole product, seen by a real OTLP receiver.
// Seen failing on planted bugs: a retry that forgets the trace that the message was kept with; a case that does not tell its
// remedy which request asked for it.
import { expect, it } from 'vitest';
import { pathOf } from '../support/trace-tree.ts';
import { eventually, fields, LONG, named, TRACE, traceparent } from './support/observed-product.ts';
import { CHANNEL, startMarketplace, startObserved } from './support/traced-marketplace.ts';

const HOOK = 'POST /v1/hooks/:channel';
const PROCESS = `process ${CHANNEL}`;
it(
  'set aside while the channel is away, it is taken later in a trace of its own, linked to its request',
  LONG,
  async () => {
    const amazon = await startMarketplace(5);
    const { sink, notify } = await startObserved(amazon);
    await eventually(() => expect(amazon.misbehaving.log.calls.length).toBeGreaterThan(0));
    amazon.misbehaving.setFaults({ kind: 'unavailable' });
    await notify(amazon.buy('TEE', 2)!.id);
    const folded = () =>
      named(sink.spans, 'projection.fold').find(
        ({ attributes }) => attributes['evenstock.event'] === 'MessageSetAside',
      );
    await eventually(() => expect(folded()).toBeDefined());
    await eventually(() => expect(named(sink.spans, HOOK)).toHaveLength(1));
    const request = named(sink.spans, HOOK)[0]!;
    expect(folded()!.parentSpanId).toBe(request.spanId);
    amazon.misbehaving.setFaults({ kind: 'none' });
    const link = { traceId: request.traceId, spanId: request.spanId };
    const retried = () =>
      named(sink.spans, PROCESS).filter(({ links }) => links.some(({ spanId }) => spanId === link.spanId));
    await eventually(() => expect(retried().at(-1)?.attributes['evenstock.outcome']).toBe('taken'));
    expect(retried().at(-1)).toMatchObject({ parentSpanId: undefined, kind: 5, links: [link] });
    expect(retried().at(-1)!.traceId).not.toBe(request.traceId);
  },
);

it('retried in its case, it is part of that request, and linked to the one that brought it', LONG, async () => {
  const amazon = await startMarketplace(5);
  const { sink, product, notify } = await startObserved(amazon);
  const { id } = amazon.buy('TEE', 2)!;
  amazon.orders.ship(id);
  // More is sent than is reserved: nothing is known of the SKU.
  await notify(id);
  const cases = async () => (await product.get('/v1/cases?kind=poison-message')).body['cases'] as { id: string }[];
  await expect.poll(async () => (await cases()).length, { timeout: 30_000 }).toBeGreaterThan(0);
  await eventually(() => expect(named(sink.spans, HOOK)).toHaveLength(1));
  const request = named(sink.spans, HOOK)[0]!;

  await product.post('/v1/commands', fields({ sku: 'TEE' }));
  await product.post(`/v1/orders/${CHANNEL}-${id}/commands`, { id: 'again', type: 'source' });
  // The poll may have set it aside, too: which of the cases is the webhook's does not matter.
  for (const one of await cases()) {
    await product.post(`/v1/cases/${one.id}/commands`, { id: `retry-${one.id}`, type: 'retry' }, traceparent());
  }
  const taken = () => named(sink.trace(TRACE), PROCESS).find(({ links }) => links.length > 0);
  await eventually(() => expect(taken()?.attributes['evenstock.outcome']).toBe('taken'));
  expect(taken()).toMatchObject({ links: [{ traceId: request.traceId, spanId: request.spanId }] });
  const path = () => pathOf(taken()!, sink.trace(TRACE));
  await eventually(() => expect(path()).toBe(`POST /v1/cases/:caseId/commands > ${PROCESS}`));
});
