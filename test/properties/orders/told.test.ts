// What a shop says of an order, in any order, as often as it likes: placed, more and less in it, sent in parts, called off. Once
// it has said how things are now, so they are here: open what it has still to send, gone what has left (Shopify's own words,
// from its simulator, taken as the product takes them).
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sameIdentifiers } from '../../../adapters/channels/identifiers.ts';
import { messageOf } from '../../../adapters/channels/shopify/order.ts';
import { OrderPayload, orderOfPayload } from '../../../adapters/channels/shopify/order-payload.ts';
import { payloadOf } from '../../../adapters/channels/shopify/simulator/payload.ts';
import { createShop } from '../../../adapters/channels/shopify/simulator/shop.ts';
import type { InboundMessage } from '../../../adapters/inbound/inbound.ts';
import { bySku, fulfilledUnits, openUnits, unitsOf } from '../../../domain/order/order.ts';
import { takeMessage } from '../../../server/inbound/taking.ts';
import { createWorld, SKUS, type World } from './world.ts';

const step = fc.record({
  what: fc.constantFrom('add', 'remove', 'remove', 'fulfil', 'fulfil', 'cancel'),
  sku: fc.constantFrom(...SKUS),
  units: fc.integer({ min: 1, max: 3 }),
});

/** The shop's one location stands for none of ours. */
const POOLED = { ...sameIdentifiers, locationOf: () => undefined };

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The order after each step, as its webhooks say it; and how many of each SKU are still to be sent and have left. */
function told(steps: readonly Step[]) {
  let now = Date.UTC(2026, 10, 23, 11);
  const shop = createShop(() => (now += 1_000));
  for (const sku of SKUS) shop.list(sku, { units: 1_000 });
  const order = shop.buy([{ sku: 'A', units: 9 }])!;
  const skuOfVariant = (variant: string) => ({
    sku: [...shop.items.values()].find((item) => item.variant === variant)!.sku,
  });
  const names = { channel: 'web', identifiers: POOLED, location: shop.location, skuOfVariant };
  const say = () => messageOf(orderOfPayload(OrderPayload.parse(structuredClone(payloadOf(order, shop)))), names);
  const said = [say()];
  for (const { what, sku, units } of steps) {
    if (order.cancelledAt !== undefined) break;
    const open = new Map(
      order.lines
        .filter((line) => line.item!.sku === sku)
        .flatMap((line) => (line.unfulfilled > 0 ? [[line.id, Math.min(units, line.unfulfilled)] as const] : [])),
    );
    // One that has been sent whole is not extended: that is a case for people.
    const isOpen = order.lines.some(({ unfulfilled }) => unfulfilled > 0);
    if (what === 'cancel') shop.cancel(order.id);
    else if (what === 'add' && isOpen) shop.add(order.id, sku, units);
    else if (what === 'fulfil' && open.size > 0) shop.fulfil(order.id, open);
    else if (what === 'remove' && open.size > 0) shop.refund(order.id, open, 'cancel');
    said.push(say());
  }
  const bySkuOf = (units: (line: (typeof order.lines)[number]) => number) =>
    unitsOf(bySku(order.lines.map((line) => ({ sku: line.item!.sku, quantity: units(line) })))).toSorted(byName);
  const gone = (line: string) => order.fulfilments.reduce((sum, { units }) => sum + (units.get(line) ?? 0), 0);
  return {
    ...{ said, orderId: `web-${order.id}` },
    open: bySkuOf(({ unfulfilled }) => unfulfilled),
    gone: bySkuOf(({ id }) => gone(id)),
  };
}

const byName = (a: { readonly sku: string }, b: { readonly sku: string }) => (a.sku < b.sku ? -1 : 1);

async function take(message: InboundMessage, { orders, policy, log }: World) {
  const availability = { position: () => 0n, waitFor: async () => true };
  const stocks = { submit: () => Promise.reject(new Error('it asks stocks of nothing')) };
  return takeMessage('web', message, { orders, stocks, policy: () => policy, log, availability, rejected() {} });
}

// Seen failing: with lines that were added later left out; with what is cancelled in all cancelled again at each telling; and
// with what has left counted as removed.
it('what is told of an order in any order and number comes to what the shop has', async () => {
  const deliveries = fc.array(fc.nat(99), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 7 }), deliveries, async (steps, picks) => {
      const stock = { warehouse: { A: 500, B: 500 }, 'store-1': { A: 5, B: 5 }, 'store-2': { A: 0, B: 0 } };
      const world = await createWorld({ stock, safetyStock: 0, lies: [0], faults: ['none'] });
      const { said, orderId, open, gone } = told(steps);
      for (const pick of picks) expect(await take(said[pick % said.length]!, world)).toEqual({ kind: 'taken' });
      expect(await take(said.at(-1)!, world)).toEqual({ kind: 'taken' });
      const { state } = (await world.orders.state(orderId))!;
      expect(unitsOf(openUnits(state)).toSorted(byName)).toEqual(open);
      expect(unitsOf(fulfilledUnits(state)).toSorted(byName)).toEqual(gone);
      expect(state).toMatchObject({ owed: [] });
      await world.close();
    }),
    { numRuns: 300 },
  );
});
