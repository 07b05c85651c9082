// The judge that holds requests and answers to Amazon's models sees what is wrong in either; every operation of the adapter
// passes it, with every documented refusal.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAmazonSimulator, SIMULATED_SELLER } from '../../../../adapters/channels/amazon/simulator/app.ts';
import { orderChange } from '../../../../adapters/channels/amazon/simulator/notifications.ts';
import { hasModels, judge } from '../../../support/amazon/models.ts';
import { type AmazonRig, batchOf, connect, inboundOf, live, startRig } from '../../../support/amazon/rig.ts';

describe.skipIf(!hasModels)('the judge', () => {
  const credentials = { clientId: 'a', clientSecret: 'b', refreshToken: 'c' };
  const base = 'http://amazon.test/listings/2021-08-01/items';

  it('sees a request that does not keep to the model', async () => {
    const { fetch, violations } = await judge(createAmazonSimulator({ credentials }).app);
    const patch = (path: string, body: object) =>
      fetch(
        new Request(`${base}/A/B${path}`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
    const value = [{ quantity: 1 }];
    await patch('?marketplaceIds=X', { productType: 'P', patches: [{ op: 'replace', path: '/x', value }] });
    expect(violations).toEqual([]);
    await patch('', { productType: 'P', patches: [{ op: 'replace', path: '/x', value }] });
    expect(violations.splice(0)).toEqual([expect.stringContaining('marketplaceIds')]);
    await patch('?marketplaceIds=X&market=Y', { productType: 'P', patches: [{ op: 'replace', path: '/x', value }] });
    expect(violations.splice(0)).toEqual(['patchListingsItem: request /query must NOT have additional properties']);
    await patch('?marketplaceIds=X', { productType: 'P', patches: [{ op: 'test', path: '/x', value }] });
    expect(violations.splice(0)).toEqual([expect.stringContaining('op must be equal to one of the allowed values')]);
    await patch('?marketplaceIds=X', { productType: 'P', patches: [{ op: 'replace', path: '/x', values: value }] });
    expect(violations.splice(0)).toEqual([expect.stringContaining('must NOT have additional properties')]);
  });

  it('sees an answer that does not keep to the model', async () => {
    const { app, misbehaving } = createAmazonSimulator({ credentials });
    const { fetch, violations } = await judge(app);
    const get = () => fetch(new Request(`${base}/A/B?marketplaceIds=X`));
    misbehaving.setFaults({ kind: 'answer', answer: { status: 418, body: '{}' } });
    await get();
    expect(violations.splice(0)).toEqual(['getListingsItem: answer 418 is none of its answers']);
    misbehaving.setFaults({ kind: 'answer', answer: { body: '{"sku":7}' } });
    await get();
    expect(violations.splice(0)).toEqual([expect.stringContaining('/sku must be string')]);
    misbehaving.setFaults({ kind: 'answer', answer: { body: '{"sku":"7","units":1}' } });
    await get();
    expect(violations.splice(0)).toEqual([expect.stringContaining('must NOT have additional properties')]);
  });
});

describe.skipIf(!hasModels)('every operation', () => {
  let rig: AmazonRig;
  beforeEach(async () => {
    rig = await startRig({ speed: 1_000_000 });
    rig.simulator.listings.list('TEE', 9);
    rig.simulator.listings.list('a,b', 9);
  });
  afterEach(() => rig.close());

  async function callAll(): Promise<void> {
    const listings = connect(rig);
    const locations = connect(rig, { settings: { api: 'external-fulfillment' } });
    const inbound = inboundOf(rig, {
      settings: { orders: 'poll-and-notifications', ordersFrom: '2026-11-23T00:00:00Z' },
    });
    await listings.publish(batchOf({ TEE: 3 }), live());
    await listings.publishBulk!(batchOf({ TEE: 4, GONE: 1 }), live());
    rig.time.now += 60_000;
    await listings.readBack!(['TEE', 'a,b', 'GONE'], live());
    await listings.readStatement!(undefined, live());
    await locations.publish(batchOf({ TEE: 3, GONE: 1 }), live());
    await locations.readBack!(['TEE', 'GONE'], live());
    await inbound.poll!.read(undefined, live());
    const [order] = rig.simulator.orders.all;
    if (order === undefined) return;
    const rawBody = new TextEncoder().encode(JSON.stringify(orderChange(order, SIMULATED_SELLER, rig.time.now)));
    await inbound.webhook!.translate({ rawBody, headers: new Headers(), url: '' }, live());
  }

  it('keeps to its model, in what it is asked and in what it answers', async () => {
    const order = rig.simulator.buy('TEE', 2)!;
    rig.simulator.buy('TEE', 1);
    rig.simulator.orders.ship(order.id);
    await callAll();
    expect(rig.judge!.violations).toEqual([]);
    expect([...rig.judge!.operations.keys()].sort()).toEqual([
      'batchInventory',
      'createFeed',
      'createFeedDocument',
      'getFeed',
      'getFeedDocument',
      'getListingsItem',
      'getOrder',
      'patchListingsItem',
      'searchListingsItems',
      'searchOrders',
    ]);
  });

  it.each(['throttle', 'unavailable', 'error', 'unauthorised'] as const)(
    'keeps to its model when it refuses: %s',
    async (kind) => {
      rig.simulator.misbehaving.setFaults({ kind });
      await callAll();
      expect(rig.judge!.violations).toEqual([]);
    },
  );
});
