// Simulated Amazon itself: what buyers do at it, what it makes of garbage, and that it applies what it accepted in order.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AmazonRig, batchOf, connect, live, startRig } from '../../../support/amazon/rig.ts';

let rig: AmazonRig;
beforeEach(async () => {
  rig = await startRig({ applyMs: 1_000, feedMs: 60_000 });
  rig.simulator.listings.list('TEE', 5);
});
afterEach(() => rig.close());

const send = async (method: string, path: string, body?: string) => {
  const response = await fetch(`${rig.url}${path}`, { method, ...(body === undefined ? {} : { body }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('the shop', () => {
  it('sells what is shown and no more, ships and cancels', async () => {
    const bought = await send('POST', '/admin/buy', '{"sku":"TEE","quantity":3}');
    expect(bought).toMatchObject({ status: 201, body: { status: 'UNSHIPPED' } });
    expect((await send('POST', '/admin/buy', '{"sku":"TEE","quantity":3}')).status).toBe(409);
    expect((await send('GET', '/admin/listings')).body).toEqual({ listings: [{ sku: 'TEE', units: 2 }] });
    const id = String(bought.body['id']);
    expect(await send('POST', `/admin/orders/${id}/ship`)).toMatchObject({ body: { status: 'SHIPPED' } });
    expect(await send('POST', `/admin/orders/${id}/cancel`)).toMatchObject({ body: { status: 'CANCELLED' } });
    expect((await send('GET', '/admin/orders')).body['orders']).toHaveLength(1);
  });

  it.each([
    ['POST', '/admin/buy', '{"sku":"TEE","quantity":0}', 400],
    ['POST', '/admin/buy', 'two, please', 400],
    ['POST', '/admin/orders/306-9/ship', undefined, 404],
  ])('%s %s %s is answered %i', async (method, path, body, status) => {
    expect((await send(method, path, body)).status).toBe(status);
  });
});

describe('the API', () => {
  it('wants a token', async () => {
    const { status, body } = await send(
      'GET',
      '/listings/2021-08-01/items/A3TH9S8BH6GOGM?marketplaceIds=A1PA6795UKMFR9',
    );
    expect(status).toBe(403);
    expect(body).toMatchObject({ errors: [{ code: 'Unauthorized' }] });
  });

  it.each([
    ['PATCH', '/listings/2021-08-01/items/A3TH9S8BH6GOGM/TEE?marketplaceIds=A1PA6795UKMFR9'],
    ['POST', '/feeds/2021-06-30/documents'],
    ['POST', '/feeds/2021-06-30/feeds'],
    ['POST', '/externalFulfillment/inventory/2024-09-11/inventories'],
  ])('answers garbage to %s %s with InvalidInput', async (method, path) => {
    await connect(rig).readBack!(['TEE'], live());
    const token = rig.simulator.tokens.issued.at(-1)!;
    for (const body of ['', 'null', '{', '[]', '{"patches":[]}', '{"requests":[{}]}']) {
      const response = await fetch(`${rig.url}${path}`, { method, body, headers: { 'x-amz-access-token': token } });
      expect(response.status, body).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ code: 'InvalidInput' }] });
    }
  });

  it('applies what it accepted in the order of time, whichever way it came', async () => {
    const amazon = connect(rig);
    await amazon.publishBulk!(batchOf({ TEE: 7 }), live());
    rig.time.now += 30_000;
    await amazon.publish(batchOf({ TEE: 8 }), live());
    rig.time.now += 1_000;
    expect(rig.simulator.listings.shown('TEE')).toBe(8);
    // A feed that is slower than a patch brings its older value back: that is what read-back is for.
    rig.time.now += 60_000;
    expect(rig.simulator.listings.shown('TEE')).toBe(7);
  });
});
