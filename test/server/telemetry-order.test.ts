// One order of a marketplace, followed through the whole product: its webhook, the order, the stock, the read model, the
// channel that is told and looked at again, and the ERP, as one story of spans that a real OTLP receiver got as protobuf.
// Seen failing on planted bugs: what is read back forgets the call that told it; a batch for the ERP without the causes of its
// movements; an order's command not linked to the one before.

import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { SinkSpan } from '../support/otlp-sink.ts';
import { pathOf, treeOf } from '../support/trace-tree.ts';
import { eventually, fields, LONG, named } from './support/observed-product.ts';
import { CHANNEL, startMarketplace, startObserved } from './support/traced-marketplace.ts';

/** Whoever wants a picture of today's trace names a file. */
const PICTURE = process.env['TRACE_PICTURE'];

const HOOK = 'POST /v1/hooks/:channel';
const TAKEN = `${HOOK} > process ${CHANNEL} > order.command`;

it('one order of a marketplace is one story, from its webhook to the ERP', LONG, async () => {
  const amazon = await startMarketplace(0);
  const { sink, product, notify } = await startObserved(amazon);
  await product.post('/v1/commands', fields({ sku: 'TEE' }));
  await expect.poll(() => amazon.listings.shown('TEE'), { timeout: 20_000 }).toBe(10);

  const { id } = amazon.buy('TEE', 2)!;
  await notify(id);
  const ofHooks = () => named(sink.spans, HOOK).toSorted((a, b) => a.startMs - b.startMs);
  await eventually(() => expect(ofHooks()).toHaveLength(1));
  const placed = () => sink.trace(ofHooks()[0]!.traceId);
  await eventually(() => expect(named(placed(), 'channel.read_back')).toHaveLength(1));
  amazon.orders.ship(id);
  await notify(id);
  await eventually(() => expect(ofHooks()).toHaveLength(2));
  const shipped = () => sink.trace(ofHooks()[1]!.traceId);
  await eventually(() => expect(named(shipped(), 'erp.post').length).toBeGreaterThan(0));

  const paths = (spans: readonly SinkSpan[]) => spans.map((span) => pathOf(span, spans));
  const told = `${TAKEN} place > projection.fold ReservationMade > channel.publish`;
  await eventually(() =>
    expect(paths(placed())).toEqual(
      expect.arrayContaining([
        `${TAKEN} place > stock.append`,
        `${TAKEN} place > projection.fold OrderPlaced`,
        told,
        `${told} > projection.fold AvailabilityPublished`,
        `${told} > channel.read_back`,
        `${told} > channel.read_back > projection.fold AvailabilityReadBack`,
      ]),
    ),
  );
  if (PICTURE !== undefined) writeFileSync(PICTURE, `${treeOf([...placed(), ...shipped()])}\n`);
  for (const spans of [placed(), shipped()]) {
    const ids = new Set(spans.map(({ spanId }) => spanId));
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId));
    expect(roots.map(({ name }) => name)).toEqual([HOOK]);
  }
  expect(paths(shipped())).toContain(`${TAKEN} fulfil > erp.post`);
  const local = { 'server.address': '127.0.0.1', 'server.port': expect.any(Number) };
  expect(named(shipped(), 'erp.post')).toMatchObject([
    { kind: 3, status: { code: 0 }, attributes: { ...local, 'evenstock.erp': 'books', 'evenstock.movements': 1 } },
  ]);
  expect(named(placed(), 'channel.read_back')).toMatchObject([
    { kind: 3, attributes: { ...local, 'evenstock.channel': CHANNEL, 'evenstock.applied': 1 } },
  ]);
  expect(named(placed(), `process ${CHANNEL}`)).toMatchObject([
    { kind: 5, attributes: { 'messaging.system': 'amazon', 'messaging.destination.name': CHANNEL } },
  ]);
  // What was shipped by another request goes on from what was placed.
  const [place, fulfil] = [...named(placed(), 'order.command'), ...named(shipped(), 'order.command')];
  expect(fulfil!.links).toEqual([{ traceId: place!.traceId, spanId: place!.spanId }]);
  expect([...sink.contentTypes]).toEqual(['application/x-protobuf']);
});

it('an order that was polled is a story of its own, linked to the poll', LONG, async () => {
  const amazon = await startMarketplace(5);
  const bought = [amazon.buy('TEE', 1)!, amazon.buy('TEE', 2)!];
  const { sink } = await startObserved(amazon, { ordersFrom: new Date(Date.now() - 3_600_000).toISOString() });
  const taken = () => named(sink.spans, `process ${CHANNEL}`);
  await eventually(() => expect(taken()).toHaveLength(bought.length));
  const [poll, ...others] = named(sink.spans, `poll ${CHANNEL}`);
  expect(others).toEqual([]);
  expect(poll).toMatchObject({
    kind: 3,
    parentSpanId: undefined,
    attributes: { 'messaging.operation.type': 'receive', 'messaging.batch.message_count': bought.length },
  });
  for (const span of taken()) {
    expect(span).toMatchObject({ parentSpanId: undefined, links: [{ traceId: poll!.traceId, spanId: poll!.spanId }] });
    await eventually(() => expect(named(sink.trace(span.traceId), 'order.command')).toHaveLength(1));
  }
  expect(new Set([poll!, ...taken()].map(({ traceId }) => traceId)).size).toBe(1 + bought.length);
});
