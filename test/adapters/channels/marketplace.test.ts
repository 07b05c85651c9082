// The marketplace simulator: as a server with publishing against it (fault row 17 as a whole), and as a process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpChannel } from '../../../adapters/channels/http.ts';
import { type RunningMarketplace, startMarketplace } from '../../../adapters/channels/marketplace-simulator/server.ts';
import { sign } from '../../../adapters/channels/signature.ts';
import type { FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { startPublishing } from '../../../adapters/publishing/publisher.ts';
import { systemTimers } from '../../../adapters/publishing/timers.ts';
import { channelPolicy, createWorld, policyOf, seeded } from '../../support/marketplace/world.ts';

const SECRET = 'a-secret-of-the-tests';
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function aMarketplace(
  options: Partial<Parameters<typeof startMarketplace>[0]> = {},
): Promise<RunningMarketplace> {
  const marketplace = await startMarketplace({ secrets: [SECRET], ...options });
  opened.push(marketplace);
  return marketplace;
}

const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) });

describe('marketplace simulator', () => {
  // Planted: taking an error inside a 200 for a confirmation leaves figures that were never applied.
  it('shows the right figures once its faults have stopped, whatever they were', async () => {
    const marketplace = await aMarketplace({ ratePerSecond: 200, burst: 20, random: seeded(17) });
    const world = await createWorld(3);
    for (let n = 0; n < 40; n += 1) await world.set('shop', `S-${n}`, 1);
    const policy = channelPolicy('shop', { ratePerSecond: 150, burst: 10, batchSize: 10, timeoutMs: 150 });
    const connector = { ...policy.connector!, url: `${marketplace.url}/availability` };
    // The read models follow in real time here: `waitFor` of the world sleeps in virtual time, so keep it moving.
    const moving = setInterval(() => void world.time.advance(5), 5);
    const publishing = startPublishing({
      ...world.readModel(),
      log: world.log,
      policy: policyOf([policy]),
      connect: () => createHttpChannel({ channel: 'shop', connector, secret: SECRET, clock: systemClock }),
      clock: systemClock,
      timers: systemTimers,
      random: () => 0.2,
      hashes: systemHashes,
    });
    opened.push({ close: () => publishing.close(200) }, { close: () => clearInterval(moving) }, { close: world.end });
    const faults: FaultsJson[] = [
      { kind: 'throttle', share: 0.5, retryAfter: '0' },
      { kind: 'unavailable', share: 0.5, retryAfter: '0' },
      { kind: 'reset', share: 0.5 },
      { kind: 'half-answer', share: 0.5 },
      { kind: 'invalid-json', share: 0.5 },
      { kind: 'errors-inside' },
      { kind: 'timeout-after-success', share: 0.3 },
      { kind: 'late', share: 0.5, lateMs: 120 },
    ];
    for (const [round, fault] of faults.entries()) {
      marketplace.setFaults(fault);
      for (let n = 0; n < 40; n += 3) await world.set('shop', `S-${(n * 7 + round) % 40}`, round + n);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    marketplace.setFaults({});
    const shown = () => Object.fromEntries([...marketplace.listings.entries()].map(([sku, { units }]) => [sku, units]));
    await expect.poll(() => publishing.status('shop'), { timeout: 15_000 }).toMatchObject({ backlog: 0, inFlight: 0 });
    await expect.poll(shown, { timeout: 2_000 }).toEqual(Object.fromEntries(world.figures('shop')));
    expect(marketplace.listings.violations).toBe(0);
    expect(marketplace.statistics.calls).toBeGreaterThan(10);
  });

  it('sells what it shows, no more, and lists its orders', async () => {
    const marketplace = await aMarketplace();
    marketplace.listings.apply('A', 3, 5n, 0);
    expect((await post(`${marketplace.url}/orders`, { sku: 'A', units: 2 })).status).toBe(201);
    expect((await post(`${marketplace.url}/orders`, { sku: 'A', units: 2 })).status).toBe(409);
    expect((await post(`${marketplace.url}/orders`, { sku: 'A', units: 0 })).status).toBe(400);
    const { orders } = (await (await fetch(`${marketplace.url}/orders?after=0`)).json()) as { orders: unknown[] };
    expect(orders).toMatchObject([{ number: 1, sku: 'A', units: 2 }]);
    expect(marketplace.listings.get('A')?.units).toBe(1);
  });

  it('refuses what is not signed, not JSON or not as agreed', async () => {
    const marketplace = await aMarketplace();
    const url = `${marketplace.url}/availability`;
    const signed = (body: string) => {
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = { 'evenstock-timestamp': timestamp, 'evenstock-signature': sign(SECRET, timestamp, body) };
      return fetch(url, { method: 'POST', body, headers });
    };
    expect((await post(url, {})).status).toBe(401);
    expect((await signed('{')).status).toBe(400);
    expect(
      (await signed('{"channel":"shop","batchId":"b","updates":[{"sku":"A","units":-1,"version":"1"}]}')).status,
    ).toBe(400);
    expect((await fetch(`${marketplace.url}/admin/faults`, { method: 'PUT', body: '{"kind":"fire"}' })).status).toBe(
      400,
    );
  });

  it('limits its rate', async () => {
    const marketplace = await aMarketplace({ ratePerSecond: 0.1, burst: 2 });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await post(`${marketplace.url}/availability`, {})).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
  });

  it('runs as a process, with its page, and ends when told', async () => {
    const child = spawn(
      process.execPath,
      ['adapters/channels/marketplace-simulator/main.ts', '--port', '0', '--name', 'Bazaar <1>'],
      { env: { ...process.env, MARKETPLACE_SECRETS: SECRET }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    opened.push({ close: () => child.kill('SIGKILL') });
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(first.toString())![0];
    const text = await (await fetch(url)).text();
    expect(text).toContain('<h1>Bazaar 1</h1>');
    await fetch(`${url}/admin/faults`, { method: 'PUT', body: '{"kind":"throttle"}' });
    expect((await post(`${url}/availability`, {})).status).toBe(429);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says what is wrong with its arguments', async () => {
    const child = spawn(process.execPath, ['adapters/channels/marketplace-simulator/main.ts', '--rate', 'fast'], {
      env: { ...process.env, MARKETPLACE_SECRETS: SECRET },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [message] = (await once(child.stderr, 'data')) as [Buffer];
    expect(message.toString()).toMatch(/--rate must be a number/);
    expect(await once(child, 'exit')).toEqual([64, null]);
  });
});
