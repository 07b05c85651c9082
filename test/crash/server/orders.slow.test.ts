// Fault row 1 for orders: `evenstock serve` is killed with SIGKILL at random instants while clients place, confirm, fulfil
// and cancel over HTTP. After the last start and the repeats of what was not answered, every order is settled, no stock
// keeps a unit for an order that does not know of it, and nothing left twice. Seen failing: with ids of fulfilments drawn
// anew each time they are asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { call, killed, killServer, serve } from './serving.ts';

const KILLS = 5;
const SKUS = ['A', 'B', 'C'];
const LOCATIONS = ['warehouse', 'store-001', 'store-002'];
const RECEIVED = 400;
/** One unit of each SKU leaves with each order that is fulfilled. */
const LINES = SKUS.map((sku) => ({ sku, quantity: 1 }));

afterEach(killServer);

/** The steps of one order; each is repeated with its own id until it is answered. */
function steps(n: number): readonly (readonly [path: string, body: Record<string, unknown>])[] {
  const orderId = `o-${n}`;
  const commands = `/v1/orders/${orderId}/commands`;
  const place = { id: `p-${n}`, orderId, channel: 'webshop', kind: 'request', lines: LINES };
  const confirm = { type: 'confirm', id: `c-${n}` };
  const last = n % 3 === 0 ? { type: 'cancel', id: `x-${n}` } : { type: 'fulfil', id: `f-${n}`, units: LINES };
  return [
    ['/v1/orders', place],
    [commands, confirm],
    [commands, last],
  ];
}

/** Goes on where an order stands; false when the server is gone. */
async function goOn(url: string, n: number, done: Map<number, number>): Promise<boolean> {
  const all = steps(n);
  for (let at = done.get(n) ?? 0; at < all.length; at++) {
    if ((await call(url, ...all[at]!)) === undefined) return false;
    done.set(n, at + 1);
  }
  return true;
}

async function stockUp(url: string): Promise<void> {
  for (const sku of SKUS) {
    for (const location of LOCATIONS) {
      const receipt = { type: 'receipt', id: `in-${sku}-${location}`, sku, location, quantity: RECEIVED };
      await call(url, '/v1/commands', { ...receipt, occurredAt: new Date().toISOString() });
    }
  }
}

describe('orders, killed while they are worked on', () => {
  it('are settled in the end, and no stock keeps units for nobody', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenstock-kill-orders-'));
    const done = new Map<number, number>();
    let placed = 0;
    for (let round = 0; round < KILLS; round++) {
      const server = await serve(directory);
      await stockUp(server.url);
      let isAlive = true;
      const client = async () => {
        while (isAlive) {
          const left = [...done].find(([, at]) => at < 3)?.[0];
          if (!(await goOn(server.url, left ?? placed++, done))) return;
        }
      };
      const clients = Promise.all(Array.from({ length: 6 }, client));
      await delay(300 + Math.random() * 700);
      isAlive = false;
      await Promise.all([clients, killed(server)]);
    }
    const server = await serve(directory);
    for (let n = 0; n < placed; n++) expect(await goOn(server.url, n, done)).toBe(true);
    let fulfilled = 0;
    for (let n = 0; n < placed; n++) {
      const order = await call(server.url, `/v1/orders/o-${n}`);
      expect(order).toMatchObject({ owed: 0, status: n % 3 === 0 ? 'cancelled' : 'fulfilled' });
      if (order?.['status'] === 'fulfilled') fulfilled += 1;
    }
    expect((await call(server.url, '/v1/orders'))?.['orders']).toEqual([]);
    for (const sku of SKUS) {
      let left = 0;
      for (const location of LOCATIONS) {
        const stock = (await call(server.url, `/v1/stock/${sku}/${location}`)) as Record<string, number>;
        expect(stock['reserved']).toBe(0);
        left += RECEIVED - stock['onHand']!;
      }
      expect(left).toBe(fulfilled);
    }
    expect(placed).toBeGreaterThan(KILLS);
    expect(await killed(server, 'SIGTERM')).toBe(0);
    rmSync(directory, { recursive: true });
  }, 240_000);
});
