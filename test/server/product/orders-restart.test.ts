// Orders on both durable event logs: held before a restart, confirmed after it, the read model rebuilt beside equal to the
// one that served; and one that expires while the server is down.
import { afterEach, describe, expect, it } from 'vitest';
import { startEventStoreDb } from '../../support/eventstoredb/server.ts';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

let store: OrderStore;
let stop = async () => {};
afterEach(async () => {
  await store.close();
  await stop();
});

async function open(log: string): Promise<void> {
  stop = async () => {};
  if (log === 'embedded') store = await orderStore();
  else {
    const database = await startEventStoreDb();
    stop = () => database.stop();
    store = await orderStore({ eventLog: database.connectionString.replace(/^esdb/, 'eventstoredb') });
  }
  await store.receive({ warehouse: { A: 3 }, 'store-1': { A: 3, B: 1 } });
}

describe.each(['embedded', 'EventStoreDB'])('on the %s log an order', (log) => {
  it('goes on after a restart', async () => {
    await open(log);
    await store.place({ lines: { A: 5, B: 1 } });
    await store.place({ channel: 'marketplace', kind: 'commitment', lines: { A: 2 } });
    await store.restart();
    const after = await store.product.evenstock.log.head();
    const listed = (await store.get(`/v1/orders?after=${after}`)).body['orders'] as { id: string; short: number }[];
    expect(listed.map(({ id, short }) => [id, short])).toEqual([
      ['o-1', 0],
      ['o-2', 2],
    ]);
    expect(await store.command({ type: 'confirm' }, 'o-1')).toMatchObject({ body: { order: { status: 'confirmed' } } });
    const units = [{ sku: 'A', quantity: 5 }];
    expect(await store.command({ type: 'fulfil', units }, 'o-1')).toMatchObject({ body: { settled: true } });
    expect(await store.command({ type: 'cancel' }, 'o-1')).toMatchObject({ body: { order: { status: 'cancelled' } } });
    expect(await store.stock('B', 'store-1')).toMatchObject({ onHand: 1, reserved: 0 });
    const proof = await store.product.evenstock.readModel.verify();
    expect(proof.projections.find(({ name }) => name === 'orders')).toMatchObject({ name: 'orders' });
    expect(proof.equal).toBe(true);
  });

  it('expires although nobody was there at its time', async () => {
    await open(log);
    await store.place({ lines: { A: 5 }, expiresAt: new Date(Date.now() + 400).toISOString() });
    await store.restart();
    await expect.poll(async () => (await store.order())['status'], { timeout: 8_000 }).toBe('expired');
    await expect.poll(async () => (await store.order())['owed'], { timeout: 8_000 }).toBe(0);
    for (const location of ['warehouse', 'store-1']) {
      expect(await store.stock('A', location)).toMatchObject({ onHand: 3, reserved: 0 });
    }
  });
});
