// Fault row 18: the ERP is down for six hours of virtual time while stores trade. Intake and channels do not notice; then
// everything is drained in order, nothing lost, nothing twice, compared with the real books of a real Tryton, also when
// answers are lost on the way.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameIdentifiers } from '../../../adapters/channels/identifiers.ts';
import { connectTryton } from '../../../adapters/erp/tryton/tryton.ts';
import { ErpPolicy } from '../../../domain/erp/policy.ts';
import {
  DATABASE,
  hasTryton,
  PASSWORD,
  startTryton,
  type TrytonServer,
  USER,
} from '../../adapters/erp/tryton/server.ts';
import { type ErpRoom, erpRoom } from '../../support/erp-room.ts';
import { type FaultProxy, faultProxy } from '../../support/fault-proxy.ts';

const SKUS = ['A', 'B', 'C', 'D', 'E'];
const STORES = ['store-1', 'store-2'];

describe.skipIf(!hasTryton)('a real ERP that is down for six hours', () => {
  let server: TrytonServer;
  let proxy: FaultProxy;
  let room: ErpRoom;
  beforeAll(async () => {
    server = await startTryton();
    proxy = await faultProxy(server);
    room = erpRoom();
  }, 180_000);
  afterAll(async () => {
    await room?.close();
    await proxy?.close();
    await server?.close();
  });

  it('queues, then drains in order, once, with answers lost on the way; its books are ours to the unit', async () => {
    const own = { database: DATABASE, user: USER, warnings: ['*.done'], timeoutMs: 300_000 };
    const policy = ErpPolicy.parse({ id: 'books', type: 'tryton', url: proxy.url, secretEnv: 'ERP', ...own });
    const clock = { now: () => Date.now() };
    const erp = connectTryton({ policy, secret: () => PASSWORD, identifiers: sameIdentifiers, clock });
    const { poster } = room.start(erp, own);
    await proxy.down();
    // A day's trade in six hours: 240 facts, one in ten a return, now and then a count.
    for (let n = 0; n < 240; n += 1) {
      const [sku, location] = [SKUS[n % 5], STORES[n % 2]];
      const begun = performance.now();
      if (n % 40 === 39) await room.fact({ type: 'count', sku, location, counted: n });
      else if (n % 10 === 9) await room.fact({ type: 'return', sku, location, quantity: 1, disposition: 'restock' });
      else await room.fact({ type: 'sale', sku, location, quantity: 1 + (n % 3) });
      // Nobody who sells waits for the ERP.
      expect(performance.now() - begun).toBeLessThan(2_000);
      await room.time.advance(90_000);
    }
    expect(poster.status()).toMatchObject({ state: 'outage', waiting: 240, posted: 0 });
    expect(poster.status().oldestWaitingMs).toBeGreaterThan(5.9 * 3_600_000);
    expect(room.raised).toMatchObject([{ kind: 'breaker-open', key: 'erp:books' }]);
    expect(await server.admin.moves()).toBe(0);

    await proxy.up();
    let lost = 0;
    const losses = ['lost-after', 'lost-before', 'lost-after'] as const;
    for (let n = 0; n < 4_000 && poster.status().waiting > 0; n += 1) {
      if (lost < losses.length && poster.status().posted >= 40 * lost + 25) {
        proxy.next('stock.move.do', losses[lost]!);
        lost += 1;
      }
      // Its clock is virtual, Tryton's is not.
      await delay(20);
      await room.time.advance(100);
    }
    expect(poster.status()).toMatchObject({ waiting: 0, parked: 0 });
    expect(proxy.faults).toBe(losses.length);
    const references = await server.admin.call<number>('ir.note.search_count', [[['message', 'like', 'es-%']]]);
    expect(references).toBe(poster.status().posted);
    for (const [stock, units] of await room.onHand()) {
      const [sku, location] = stock.split('~') as [string, string];
      expect([stock, await server.admin.onHand(sku, location)]).toEqual([stock, units]);
    }
    // In log order: as the log tells it, and as Tryton's own ids tell it, batch after batch.
    const batches = (await room.log.read('erp-books', 0, 10_000)).flatMap(({ type, data }) =>
      type === 'MovementsPosted' ? [data['posted'] as unknown as [string, ...unknown[]][]] : [],
    );
    const order = (await room.events()).map(({ id }) => `es-${id}`);
    const places = batches.flat().map(([reference]) => order.indexOf(reference.slice(0, 39)));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const ids = batches.filter(({ length }) => length > 0).map((batch) => batch.map((one) => Number(one[5])));
    for (let n = 1; n < ids.length; n += 1) expect(Math.min(...ids[n]!)).toBeGreaterThan(Math.max(...ids[n - 1]!));
  }, 400_000);
});
