// An order hears of a reservation that its stock let expire: it expires whole, once, and only by a reservation of its own.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { command, NOON } from '../../support/actors.ts';
import { type OrderRoom, openOrderRoom } from '../../support/order-room.ts';

let room: OrderRoom;
let log: EventLog;
let now = NOON;
beforeEach(async () => {
  now = NOON;
  log = createMemoryLog();
  room = await openOrderRoom(log, { now: () => now });
  await room.receive({ warehouse: { A: 2 }, 'store-1': { A: 2, B: 1 } });
});
afterEach(() => room.close());

const expire = (reservationId: string, location: string, sku = 'A') =>
  room.actors.submit({
    command: command({ type: 'reservation.expire', reservationId, location, sku }),
    client: 'test',
  });
const types = async (stream: string) => (await log.read(stream, 0, 100)).map(({ type }) => type);

describe('a reservation that expires', () => {
  it('ends the request it was made for, whose other reservations are given back', async () => {
    await room.place('1', { lines: [{ sku: 'A', quantity: 4 }] });
    now += 60 * 60_000;
    expect(await expire('order:1:1', 'warehouse')).toMatchObject({ outcome: 'accepted' });
    await room.caughtUp();
    expect(await room.orders.state('1')).toMatchObject({ state: { status: 'expired', allocations: [], owed: [] } });
    expect(await types('stock-A~store-1')).toEqual(['UnitsReceived', 'ReservationMade', 'ReservationReleased']);
    // The others were due too, and whoever lets them expire may come second.
    expect(await expire('order:1:2', 'store-1')).toMatchObject({ outcome: 'refused' });
    expect((await types('order-1')).filter((type) => type === 'OrderExpired')).toHaveLength(1);
  });

  // Seen failing: with the stock of the event not compared with the order's own.
  it('is none of an order when somebody else chose such an id for one elsewhere', async () => {
    await room.place('1');
    const hold = { reservationId: 'order:1:1', sku: 'B', location: 'store-1', owner: 'x', channel: 'web', quantity: 1 };
    const expiresAt = new Date(NOON + 60_000).toISOString();
    const made = command({ type: 'reservation.make', ...hold, expiresAt });
    expect(await room.actors.submit({ command: made, client: 'test' })).toMatchObject({ outcome: 'accepted' });
    now += 2 * 60_000;
    expect(await expire('order:1:1', 'store-1', 'B')).toMatchObject({ outcome: 'accepted' });
    await room.caughtUp();
    expect(await room.orders.state('1')).toMatchObject({ state: { status: 'held', allocations: [{ state: 'held' }] } });
  });

  it('of an order that is confirmed by then cannot expire any more', async () => {
    await room.place('1');
    await room.send('1', { type: 'confirm', id: 'c' });
    now += 60 * 60_000;
    expect(await expire('order:1:1', 'warehouse')).toMatchObject({ outcome: 'refused', reason: 'not-due' });
  });
});
