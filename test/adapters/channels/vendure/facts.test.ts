// What the adapter takes for granted about Vendure, seen on a real one: how it counts, what it refuses, what it says of an
// order. If a new version changes this, the adapter is wrong and this says where.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buy, buyerAt } from '../../../support/vendure/buyer.ts';
import { type Clerk, clerkAt } from '../../../support/vendure/clerk.ts';
import {
  HOW_TO_INSTALL_VENDURE,
  STARTS_MS,
  startVendure,
  type Vendure,
  vendureIsThere,
} from '../../../support/vendure/vendure.ts';

describe('a real Vendure', () => {
  if (!vendureIsThere) return it.skip(HOW_TO_INSTALL_VENDURE, () => undefined);
  let shop: Vendure;
  let clerk: Clerk;
  const variant = (sku: string) => shop.variants[sku]!;

  beforeAll(async () => {
    const skus = ['SOLD', 'LAST', 'RACE', 'BACK', 'MIXED'];
    shop = await startVendure({ variants: skus.map((sku) => ({ sku, onHand: 5 })) });
    clerk = await clerkAt(shop.url);
  }, STARTS_MS);
  afterAll(() => shop?.close());

  it('allocates what is paid or authorised, and counts it off on-hand when a parcel is made', async () => {
    const order = await buy(shop.url, { [variant('SOLD')]: 2 }, 'authorised');
    expect(await clerk.level(variant('SOLD'))).toMatchObject({ stockOnHand: 5, stockAllocated: 2 });
    await clerk.ask('mutation ($id: ID!) { settlePayment(id: $id) { __typename } }', {
      id: await paymentOf(clerk, order),
    });
    await clerk.ship(order, { [variant('SOLD')]: 1 });
    expect(await clerk.level(variant('SOLD'))).toMatchObject({ stockOnHand: 4, stockAllocated: 1 });
    expect(await clerk.state(order)).toBe('PartiallyShipped');
  });

  it('does not sell more than on-hand − allocated, in the basket and at the checkout', async () => {
    const [first, second] = [buyerAt(shop.url), buyerAt(shop.url)];
    await first.add(variant('LAST'), 5);
    await second.add(variant('LAST'), 1);
    await first.checkOut();
    await first.pay();
    await expect(second.checkOut()).rejects.toThrow(/insufficient stock/i);
    await expect(buyerAt(shop.url).add(variant('LAST'), 1)).rejects.toThrow('INSUFFICIENT_STOCK_ERROR');
  });

  it('takes one bad variant of a batch for all of it, and applies nothing', async () => {
    const set = (id: string) => `{id: "${id}", stockLevels: [{stockLocationId: "1", stockOnHand: 77}]}`;
    const query = `mutation { updateProductVariants(input: [${set(variant('RACE'))}, ${set('9999')}]) { id } }`;
    await expect(clerk.ask(query)).rejects.toThrow('9999');
    expect((await clerk.level(variant('RACE'))).stockOnHand).toBe(5);
  });

  it('gives units that are cancelled back to sale: those not sent yet, and those that were', async () => {
    const order = await buy(shop.url, { [variant('BACK')]: 4 });
    await clerk.cancel(order, { [variant('BACK')]: 1 });
    expect(await clerk.sellable(variant('BACK'))).toBe(2);
    await clerk.ship(order, { [variant('BACK')]: 3 });
    expect(await clerk.sellable(variant('BACK'))).toBe(2);
    await clerk.cancel(order, { [variant('BACK')]: 1 });
    expect(await clerk.sellable(variant('BACK'))).toBe(3);
  });

  it('gives one unit back twice when it is cancelled from a line that is partly sent: our figure has to mend it', async () => {
    const order = await buy(shop.url, { [variant('MIXED')]: 2 });
    await clerk.ship(order, { [variant('MIXED')]: 1 });
    await clerk.cancel(order, { [variant('MIXED')]: 1 });
    expect(await clerk.sellable(variant('MIXED'))).toBe(5);
  });
});

async function paymentOf(clerk: Clerk, order: string): Promise<string> {
  const query = 'query ($order: ID!) { order(id: $order) { payments { id } } }';
  return (await clerk.ask<{ order: { payments: readonly { id: string }[] } }>(query, { order })).order.payments[0]!.id;
}
