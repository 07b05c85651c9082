// Commands that start work of their own, followed to the stocks that it moves and to who is told: a sale of a bundle, a stocktake
// and its counts, what is done about a case, and webhooks. Over the whole product, seen by a real OTLP receiver.
// Seen failing on planted bugs: sheets opened without the trace of the stocktake; the end of a retry written without it.
import { expect, it } from 'vitest';
import type { OtlpSink } from '../support/otlp-sink.ts';
import { pathOf } from '../support/trace-tree.ts';
import { openReceiver, WEBHOOK_SECRET } from '../support/webhook-receiver.ts';
import { eventually, fields, LONG, named, observed, opened, traceOf, traceparent } from './support/observed-product.ts';

const pathsOf = (sink: OtlpSink, traceId: string) =>
  sink.trace(traceId).map((span) => pathOf(span, sink.trace(traceId)));

it('a sale of a bundle is one command with an append for each component', LONG, async () => {
  const components = ['A', 'B'].map((sku) => ({ sku, quantity: 1 }));
  const { product, sink } = await observed({}, { bundles: [{ sku: 'KIT', components }] });
  for (const { sku } of components) await product.post('/v1/commands', fields({ sku }));
  const id = traceOf(1);
  await product.post(
    '/v1/commands',
    fields({ type: 'sale', sku: 'KIT', quantity: 2, channel: 'webshop' }),
    traceparent(id),
  );
  const command = 'POST /v1/commands > bundle.command take';
  await eventually(() => {
    const paths = pathsOf(sink, id);
    expect(paths.filter((path) => path === `${command} > stock.append`)).toHaveLength(2);
    expect(paths).toContain(`${command} > projection.fold BundleSold`);
    expect(paths).toContain(`${command} > projection.fold UnitsSold > channel.publish`);
  });
});

it('a stocktake is opened with its sheets, and a count goes on to its stock', LONG, async () => {
  const { product, sink } = await observed();
  await product.post('/v1/commands', fields());
  const [opening, counting] = [traceOf(2), traceOf(3)];
  const stocktake = { id: 'open-1', stocktakeId: 's-1', location: 'warehouse', scope: { type: 'full' } };
  expect((await product.post('/v1/stocktakes', stocktake, traceparent(opening))).status).toBe(200);
  const lines = [{ sku: 'A', quantity: 8, countedAt: new Date().toISOString(), reason: 'damage' }];
  const count = { id: 'count-1', type: 'count', lines };
  expect((await product.post('/v1/stocktakes/s-1/commands', count, traceparent(counting))).status).toBe(200);
  const command = 'POST /v1/stocktakes/:stocktakeId/commands > stocktake.command count';
  await eventually(() => {
    // Of the stocktake, and of its sheet.
    const open = 'POST /v1/stocktakes > stocktake.command open';
    expect(pathsOf(sink, opening).filter((path) => path === open)).toHaveLength(2);
    expect(pathsOf(sink, opening)).toContain('POST /v1/stocktakes > stocktake.command start');
    expect(pathsOf(sink, counting)).toContain(`${command} > stock.append`);
    expect(
      pathsOf(sink, counting).filter((path) => path.startsWith(command) && path.endsWith('channel.publish')),
    ).not.toEqual([]);
  });
});

it('what people do about a case is linked to what was done before', LONG, async () => {
  const { product, sink } = await observed({}, { skus: ['A'] });
  await product.post('/v1/commands', fields({ sku: 'B' }));
  const cases = async () => (await product.get('/v1/cases?kind=unmapped-sku')).body['cases'] as { id: string }[];
  await expect.poll(async () => (await cases()).length, { timeout: 30_000 }).toBe(1);
  const [found] = await cases();
  const [assigned, retried] = [traceOf(4), traceOf(5)];
  const tell = (command: object, id: string) =>
    product.post(`/v1/cases/${found!.id}/commands`, command, traceparent(id));
  expect((await tell({ id: 'c-1', type: 'comment', text: 'known' }, assigned)).status).toBe(200);
  expect((await tell({ id: 'c-2', type: 'retry' }, retried)).status).toBe(200);
  const command = 'POST /v1/cases/:caseId/commands > case.command';
  await eventually(() => {
    expect(pathsOf(sink, retried)).toEqual(expect.arrayContaining([`${command} retry`, `${command} retried`]));
  });
  const before = sink.trace(assigned).find(({ name }) => name === 'case.command')!;
  const retry = sink.trace(retried).find(({ attributes }) => attributes['evenstock.command'] === 'retry')!;
  expect(retry.links).toEqual([{ traceId: before.traceId, spanId: before.spanId }]);
});

it('a webhook is told in the trace of what happened, and can go on with it', LONG, async () => {
  const receiver = await openReceiver();
  opened.push(() => receiver.close());
  receiver.manner = (call) => (call === 1 ? 503 : undefined);
  const webhook = { id: 'crm', url: receiver.url, secretEnv: 'CRM', types: ['UnitsReceived'] };
  const { product, sink } = await observed(
    { CRM: WEBHOOK_SECRET, WEBHOOK_HOSTS: '127.0.0.1' },
    { webhooks: [webhook] },
  );
  const trace = traceOf(6);
  await product.post('/v1/commands', fields(), traceparent(trace));
  const calls = () => named(sink.trace(trace), 'POST').toSorted((a, b) => a.startMs - b.startMs);
  await eventually(() => expect(calls()).toHaveLength(2));
  const { port, hostname } = new URL(receiver.url);
  const which = { 'http.request.method': 'POST', 'server.address': hostname, 'server.port': Number(port) };
  expect(calls()).toMatchObject([
    { kind: 3, status: { code: 2 }, attributes: { ...which, 'http.response.status_code': 503, 'error.type': '503' } },
    {
      kind: 3,
      status: { code: 0 },
      attributes: { ...which, 'http.response.status_code': 204, 'evenstock.webhook': 'crm' },
    },
  ]);
  expect(receiver.traceparents).toEqual(calls().map(({ spanId }) => `00-${trace}-${spanId}-01`));
});
