// An order of eBay's as commands: whole at every reading, under ids of eBay's own.
import { describe, expect, it } from 'vitest';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import { aShop, commandsOf, page } from '../../../support/ebay/shop.ts';
import type { EbayWorldOptions } from '../../../support/ebay/world.ts';

describe("eBay's order as commands", () => {
  it('is placed as a commitment, lines of one SKU together', async () => {
    const shop = await aShop();
    const order = shop.ebay.orders.buy([
      { sku: 'A', quantity: 2 },
      { sku: 'B', quantity: 1 },
      { sku: 'A', quantity: 3 },
    ])!;
    const { messages } = await page(shop);
    expect(messages.map(commandsOf)).toEqual([
      [
        {
          orderId: `ebay-de-${order.orderId}`,
          type: 'place',
          id: `ebay-de:${order.orderId}:place`,
          kind: 'commitment',
          flow: { type: 'ship' },
          lines: [
            { sku: 'A', quantity: 5 },
            { sku: 'B', quantity: 1 },
          ],
        },
      ],
    ]);
  });

  it('tells each parcel by its own id, then the cancellation of the rest', async () => {
    const shop = await aShop();
    const { orderId } = shop.ebay.orders.buy([{ sku: 'A', quantity: 5 }])!;
    const shipped = shop.time.now + 60_000;
    shop.time.now = shipped;
    shop.ebay.orders.ship(orderId, [{ sku: 'A', quantity: 2 }]);
    shop.time.now += 60_000;
    shop.ebay.orders.cancel(orderId);
    const commands = commandsOf((await page(shop)).messages[0]!);
    expect(commands.slice(1)).toMatchObject([
      {
        type: 'fulfil',
        id: `ebay-de:${orderId}:fulfil:9400001`,
        occurredAt: shipped,
        units: [{ sku: 'A', quantity: 2 }],
      },
      { type: 'cancel', id: `ebay-de:${orderId}:cancel` },
    ]);
  });

  it('says the same again at the next reading, and more when more happened', async () => {
    const shop = await aShop();
    const { orderId } = shop.ebay.orders.buy([{ sku: 'A', quantity: 2 }])!;
    const first = await page(shop);
    const again = await page(shop, first.watermark);
    expect(again.messages).toEqual(first.messages);
    shop.time.now += 1_000;
    shop.ebay.orders.ship(orderId);
    const more = commandsOf((await page(shop, again.watermark)).messages[0]!);
    expect(more.map(({ id }) => id)).toEqual([`ebay-de:${orderId}:place`, `ebay-de:${orderId}:fulfil:9400001`]);
  });

  it('takes an order that is marked as shipped without a parcel for shipped, line by line', async () => {
    const order = anOrder({ orderFulfillmentStatus: 'FULFILLED' }, { lineItemFulfillmentStatus: 'FULFILLED' });
    // The same answer for its shipments: there are none.
    const body = JSON.stringify({ total: 1, orders: [order], fulfillments: [] });
    const shop = await aShop({ faults: { kind: 'answer', answer: { body } } });
    const commands = commandsOf((await page(shop)).messages[0]!);
    expect(commands[1]).toMatchObject({
      type: 'fulfil',
      id: 'ebay-de:27-1:fulfil:line-l-1',
      units: [{ sku: 'A', quantity: 1 }],
    });
  });

  it('moves nothing for a refund', async () => {
    const shop = await aShop();
    const { orderId } = shop.ebay.orders.buy([{ sku: 'A', quantity: 2 }])!;
    shop.ebay.orders.refund(orderId);
    expect(commandsOf((await page(shop)).messages[0]!).map(({ type }) => type)).toEqual(['place']);
  });

  it('is collected in the store that eBay names', async () => {
    const pickup = (merchantLocationKey: string) => ({
      fulfillmentStartInstructions: [
        { fulfillmentInstructionsType: 'PREPARE_FOR_PICKUP', pickupStep: { merchantLocationKey } },
      ],
    });
    const identifiers = { ...sameIdentifiers, locationOf: (id: string) => (id === 'BERLIN' ? 'store-001' : undefined) };
    const meaning = async (order: object, options: EbayWorldOptions = {}) => {
      const shop = await aShop({
        ...options,
        faults: { kind: 'answer', answer: { body: JSON.stringify({ total: 1, orders: [order] }) } },
      });
      return (await page(shop)).messages[0]!.meaning;
    };
    expect(await meaning(anOrder(pickup('BERLIN')), { identifiers })).toMatchObject({
      commands: [{ command: { type: 'place', flow: { type: 'click-and-collect', location: 'store-001' } } }],
    });
    expect(await meaning(anOrder(pickup('no such name!')))).toEqual({
      kind: 'unmapped',
      what: 'location',
      id: 'no such name!',
    });
  });

  it.each([
    ['an SKU that nobody mapped', anOrder({}, { sku: 'ümlaut' }), { kind: 'unmapped', what: 'sku', id: 'ümlaut' }],
    [
      'a listing without an SKU',
      anOrder({}, { sku: undefined, legacyItemId: '110', legacyVariationId: '7' }),
      { kind: 'unmapped', what: 'sku', id: '110/7' },
    ],
    ['a quantity that is none', anOrder({}, { quantity: 0 }), { kind: 'malformed' }],
    ['no lines', anOrder({ lineItems: [] }), { kind: 'malformed' }],
    ['text', 'an order', { kind: 'malformed' }],
    ['nothing', null, { kind: 'malformed' }],
  ])('sets %s aside', async (_, order, expected) => {
    const good = anOrder({ orderId: '27-2' });
    const body = JSON.stringify({ total: 2, orders: [order, good] });
    const shop = await aShop({ faults: { kind: 'answer', answer: { body } } });
    const { messages } = await page(shop);
    expect(messages[0]!.meaning).toMatchObject(expected);
    expect(messages[1]!.meaning.kind).toBe('commands');
  });

  it('takes a listing without an SKU for the one that its number is mapped to', async () => {
    const identifiers = { ...sameIdentifiers, skuOf: (id: string) => (id === '110' ? 'B' : id) };
    const order = anOrder({}, { sku: null, legacyItemId: '110' });
    const shop = await aShop({
      identifiers,
      faults: { kind: 'answer', answer: { body: JSON.stringify({ total: 1, orders: [order] }) } },
    });
    expect(commandsOf((await page(shop)).messages[0]!)).toMatchObject([{ lines: [{ sku: 'B', quantity: 1 }] }]);
  });

  function anOrder(fields: object, line: object = {}) {
    return {
      orderId: '27-1',
      lastModifiedDate: '2026-11-23T11:59:00.000Z',
      lineItems: [{ lineItemId: 'l-1', sku: 'A', quantity: 1, ...line }],
      ...fields,
    };
  }
});
