// The whole path over real HTTP: command → actor → event → available-to-sell → channel, on both durable event logs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScriptedEventStoreDb, startEventStoreDb } from '../../support/eventstoredb/server.ts';
import { type Product, startProduct } from '../../support/product.ts';

const soon = () => new Date(Date.now() + 3_600_000).toISOString();

function wholePath(name: string, start: () => Promise<{ product: Product; stop: () => Promise<void> }>): void {
  describe(`the whole path on ${name}`, () => {
    let product: Product;
    let stop: () => Promise<void>;
    beforeEach(async () => {
      ({ product, stop } = await start());
    });
    afterEach(async () => {
      await product.close();
      await stop();
    });

    it('takes a command and tells the marketplace what it may sell', async () => {
      const receipt = await product.command({ type: 'receipt', quantity: 10 });
      expect(receipt).toMatchObject({ status: 200, body: { outcome: 'accepted', event: 'UnitsReceived' } });
      await product.shows('A', 8);
      const sale = await product.command({ type: 'sale', quantity: 9, channel: 'webshop' });
      await product.shows('A', 0);
      const stock = await product.get(`/v1/stock/A/warehouse?after=${sale.body['position']}`);
      expect(stock.body).toMatchObject({ onHand: 1, reserved: 0, available: 1 });
    });

    it('explains a figure by the locations and positions it came from', async () => {
      await product.command({ type: 'receipt', quantity: 10 });
      const last = await product.command({ type: 'receipt', location: 'store-1', quantity: 4 });
      const explained = await product.get(`/v1/availability/webshop/A/explain?after=${last.body['position']}`);
      expect(explained.body).toMatchObject({ units: 13, pool: 13, policyVersion: 'test-1' });
      const locations = explained.body['locations'] as { location: string; units: number; safetyStock: number }[];
      expect(locations.map(({ location, units, safetyStock }) => [location, units, safetyStock])).toEqual([
        ['warehouse', 10, 0],
        ['store-1', 3, 1],
      ]);
    });

    it('sells 100 units to exactly 100 of 1,000 buyers over HTTP (fault row 16)', { timeout: 60_000 }, async () => {
      await product.command({ type: 'receipt', quantity: 100 });
      const buyers = Array.from({ length: 1_000 }, (_, n) => n);
      const statuses: number[] = [];
      await Promise.all(
        Array.from({ length: 32 }, async () => {
          for (let n = buyers.pop(); n !== undefined; n = buyers.pop()) {
            const hold = {
              type: 'reservation.make',
              reservationId: `r-${n}`,
              owner: `buyer-${n}`,
              channel: 'webshop',
              quantity: 1,
              expiresAt: soon(),
            };
            statuses.push((await product.command(hold)).status);
          }
        }),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(100);
      expect(statuses.filter((status) => status === 409)).toHaveLength(900);
      await product.shows('A', 0);
    });

    it('answers a command delivered 50 times at once with one event and equal answers (fault row 12)', async () => {
      const receipt = { type: 'receipt', id: 'delivered-often', quantity: 3 };
      const answers = await Promise.all(Array.from({ length: 50 }, () => product.command(receipt)));
      expect(answers.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
      expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, duplicate: 0, position: 0 })))).toHaveLength(
        1,
      );
      const history = await product.get('/v1/stock/A/warehouse/history');
      expect(history.body['entries']).toHaveLength(1);
    });

    it('knows after a restart what it knew, and tells the marketplace only what changed', async () => {
      await product.command({ type: 'receipt', quantity: 10 });
      await product.command({ type: 'receipt', sku: 'B', quantity: 20 });
      await product.shows('A', 8);
      await product.shows('B', 18);
      product = await product.restart();
      const sale = await product.command({ type: 'sale', quantity: 1 });
      expect(sale.body).toMatchObject({ revision: 1 });
      await product.shows('A', 7);
      expect(product.marketplace.statistics.applied).toBe(3);
    });
  });
}

wholePath('the embedded log', async () => ({ product: await startProduct(), stop: async () => {} }));

wholePath('EventStoreDB', async () => {
  const server: ScriptedEventStoreDb = await startEventStoreDb();
  const product = await startProduct({ eventLog: server.connectionString.replace(/^esdb/, 'eventstoredb') });
  return { product, stop: () => server.stop() };
});
