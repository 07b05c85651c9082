// Nodes that are alike, as processes on one EventStoreDB: the marketplace is told by one of them at a time, and by another when
// that one is killed, stopped or leaves.
import { afterEach, expect, it } from 'vitest';
import { type ServedNode, type ServedNodes, serveNodes } from '../support/served-nodes.ts';

const LEASE_MS = 4_000;
const SKUS = ['A', 'B', 'C', 'D', 'E'];
/** The scripted server, three processes and a busy machine. */
const PATIENCE = { timeout: 40_000, interval: 100 };

let nodes: ServedNodes;
afterEach(() => nodes.close());

const shows = (sku: string) => nodes.marketplace.listings.get(sku)?.units;
const stateAt = async (node: ServedNode) => {
  const { publishing } = (await node.get('/v1/channels/marketplace/publishing')) as {
    publishing: { state: string; node?: string };
  };
  return publishing;
};
const receipt = (id: string, sku: string, quantity = 1) => ({
  ...{ type: 'receipt', id, sku, location: 'warehouse', quantity, occurredAt: new Date().toISOString() },
});

async function two(leaseMs = LEASE_MS): Promise<readonly [ServedNode, ServedNode]> {
  nodes = await serveNodes(leaseMs);
  const first = await nodes.start('first');
  expect(await first.post('/v1/commands', receipt('one', 'A'))).toBe(200);
  await expect.poll(() => shows('A'), PATIENCE).toBe(1);
  const second = await nodes.start('second');
  await expect.poll(async () => (await stateAt(second)).state, PATIENCE).toBe('elsewhere');
  return [first, second];
}

/** Receives through `node` until told to stop; resolves to the units of each SKU that were acknowledged. */
function load(node: ServedNode, name: string) {
  const sent = new Map(SKUS.map((sku) => [sku, 0]));
  let isOver = false;
  const run = async () => {
    for (let n = 0; !isOver; n += 1) {
      const sku = SKUS[n % SKUS.length]!;
      const status = await node.post('/v1/commands', receipt(`${name}-${n}`, sku)).catch(() => undefined);
      if (status === 200) sent.set(sku, sent.get(sku)! + 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return sent;
  };
  const done = run();
  return {
    stop() {
      isOver = true;
      return done;
    },
  };
}

const isPair = (text: string) => {
  const [shown, held] = JSON.parse(text) as [unknown, unknown];
  return JSON.stringify(shown) === JSON.stringify(held);
};

/** Every figure is shown, and nothing older came over anything newer. */
async function converged(node: ServedNode) {
  const onHand = async (sku: string) => (await node.get(`/v1/stock/${sku}/warehouse`))['onHand'];
  const all = (of: (sku: string) => unknown) => Promise.all(SKUS.map(of));
  await expect.poll(async () => JSON.stringify([await all(shows), await all(onHand)]), PATIENCE).toSatisfy(isPair);
  expect(nodes.marketplace.listings.violations).toBe(0);
}

it('kill -9 of the one that tells, under load: another goes on within a lease, and no update is lost', async () => {
  const [first, second] = await two();
  const traffic = load(second, 'before');
  await expect.poll(() => SKUS.every((sku) => (shows(sku) ?? 0) > 1), PATIENCE).toBe(true);
  first.signal('SIGKILL');
  const killedAt = performance.now();
  await first.ended;
  await expect.poll(async () => (await stateAt(second)).node, PATIENCE).toBe('second');
  await expect.poll(() => nodes.calls.some((at) => at > killedAt + 1_000), PATIENCE).toBe(true);
  const sent = await traffic.stop();
  await converged(second);
  for (const sku of SKUS) expect(shows(sku)).toBeGreaterThanOrEqual(sent.get(sku)!);
}, 120_000);

it('one that was stopped beyond its lease goes on as one that waits, and tells nothing over what was told since', async () => {
  const [first, second] = await two();
  await second.post('/v1/commands', receipt('two', 'A'));
  await expect.poll(() => shows('A'), PATIENCE).toBe(2);
  first.signal('SIGSTOP');
  const traffic = load(second, 'meanwhile');
  await expect.poll(async () => (await stateAt(second)).node, PATIENCE).toBe('second');
  await expect.poll(() => SKUS.every((sku) => (shows(sku) ?? 0) > 1), PATIENCE).toBe(true);
  first.signal('SIGCONT');
  await expect.poll(async () => (await stateAt(first)).state, PATIENCE).toBe('elsewhere');
  await traffic.stop();
  await converged(first);
  const { events } = (await second.get('/v1/channels/marketplace/publishing?limit=100')) as {
    events: { event: string; by?: string }[];
  };
  const turns = events.filter(({ event }) => event === 'PublishingStarted').map(({ by }) => by);
  expect(turns.reverse()).toEqual(['first', 'second'].slice(-turns.length));
}, 120_000);

it('one that leaves in order is followed at once', async () => {
  // Nobody here has the patience to wait for this lease.
  const [first, second] = await two(10 * PATIENCE.timeout);
  first.signal('SIGTERM');
  await first.ended;
  await second.post('/v1/commands', receipt('two', 'B', 3));
  await expect.poll(() => shows('B'), PATIENCE).toBe(3);
  expect((await stateAt(second)).node).toBe('second');
}, 120_000);
