// A reservation made over HTTP expires by itself, also when the server was down at its time, and its units are sold again.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Product, startProduct } from '../../support/product.ts';

describe('a reservation that nobody renews', () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct();
    await product.command({ type: 'receipt', quantity: 5 });
  });
  afterEach(() => product.close());

  const reserve = (reservationId: string, inMs: number) =>
    product.command({
      type: 'reservation.make',
      reservationId,
      quantity: 5,
      owner: 'basket-1',
      channel: 'webshop',
      expiresAt: new Date(Date.now() + inMs).toISOString(),
    });
  const available = async () => (await product.get('/v1/stock/A/warehouse')).body['available'];
  const expiry = async () => {
    const { body } = await product.get('/v1/stock/A/warehouse/history');
    const entries = body['entries'] as { event: string; recordedAt: string }[];
    return entries
      .filter(({ event }) => event === 'ReservationExpired')
      .map(({ recordedAt }) => Date.parse(recordedAt));
  };

  it('expires in its time and not before', async () => {
    const due = Date.now() + 700;
    expect(await reserve('basket-1', 700)).toMatchObject({ status: 200 });
    expect(await available()).toBe(0);
    await expect.poll(available, { timeout: 5_000 }).toBe(5);
    const [at] = await expiry();
    expect(at).toBeGreaterThanOrEqual(due);
  });

  it('expires once after a restart when its time passed meanwhile', async () => {
    await reserve('basket-1', 300);
    await reserve('basket-2', 3_600_000);
    product = await product.restart();
    await expect.poll(available, { timeout: 5_000 }).toBe(5);
    expect(await expiry()).toHaveLength(1);
    expect(product.evenstock.running.processes.expiry.status()).toMatchObject({
      overdue: 0,
      inFlight: 0,
      clock: { trusted: true },
    });
  });
});
