// What a bundle owes when its process ends is asked for by the next, which knows it from the log.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { NO_HISTORY } from '../../../domain/policy/history.ts';
import { OPEN_BUNDLES_PROJECTION } from '../../../projections/open-bundles.ts';
import { openReadModel } from '../../../projections/read-model.ts';
import { openBundles } from '../../../server/bundles/open-bundles.ts';
import { createLogger } from '../../../server/logging.ts';
import { actorsOver, command, NOON } from '../../support/actors.ts';
import { realTime, temporaryDirectory } from '../../support/read-side.ts';

const document: PolicyDocumentJson = {
  version: 'test',
  locations: [{ id: 'store-1' }],
  channels: [{ id: 'shop', locations: ['store-1'] }],
  bundles: [{ sku: 'KIT', components: ['A', 'B'].map((sku) => ({ sku, quantity: 1 })) }],
};
const policy = compilePolicy(PolicyDocument.parse(document));

let directory: ReturnType<typeof temporaryDirectory>;
let log: EventLog;
beforeEach(() => {
  directory = temporaryDirectory();
  log = createMemoryLog();
});
afterEach(() => directory.remove());

/** @param down SKUs whose stocks cannot be asked */
async function start(down: readonly string[] = []) {
  const readModel = await openReadModel({
    ...{ log, policy, time: realTime, directory: directory.path, projections: [OPEN_BUNDLES_PROJECTION] },
  });
  const actors = actorsOver(log, { policy: document });
  const stocks: typeof actors = {
    ...actors,
    submit: async (envelope) =>
      down.includes(envelope.command.sku)
        ? { outcome: 'failed', reason: 'unavailable', detail: 'planted', retryAfterMs: 1 }
        : actors.submit(envelope),
  };
  const bundled = await openBundles({
    ...{ ...realTime, clock: { now: () => NOON } },
    ...{
      log,
      stocks,
      readModel,
      hashes: systemHashes,
      soleWriter: true,
      logger: createLogger('silent', false),
      telemetry: undefined,
    },
    policies: { policy: () => policy, history: () => NO_HISTORY },
  });
  const submit = (fields: Parameters<typeof command>[0], traceparent?: string) =>
    bundled.submit({ command: command(fields), client: 'test', traceparent });
  const owing = () => [...readModel.projection(OPEN_BUNDLES_PROJECTION).owing()].map(({ id }) => id);
  return {
    submit,
    sellAlone: (sku: string, quantity: number) =>
      actors.submit({ command: command({ type: 'sale', sku, quantity }), client: 'test' }),
    owing,
    settled: async () => readModel.waitFor(await log.head(), 5_000),
    async close() {
      await bundled.close();
      await readModel.close();
    },
  };
}
const levels = async (sku: string) => {
  const [last] = (await log.read(`stock-${sku}~store-1`, 0, 100)).slice(-1);
  return (last?.data['levels'] as { onHand: number; reserved: number } | undefined) ?? { onHand: 0, reserved: 0 };
};

describe('a bundle that is sold', () => {
  it('takes its components along in its trace, under its own causes', async () => {
    const process = await start();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await process.submit(
      { type: 'sale', id: 's-9', sku: 'KIT', quantity: 1, source: { id: 'till-7', sequence: 3 } },
      traceparent,
    );
    const said = { data: { source: 'till-7', sequence: 3 }, metadata: { causationId: 's-9', traceparent } };
    for (const stream of ['bundle-KIT~store-1~c~s-9', 'stock-A~store-1', 'stock-B~store-1']) {
      const [first] = await log.read(stream, 0, 1);
      expect(first, stream).toMatchObject(said);
    }
    await process.close();
  });
});

describe('a SKU that was sold before it was a bundle', () => {
  it("answers a repeat of a command of then as its stock did, and its reservations of then are the stock's", async () => {
    const before = actorsOver(log, { policy: { ...document, bundles: [] } });
    const old = (fields: Parameters<typeof command>[0]) =>
      before.submit({ command: command({ sku: 'KIT', ...fields }), client: 'test' });
    const expiresAt = new Date(NOON + 60_000).toISOString();
    await old({ type: 'receipt', quantity: 5 });
    await old({ type: 'sale', id: 's-0', quantity: 1 });
    const hold = { reservationId: 'r-0', owner: 'buyer', channel: 'shop', quantity: 2 };
    await old({ type: 'reservation.make', ...hold, expiresAt });
    const next = await start();
    await next.settled();
    expect(await next.submit({ type: 'sale', id: 's-0', sku: 'KIT', quantity: 1 })).toMatchObject({
      outcome: 'accepted',
      duplicate: true,
      eventType: 'UnitsSold',
    });
    expect(await next.submit({ type: 'fulfilment', sku: 'KIT', reservationId: 'r-0', quantity: 2 })).toMatchObject({
      eventType: 'FulfilmentConfirmed',
      levels: { onHand: 2, reserved: 0 },
    });
    expect(await next.submit({ type: 'sale', sku: 'KIT', quantity: 1 })).toMatchObject({ eventType: 'BundleSold' });
    expect([(await levels('A')).onHand, (await levels('B')).onHand, (await levels('KIT')).onHand]).toEqual([-1, -1, 2]);
    await next.close();
  });
});

describe('a bundle whose component cannot be asked', () => {
  it('is sold all the same, says so, and its component follows after the next start, once', async () => {
    const first = await start(['B']);
    const sale = { type: 'sale', id: 's-1', sku: 'KIT', quantity: 2 } as const;
    const answer = await first.submit(sale);
    expect(answer).toMatchObject({ outcome: 'accepted', bundle: { settled: false } });
    expect(answer).toMatchObject({
      bundle: { components: [{ outcome: 'accepted' }, { sku: 'B', outcome: 'waiting' }] },
    });
    await first.settled();
    expect(first.owing()).toEqual(['KIT~store-1~c~s-1']);
    await first.close();
    const next = await start();
    await expect.poll(async () => (await levels('B')).onHand).toBe(-2);
    expect(await next.submit(sale)).toMatchObject({ duplicate: true, bundle: { settled: true } });
    await next.settled();
    expect(next.owing()).toEqual([]);
    expect([(await levels('A')).onHand, (await levels('B')).onHand]).toEqual([-2, -2]);
    await next.close();
  });

  it('is not known to be reserved; when that component refuses after the next start, all is given back', async () => {
    const down: string[] = [];
    const first = await start(down);
    await first.submit({ type: 'receipt', sku: 'A', quantity: 2 });
    await first.submit({ type: 'receipt', sku: 'B', quantity: 3 });
    await first.settled();
    down.push('B');
    const expiresAt = new Date(NOON + 60_000).toISOString();
    const hold = { sku: 'KIT', reservationId: 'r-1', expiresAt };
    const wanted = { ...hold, id: 'm-1', quantity: 2, owner: 'buyer', channel: 'shop' };
    const make = () => ({ type: 'reservation.make' as const, ...wanted });
    expect(await first.submit(make())).toMatchObject({
      outcome: 'failed',
      reason: 'unknown-outcome',
      detail: expect.stringMatching(/: B$/) as string,
    });
    expect((await levels('A')).reserved).toBe(2);
    expect(await first.submit({ type: 'reservation.renew', ...hold })).toMatchObject({ reason: 'unavailable' });
    await first.sellAlone('B', 3);
    await first.close();
    const next = await start();
    await expect.poll(async () => (await levels('A')).reserved).toBe(0);
    expect(await next.submit(make())).toMatchObject({ outcome: 'refused', reason: 'insufficient-available' });
    expect(await next.submit({ type: 'reservation.release', sku: 'KIT', reservationId: 'r-1' })).toMatchObject({
      reason: 'unknown-reservation',
    });
    await next.close();
  });
});
