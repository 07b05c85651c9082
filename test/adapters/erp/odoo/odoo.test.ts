// The Odoo adapter takes the contract of every ERP, against a simulator of the documented calls: no real Odoo was run.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import { connectOdoo } from '../../../../adapters/erp/odoo/odoo.ts';
import { systemClock } from '../../../../adapters/platform.ts';
import { ErpPolicy } from '../../../../domain/erp/policy.ts';
import { aMovement, erpContract } from '../../../contracts/erp.ts';
import { faultProxy } from '../../../support/fault-proxy.ts';
import { type SimulatedOdoo, simulateOdoo } from './simulated-odoo.ts';

const PASSWORD = 'an api key of the tests';
const never = new AbortController().signal;

async function serve(answer: SimulatedOdoo['answer']) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer(JSON.parse(Buffer.concat(chunks).toString()))));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}`, close };
}

const simulate = () =>
  simulateOdoo({
    ...{ user: 'evenstock', password: PASSWORD, now: Date.now },
    ...{ skus: ['A', 'B', 'C', 'D', 'E'], warehouses: ['store-1', 'store-2'] },
  });
const connect = (url: string, password = PASSWORD) =>
  connectOdoo({
    policy: ErpPolicy.parse({ id: 'books', type: 'odoo', url, database: 'shop', user: 'evenstock', secretEnv: 'ERP' }),
    secret: () => password,
    identifiers: sameIdentifiers,
    clock: systemClock,
  });

erpContract('Odoo (simulated)', async () => {
  const odoo = simulate();
  const server = await serve(odoo.answer);
  const proxy = await faultProxy(server);
  return {
    erp: connect(proxy.url),
    stranger: connect(proxy.url, 'not-the-password-of-anybody'),
    onHand: async (sku, location) => odoo.onHand(sku, location),
    receive: async (sku, location, quantity) => odoo.receive(sku, location, quantity),
    count: async (sku, location, counted) => odoo.count(sku, location, counted),
    lose: (what) => proxy.next('button_validate', what === 'call' ? 'lost-before' : 'lost-after'),
    ...{ down: proxy.down, up: proxy.up },
    async close() {
      await proxy.close();
      await server.close();
    },
  };
});

describe('Odoo, its own', () => {
  it.each([
    ['psycopg2.errors.SerializationFailure', 'retryLater'],
    ['odoo.exceptions.AccessError', 'denied'],
    ['odoo.exceptions.UserError', 'refused'],
  ])('%s when transfers are validated is %s, and nothing is left of the call', async (name, kind) => {
    const odoo = simulate();
    let isFailing = true;
    const server = await serve((body) => {
      if (!isFailing || !JSON.stringify(body).includes('button_validate')) return odoo.answer(body);
      return {
        jsonrpc: '2.0',
        id: 1,
        error: { code: 200, message: 'Odoo Server Error', data: { name, message: 'planted' } },
      };
    });
    const erp = connect(server.url);
    const movement = aMovement('found', 'A', 3);
    expect(await erp.post([movement], never)).toMatchObject({ kind });
    isFailing = false;
    expect(await erp.lookUp([movement.reference], never)).toEqual({ kind: 'found', ids: new Map() });
    expect(await erp.post([movement], never)).toMatchObject({ kind: 'confirmed' });
    expect(odoo.onHand('A', 'store-1')).toBe(3);
    await server.close();
  });
});
