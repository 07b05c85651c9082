// Two nodes on one event log: both take commands, one is to serve only (NODE_ROLE). Nodes that are alike: nodes.test.ts.
// Seen failing on a planted bug: the second node tells channels too.
import { expect, it } from 'vitest';
import { startEventStoreDb } from '../support/eventstoredb/server.ts';
import { type ServedProduct, serveProduct } from '../support/served-product.ts';
import { eventually, fields, opened } from './support/observed-product.ts';

async function nodes(): Promise<readonly [ServedProduct, ServedProduct]> {
  const server = await startEventStoreDb();
  opened.push(() => server.stop());
  const EVENT_LOG = server.connectionString.replace(/^esdb/, 'eventstoredb');
  const first = await serveProduct({ env: { EVENT_LOG } });
  opened.push(() => first.stop());
  // Its policy is that of the log.
  const second = await serveProduct({ env: { EVENT_LOG, NODE_ROLE: 'api', POLICY_FILE: '' } });
  opened.push(() => second.stop());
  return [first, second];
}

it('what the one that only serves takes is told by the other', async () => {
  const [first, second] = await nodes();
  expect((await second.post('/v1/commands', fields({ quantity: 7 }))).status).toBe(200);
  await eventually(() => expect(first.marketplace.listings.get('A')?.units).toBe(7));
  expect((await first.post('/v1/commands', fields({ type: 'sale', quantity: 2 }))).body).toMatchObject({ revision: 1 });
  await eventually(() => expect(first.marketplace.listings.get('A')?.units).toBe(5));
  const stock = async (node: ServedProduct) => (await node.get('/v1/stock/A/warehouse')).body['onHand'];
  await expect.poll(async () => [await stock(first), await stock(second)], { timeout: 10_000 }).toEqual([5, 5]);
  const { events } = (await first.get('/v1/events?limit=500')).body as { events: { type: string }[] };
  expect(events.filter(({ type }) => type === 'PublishingStarted')).toHaveLength(1);
});
