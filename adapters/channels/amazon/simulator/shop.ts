// What buyers and the seller's people do at simulated Amazon, over HTTP: buy, ship, cancel, and look at what is shown. None
// of it is Amazon's API.
import { z } from 'zod';
import type { Order } from './orders.ts';
import type { Room } from './room.ts';

const Purchase = z.strictObject({ sku: z.string(), quantity: z.int().min(1).max(1_000_000) });

export function addShop(
  { app, listings, orders }: Room,
  buy: (sku: string, quantity: number) => Order | undefined,
): void {
  app.get('/admin/listings', (call) =>
    call.json({ listings: listings.all().map(({ sku }) => ({ sku, units: listings.shown(sku) ?? null })) }),
  );
  app.get('/admin/orders', (call) => call.json({ orders: orders.all }));
  app.post('/admin/buy', async (call) => {
    const wanted = Purchase.safeParse(await call.req.json().catch(() => undefined));
    if (!wanted.success) return call.json({ error: z.prettifyError(wanted.error) }, 400);
    const order = buy(wanted.data.sku, wanted.data.quantity);
    return order === undefined ? call.json({ error: 'not that many are shown' }, 409) : call.json(order, 201);
  });
  app.post('/admin/orders/:id/:step{ship|cancel}', (call) => {
    const { id, step } = call.req.param();
    if (orders.get(id!) === undefined) return call.json({ error: 'there is no such order' }, 404);
    return call.json(step === 'ship' ? orders.ship(id!) : orders.cancel(id!));
  });
}
