// What is particular to publishing to WooCommerce and reading its statement, and that the simulator keeps to the limits
// and errors of the real one.
import { afterEach, describe, expect, it } from 'vitest';
import type { Update } from '../../../../adapters/channels/channel.ts';
import type { Identifiers } from '../../../../adapters/channels/identifiers.ts';
import { wooCommerceVendor } from '../../../../adapters/channels/woocommerce/woocommerce.ts';
import { startWooRig, type WooRig } from './rig.ts';

let rig: WooRig;
afterEach(() => rig.close());
const signal = () => AbortSignal.timeout(2_000);

function connectorFor(identifiers: Partial<Identifiers>) {
  const { vendorChannel } = rig;
  const connected = { ...vendorChannel, identifiers: { ...vendorChannel.identifiers, ...identifiers } };
  return wooCommerceVendor.connect(connected);
}
const batch = (updates: readonly Update[]) => ({ batchId: 'b', version: 1n, updates });

describe('publishing to WooCommerce', () => {
  it('puts products in one call and the variations of each parent in another', async () => {
    rig = await startWooRig();
    const skus = await rig.seed(6, 1);
    const { together } = rig.connector.declares;
    expect(together!(skus)).toEqual([skus[0], skus[1], skus[3], skus[4]]);
    expect(together!(skus.slice(2))).toEqual([skus[2], skus[5]]);
    const reply = await rig.connector.publish(batch(skus.map((sku) => ({ sku, units: 9 }))), signal());
    // Where nobody asked what goes together, the rest is simply for the next call.
    expect(reply.kind === 'answered' && [...reply.outcomes.values()].map(({ kind }) => kind).sort()).toEqual([
      ...['confirmed', 'confirmed', 'confirmed', 'confirmed', 'retryLater', 'retryLater'],
    ]);
    expect(rig.calls().map(({ path }) => path)).toEqual(['/wp-json/wc/v3/products/batch']);
  });

  it('refuses a mapping that cannot be, and one listing for two SKUs', async () => {
    rig = await startWooRig({ onlySimple: true });
    const [sku] = await rig.seed(1, 1);
    const id = String(rig.idOf(sku!));
    const connector = connectorFor({
      ofSku: (one) => (one === 'BAD' ? { id: 'gid-7' } : one === 'ORPHAN' ? { id, more: { parent: 'x' } } : { id }),
    });
    const updates = ['A', 'TWIN', 'BAD', 'ORPHAN'].map((one) => ({ sku: one, units: 4 }));
    const reply = await connector.publish(batch(updates), signal());
    expect(reply.kind === 'answered' && Object.fromEntries(reply.outcomes)).toEqual({
      A: { kind: 'confirmed' },
      TWIN: { kind: 'refused', reason: expect.stringMatching(/is also A/) },
      BAD: { kind: 'refused', reason: expect.stringMatching(/gid-7.*no product id/) },
      ORPHAN: { kind: 'refused', reason: expect.stringMatching(/no product id/) },
    });
  });

  it('begins to count a product that the shop did not count', async () => {
    rig = await startWooRig({ onlySimple: true });
    const [sku] = await rig.seed(1, 1);
    rig.simulator.shop.products.get(rig.idOf(sku!))!.manageStock = false;
    await rig.connector.publish(batch([{ sku: sku!, units: 4 }]), signal());
    expect(rig.simulator.shop.products.get(rig.idOf(sku!))).toMatchObject({ manageStock: true, stock: 4 });
  });

  it('does not take an answer with another number for a confirmation', async () => {
    rig = await startWooRig({ onlySimple: true });
    const [sku] = await rig.seed(1, 1);
    const body = JSON.stringify({ update: [{ id: rig.idOf(sku!), manage_stock: true, stock_quantity: 3 }] });
    rig.setFaults({ kind: 'answer', answer: { body } });
    const reply = await rig.connector.publish(batch([{ sku: sku!, units: 4 }]), signal());
    expect(reply).toMatchObject({ kind: 'answered' });
    expect(reply.kind === 'answered' && reply.outcomes.get(sku!)).toMatchObject({ kind: 'unknown', reason: /shows 3/ });
  });
});

describe('the statement of WooCommerce', () => {
  it('has only what is counted and mapped, and nothing below zero', async () => {
    rig = await startWooRig();
    const { shop } = rig.simulator;
    const [backorder, uncounted, variation, product] = await rig.seed(4, 6);
    shop.setStock(rig.idOf(backorder!), -2);
    shop.products.get(rig.idOf(uncounted!))!.manageStock = false;
    shop.addProduct(9);
    const rows: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await rig.connector.readStatement!(cursor, signal());
      if (page.kind !== 'page') throw new Error(page.reason);
      rows.push(...page.rows.map(({ sku, units }) => [sku, units]));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(rows).toEqual([
      [backorder, 0],
      [product, 6],
      [variation, 6],
    ]);
  });

  it('does not ask for variations where there are none, nor for a cursor that is none', async () => {
    rig = await startWooRig({ onlySimple: true });
    rig.simulator.shop.products.forEach(({ id, type }) => {
      if (type === 'variable') (rig.simulator.shop.products as Map<number, unknown>).delete(id);
    });
    await rig.seed(1, 1);
    expect(await rig.connector.readStatement!(undefined, signal())).toMatchObject({ kind: 'page', next: undefined });
    expect(await rig.connector.readStatement!('elsewhere', signal())).toMatchObject({ kind: 'malformed' });
  });
});

describe('the simulated shop', () => {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${rig.vendorChannel.connector.url}/wp-json/wc/v3${path}`, {
      ...init,
      headers: { authorization: `Basic ${rig.secrets.at(-1)}`, ...init.headers },
    });
  const post = (path: string, body: unknown) => ask(path, { method: 'POST', body: JSON.stringify(body) });

  it('refuses as the real one does', async () => {
    rig = await startWooRig();
    const [, , variation] = await rig.seed(3, 1);
    const id = rig.idOf(variation!);
    const items = (count: number) => ({ update: Array.from({ length: count }, () => ({ id })) });
    expect((await ask('/orders', { headers: { authorization: 'Basic bm8=' } })).status).toBe(401);
    expect((await ask('/orders?per_page=101')).status).toBe(400);
    expect((await ask('/nothing')).status).toBe(404);
    expect((await post('/products/batch', items(101))).status).toBe(413);
    expect((await post('/products/batch', { update: 'x' })).status).toBe(400);
    expect(await (await post('/products/batch', items(1))).json()).toMatchObject({
      update: [{ id, error: { code: 'woocommerce_rest_invalid_product_id', data: { status: 404 } } }],
    });
    expect(await (await post('/products/12345/variations/batch', items(1))).json()).toMatchObject({
      update: [{ error: { code: 'woocommerce_rest_product_variation_invalid_id' } }],
    });
  });

  it('takes an order from its own stock, gives it back when it is cancelled, and sells no more than it shows', async () => {
    rig = await startWooRig({ onlySimple: true });
    const [sku] = await rig.seed(1, 3);
    const { shop } = rig.simulator;
    const lines = [{ product: rig.idOf(sku!), quantity: 2 }];
    const order = shop.order(lines)!;
    expect(rig.shown(sku!)).toBe(1);
    expect(shop.order(lines)).toBeUndefined();
    shop.setStatus(order.id, 'cancelled');
    expect(rig.shown(sku!)).toBe(3);
  });
});
