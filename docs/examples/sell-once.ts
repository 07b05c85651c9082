// node docs/examples/sell-once.ts <url>, with EVENSTOCK_KEY: two checkouts want the last unit, by the typed client. See docs/client.md.
import { randomUUID } from 'node:crypto';
import { createClient } from '../../server/client/client.ts';
import { EvenstockProblem } from '../../server/client/problem.ts';

const client = createClient({ url: process.argv[2] ?? 'http://127.0.0.1:8080', key: process.env['EVENSTOCK_KEY'] });
const sku = `LAST-${randomUUID().slice(0, 8)}`;

const received = await client.post(
  '/v1/commands',
  {},
  {
    ...{ type: 'receipt', id: randomUUID(), sku, location: 'warehouse', quantity: 1 },
    occurredAt: new Date().toISOString(),
  },
);
console.log(`${received.event}: ${received.stock.onHand} on hand`);

async function checkout(orderId: string): Promise<string> {
  try {
    const { order } = await client.post(
      '/v1/orders',
      {},
      {
        ...{ id: `${orderId}:place`, orderId, channel: 'webshop', kind: 'request', lines: [{ sku, quantity: 1 }] },
      },
    );
    return order.status;
  } catch (error) {
    if (error instanceof EvenstockProblem && error.reason === 'insufficient-available') return 'sold out';
    throw error;
  }
}
console.log((await Promise.all([checkout(`a-${sku}`), checkout(`b-${sku}`)])).sort().join(' · '));

const why = await client.get('/v1/availability/{channel}/{sku}/explain', { channel: 'webshop', sku });
for (const { location, levels, units } of why.locations)
  console.log(`${location}: ${levels.onHand} on hand, ${levels.reserved} reserved, ${units} to sell`);
