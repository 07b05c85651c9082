// Fault row 1, the whole product: `evenstock serve` is killed with SIGKILL at random instants while clients post over
// HTTP and write down what was acknowledged. Nothing acknowledged may be lost, and after the clients repeat all that
// was not, nothing may be there twice.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

const MAIN = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
const POLICY = new URL('../../../docs/examples/policy.json', import.meta.url).pathname;
const KILLS = 6;
const SKUS = 20;

interface Running {
  readonly url: string;
  readonly process: ChildProcess;
}

async function serve(directory: string): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      ...process.env,
      DATA_DIR: directory,
      PORT: '0',
      POLICY_FILE: POLICY,
      EVENSTOCK_INSECURE_NO_AUTH: '1',
      LOG_LEVEL: 'error',
      RATE_PER_SECOND: 'off',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return { url, process: child };
  }
  throw new Error('the server ended before it listened');
}

interface Sale {
  readonly id: string;
  readonly sku: string;
}

async function post(url: string, { id, sku }: Sale): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'sale',
        id,
        sku,
        location: 'store-001',
        quantity: 1,
        occurredAt: new Date().toISOString(),
      }),
      signal: AbortSignal.timeout(5_000),
    });
    return response.status === 200;
  } catch {
    return false;
  }
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
      server.process.kill('SIGKILL');
      await once(server.process, 'exit');
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
    server.process.kill('SIGTERM');
    expect((await once(server.process, 'exit'))[0]).toBe(0);
    rmSync(directory, { recursive: true });
  });
});
