// A marketplace that is away, over real HTTP: what policy says of it is done, holds over a restart, and ends with the outage.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../../domain/channel/policy.ts';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
beforeEach(async () => {
  product = await startProduct();
  await product.command({ type: 'receipt', quantity: 20 });
  await product.shows('A', 18);
});
afterEach(() => product.close());

async function decide(whenFailing: object): Promise<void> {
  const { document } = (await product.get('/v1/policy')).body as unknown as { document: PolicyDocument };
  const channels = document.channels.map((one) => (one.id === 'marketplace' ? { ...one, whenFailing } : one));
  const answer = await product.post('/v1/policy', {
    document: { ...document, version: 'test-2', channels },
    reason: 'r',
  });
  expect(answer.status).toBe(200);
}
/** Retry-After: the breaker would open after five failures, and then only a probe every 30 s shows that it is back. */
const outage = () => product.marketplace.setFaults({ kind: 'unavailable', retryAfter: '1' });
const lowered = async () => (await product.get('/v1/policy')).body['lowered'];
const units = async (channel: string) => (await product.get(`/v1/availability/${channel}/A`)).body['units'];

describe('a channel that takes nothing', () => {
  it('shows less by policy until it answers again, also over a restart; others are not concerned', async () => {
    await decide({ decision: 'lower', afterMinutes: 0.02, units: 5, percentage: 50 });
    outage();
    await product.command({ type: 'sale', quantity: 2 });
    await expect.poll(lowered, { timeout: 10_000 }).toEqual(['marketplace']);
    // ⌊18 × 50 %⌋ − (2 + 5), in place of 18 − 2.
    expect([await units('marketplace'), await units('webshop')]).toEqual([2, 18]);
    const why = await product.get('/v1/availability/marketplace/A/explain');
    expect(why.body).toMatchObject({
      policyVersion: 'test-2 (lowered: marketplace)',
      pool: 18,
      terms: { percentage: 50, buffer: 7 },
    });
    const state = (await product.get('/v1/channels/marketplace')).body['publishing'] as { failing: string };
    expect(state.failing).toMatch(/^it has taken nothing for \d+ s$/);
    product = await product.restart();
    expect([await lowered(), await units('marketplace')]).toEqual([['marketplace'], 2]);
    product.marketplace.setFaults({ kind: 'none' });
    await product.shows('A', 16);
    expect(await lowered()).toEqual([]);
    const history = (await product.get('/v1/policy/history')).body['lowerings'];
    expect(history).toMatchObject([{ channel: 'marketplace', from: expect.any(String), to: expect.any(String) }]);
  });

  it('is only tried again, when policy says no more', async () => {
    await decide({ decision: 'retry', afterMinutes: 0.02 });
    outage();
    await product.command({ type: 'sale', quantity: 2 });
    const { failingChannels } = product.evenstock.running.processes;
    await expect.poll(() => failingChannels.whyFailing('marketplace'), { timeout: 10_000 }).toBeDefined();
    expect([await lowered(), await units('marketplace')]).toEqual([[], 16]);
    product.marketplace.setFaults({ kind: 'none' });
    await product.shows('A', 16);
    await expect.poll(() => failingChannels.whyFailing('marketplace'), { timeout: 10_000 }).toBeUndefined();
  });
});
