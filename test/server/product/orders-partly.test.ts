// Parts of an order through the real HTTP API: units that are cancelled before they leave, and units that were picked
// elsewhere than they are reserved.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OrderAnswerDocument } from '../../../server/routes/openapi/orders.ts';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

let store: OrderStore;
beforeEach(async () => {
  store = await orderStore();
});
afterEach(() => store.close());

const A = (quantity: number, more: Record<string, unknown> = {}) => ({ sku: 'A', quantity, ...more });
const send = (command: Record<string, unknown>) => store.command(command);

async function confirmed(): Promise<void> {
  await store.receive({ warehouse: { A: 3 }, 'store-1': { A: 3 } });
  await store.place({ lines: { A: 5 } });
  await send({ type: 'confirm' });
}

describe('a part of an order that is cancelled', () => {
  it('is free again, and the rest goes on', async () => {
    await confirmed();
    const answer = await send({ type: 'cancel', id: 'x-1', units: [A(3)] });
    expect(answer).toMatchObject({ status: 200, body: { order: { status: 'confirmed', cancelled: [A(3)], owed: 0 } } });
    OrderAnswerDocument.parse(answer.body);
    expect(await send({ type: 'cancel', id: 'x-1', units: [A(3)] })).toMatchObject({ body: { duplicate: true } });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 3, reserved: 2 });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 3, reserved: 0 });
    expect(await send({ type: 'fulfil', units: [A(2)] })).toMatchObject({ body: { order: { status: 'fulfilled' } } });
  });

  it('said in all counts once, whoever says it', async () => {
    await confirmed();
    for (const id of ['x-1', 'x-2']) await send({ type: 'cancel', id, cancelled: [A(2)] });
    expect(await store.order()).toMatchObject({ status: 'confirmed', cancelled: [A(2)] });
  });

  it.each([
    [{ units: [A(6)] }, 409, 'exceeds-open', '/units/0/quantity'],
    [{ units: [A(1), { sku: 'Z', quantity: 1 }] }, 409, 'exceeds-open', '/units/1/quantity'],
    [{ units: [A(0)] }, 422, 'invalid-command', '/units/0/quantity'],
    [{ units: [] }, 422, 'invalid-command', '/units'],
    [{ units: [A(1)], cancelled: [A(1)] }, 422, 'invalid-command', '/cancelled'],
  ])('is refused when it is %j: %i %s', async (fields, status, reason, path) => {
    await confirmed();
    expect(await send({ type: 'cancel', ...fields })).toMatchObject({ status, body: { reason, errors: [{ path }] } });
    expect(await store.order()).toMatchObject({ cancelled: [] });
  });
});

describe('units that were picked elsewhere than they are reserved', () => {
  it('have left there, and what was reserved for them is free', async () => {
    await confirmed();
    const picked = { type: 'fulfil', id: 'f-1', units: [A(4, { location: 'store-2' })] };
    expect(await send(picked)).toMatchObject({ body: { order: { status: 'partlyFulfilled', owed: 0 } } });
    expect(await send(picked)).toMatchObject({ body: { duplicate: true } });
    // Nobody knew of any there: a fact is taken all the same (R4), and shows that a count is due.
    expect(await store.stock('A', 'store-2')).toMatchObject({ onHand: -4, oversold: 4 });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 3, reserved: 1 });
    expect(await store.stock('A', 'store-1')).toMatchObject({ onHand: 3, reserved: 0 });
    expect(await send({ type: 'fulfil', units: [A(1)] })).toMatchObject({ body: { order: { status: 'fulfilled' } } });
    expect(await store.stock('A', 'warehouse')).toMatchObject({ onHand: 2, reserved: 0 });
  });

  it.each([
    [A(6, { location: 'store-2' }), 409, 'exceeds-reserved', '/units/0/quantity'],
    [A(1, { location: 'moon' }), 422, 'unknown-location', '/units/0/location'],
  ])('are refused when they are %j: %i %s', async (units, status, reason, path) => {
    await confirmed();
    const answer = await send({ type: 'fulfil', units: [units] });
    expect(answer).toMatchObject({ status, body: { reason, errors: [{ path }] } });
    expect(await store.stock('A', 'store-2')).toMatchObject({ reason: 'unknown-stock' });
  });
});
