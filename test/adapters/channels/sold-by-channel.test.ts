// The marketplace simulator sells what it shows and reports it later, to the whole product over HTTP. Its orders are
// filled from a store that it does not sell from, so its figure never changes: it must be told it again all the same.
import { afterEach, expect, it } from 'vitest';
import { type Product, startProduct } from '../../support/product.ts';

let product: Product;
afterEach(() => product.close());

const FIGURE = 5;

/** A buyer takes a unit off what is shown; the order is not reported yet. */
async function buy(): Promise<void> {
  const order = { method: 'POST', body: JSON.stringify({ sku: 'A', units: 1 }) };
  expect((await fetch(`${product.marketplace.url}/orders`, order)).status).toBe(201);
  await product.shows('A', FIGURE - 1);
}
const fromStore = { location: 'store-1', quantity: 1, channel: 'marketplace' };
const calls = () => product.marketplace.statistics.calls;

// Planted: channelSale never answering; currentPublished without onSwitch (after the rebuild).
it('shows its figure again after each sale and reservation, told once', async () => {
  product = await startProduct();
  await product.command({ type: 'receipt', quantity: FIGURE + 2 });
  await product.command({ type: 'receipt', location: 'store-1', quantity: 20 });
  await product.shows('A', FIGURE);
  const first = calls();

  await buy();
  await product.command({ type: 'sale', ...fromStore });
  await product.shows('A', FIGURE);

  await buy();
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const hold = { reservationId: 'order-2', owner: 'order-2', expiresAt };
  expect((await product.command({ type: 'reservation.make', ...fromStore, ...hold })).status).toBeLessThan(300);
  await product.shows('A', FIGURE);
  expect(calls() - first).toBe(2);

  // What was reserved for it leaves the shelf: nothing that it shows changes, nothing is told.
  await product.command({ type: 'fulfilment', location: 'store-1', quantity: 1, reservationId: 'order-2' });
  expect(await product.evenstock.readModel.rebuild('published')).toBe(true);
  await buy();
  await product.command({ type: 'sale', ...fromStore });
  await product.shows('A', FIGURE);
  expect(calls() - first).toBe(3);

  product = await product.restart();
  await buy();
  await product.command({ type: 'sale', ...fromStore });
  await product.shows('A', FIGURE);
  expect(calls() - first).toBe(4);
});

// Seen failing: with releases that change nothing of what a channel shows.
it('is told 0 again when it puts the units of a cancelled order on sale and none are left here', async () => {
  product = await startProduct();
  await product.command({ type: 'receipt', quantity: 3 });
  await product.shows('A', 1);
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const hold = { reservationId: 'order-1', owner: 'order-1', expiresAt, quantity: 1, channel: 'marketplace' };
  await product.command({ type: 'reservation.make', ...hold });
  await product.shows('A', 0);
  await product.command({ type: 'sale', quantity: 2 });
  // The seller cancels the order there, and hears of it here.
  product.marketplace.listings.drift('A', 1);
  await product.shows('A', 1);
  await product.command({ type: 'reservation.release', reservationId: 'order-1' });
  await product.shows('A', 0);
});

it('is told once when the sale changed its figure', async () => {
  product = await startProduct();
  await product.command({ type: 'receipt', quantity: FIGURE + 2 });
  await product.shows('A', FIGURE);
  const first = calls();
  await buy();
  await product.command({ type: 'sale', quantity: 1, channel: 'marketplace' });
  await expect.poll(calls, { timeout: 5_000 }).toBeGreaterThan(first);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(calls() - first).toBe(1);
  expect(product.evenstock.publishing.status('marketplace')).toMatchObject({ backlog: 0, inFlight: 0 });
});
