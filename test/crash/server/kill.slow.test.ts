// Fault row 1, the whole product: `evenstock serve` is killed with SIGKILL at random instants while clients post over
// HTTP and write down what was acknowledged. Nothing acknowledged may be lost, and after the clients repeat all that
// was not, nothing may be there twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { killed, killServer, send, serve } from './serving.ts';

const KILLS = 6;
const SKUS = 20;

afterEach(killServer);

interface Sale {
  readonly id: string;
  readonly sku: string;
}

async function post(url: string, { id, sku }: Sale): Promise<boolean> {
  const occurredAt = new Date().toISOString();
  const body = { type: 'sale', id, sku, location: 'store-001', quantity: 1, occurredAt };
  return (await send(url, '/v1/commands', { body }))?.status === 200;
}

describe('the server, killed while it works', () => {
  it('loses nothing it acknowledged and doubles nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenstock-kill-'));
    const acknowledged = new Map<string, Sale>();
    let unanswered: Sale[] = [];
    let number = 0;
    for (let round = 0; round < KILLS; round++) {
      const server = await serve(directory);
      // What was not answered last time is sent again, with the same ids.
      for (const sale of unanswered) if (await post(server.url, sale)) acknowledged.set(sale.id, sale);
      unanswered = unanswered.filter((sale) => !acknowledged.has(sale.id));
      let alive = true;
      const clients = Array.from({ length: 16 }, async () => {
        while (alive) {
          const sale = { id: `s-${++number}`, sku: `K${number % SKUS}` };
          if (await post(server.url, sale)) acknowledged.set(sale.id, sale);
          else unanswered.push(sale);
          if (unanswered.includes(sale)) return;
        }
      });
      await delay(150 + Math.random() * 700);
      await killed(server);
      alive = false;
      await Promise.all(clients);
    }
    const server = await serve(directory);
    for (const sale of unanswered) if (await post(server.url, sale)) acknowledged.set(sale.id, sale);
    const sold = new Map<string, number>();
    for (const { sku } of acknowledged.values()) sold.set(sku, (sold.get(sku) ?? 0) + 1);
    expect(acknowledged.size).toBe(number);
    for (const [sku, units] of sold) {
      const response = await fetch(`${server.url}/v1/stock/${sku}/store-001`);
      expect([sku, ((await response.json()) as { onHand: number }).onHand]).toEqual([sku, -units]);
    }
    expect(await killed(server, 'SIGTERM')).toBe(0);
    rmSync(directory, { recursive: true });
  });
});
