// All or nothing (R7), and P4 over all lines of an order: whatever stocks refuse, fail to answer or answer late, once it is
// quiet a request has all its units or none, a commitment what it says, and no stock keeps units for an order that does not
// know of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OrderCommand, PlaceOrder } from '../../../domain/order/commands.ts';
import type { Sourced } from '../../../domain/order/events.ts';
import { isEnded, isOpen } from '../../../domain/order/machine.ts';
import {
  bySku,
  fulfilledUnits,
  missing,
  type Order,
  openUnits,
  reservationId,
  reservedUnits,
} from '../../../domain/order/order.ts';
import { createWorld, type Fault, LOCATIONS, SKUS, type World } from './world.ts';

const units = fc.record({ A: fc.nat(6), B: fc.nat(4) });
const world = fc.record({
  stock: fc.record({ warehouse: units, 'store-1': units, 'store-2': units }),
  safetyStock: fc.nat(2),
  lies: fc.array(fc.integer({ min: -3, max: 4 }), { minLength: 1, maxLength: 8 }),
  faults: fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'not asked', 'answer lost'), {
    minLength: 1,
    maxLength: 9,
  }),
});

const STEPS = [
  ...['confirm', 'confirm', 'cancel', 'cancel one', 'cancel one in all'],
  ...['fulfil', 'fulfil', 'fulfil elsewhere', 'source', 'renew', 'return'],
];
const order = fc.record({
  kind: fc.constantFrom('request', 'request', 'commitment'),
  lines: fc.array(fc.record({ sku: fc.constantFrom(...SKUS), quantity: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  steps: fc.array(fc.record({ step: fc.constantFrom(...STEPS), location: fc.constantFrom(...LOCATIONS) }), {
    maxLength: 5,
  }),
  wait: fc.nat(4),
});
type Script = typeof order extends fc.Arbitrary<infer T> ? T : never;

function commandOf({ step, location }: Script['steps'][number], n: number, sku: string): OrderCommand {
  const id = `step-${n}`;
  const one = { sku, quantity: 1 };
  switch (step) {
    case 'cancel one':
      return { type: 'cancel', id, units: [one] };
    case 'cancel one in all':
      return { type: 'cancel', id, cancelled: [one] };
    case 'fulfil':
      return { type: 'fulfil', id, units: [one] };
    case 'fulfil elsewhere':
      return { type: 'fulfil', id, units: [{ ...one, location }] };
    case 'renew':
      return { type: 'renew', id, expiresAt: Date.UTC(2026, 10, 23, 12, 20) };
    case 'return':
      return { type: 'return', id, units: [{ ...one, disposition: 'writeOff' }] };
    default:
      return { type: step as 'confirm' | 'cancel' | 'source', id };
  }
}

async function run({ orders }: World, id: string, { kind, lines, steps, wait }: Script): Promise<void> {
  const sender = { source: 'test' };
  for (let n = 0; n < wait; n++) await new Promise((resolve) => setImmediate(resolve));
  const place = PlaceOrder.parse({ id: 'place', orderId: id, channel: 'web', kind, lines });
  // Not waited for: what comes after may arrive while the stocks are still being asked.
  const all = [orders.submit(id, { type: 'place', ...place }, sender)];
  for (const [n, step] of steps.entries()) all.push(orders.submit(id, commandOf(step, n, lines[0]!.sku), sender));
  await Promise.all(all);
}

/** Reservations by id, with the units still promised: as the stocks have them, or as the orders think. */
async function inStocks({ stockOf }: World): Promise<readonly string[]> {
  const found = await Promise.all(
    SKUS.flatMap((sku) =>
      LOCATIONS.map(async (location) =>
        Array.from((await stockOf(sku, location)).reservations.entries(), ([id, { held, committed }]) => {
          return `${id} ${sku}@${location} held ${held} committed ${committed}`;
        }),
      ),
    ),
  );
  return found.flat().sort();
}

function inOrders(orders: readonly Order[]): readonly string[] {
  const live = orders.flatMap((one) => one.allocations.map((allocation) => ({ one, ...allocation })));
  return live
    .filter((allocation) => reservedUnits(allocation) > 0)
    .map(({ one, number, sku, location, state, ...allocation }) => {
      const promised = reservedUnits({ number, sku, location, state, ...allocation });
      const [held, committed] = state === 'held' ? [promised, 0] : [0, promised];
      return `${reservationId(one, number)} ${sku}@${location} held ${held} committed ${committed}`;
    })
    .sort();
}

/** Units that left from where nothing was reserved for them, by stock. */
async function unreserved({ log }: World, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const units = new Map<string, number>();
  for (const id of ids) {
    for (const { data } of await log.read(`order-${id}`, 0, 10_000)) {
      for (const { sku, location, quantity } of (data['elsewhere'] ?? []) as unknown as Sourced[]) {
        units.set(`${sku}~${location}`, (units.get(`${sku}~${location}`) ?? 0) + quantity);
      }
    }
  }
  return units;
}

function allOrNothing(one: Order): void {
  const covered = bySku(
    one.allocations.map(({ sku, ...rest }) => ({ sku, quantity: reservedUnits({ sku, ...rest }) })),
  );
  for (const [sku, quantity] of fulfilledUnits(one)) covered.set(sku, (covered.get(sku) ?? 0) + quantity);
  const reserved = one.allocations.reduce((sum, allocation) => sum + reservedUnits(allocation), 0);
  expect(['reserving', 'confirming']).not.toContain(one.status);
  if (isEnded(one.status)) expect([one.id, one.status, reserved]).toEqual([one.id, one.status, 0]);
  if (!isOpen(one.status) && one.status !== 'fulfilled') return;
  const short = bySku(one.short);
  if (one.kind === 'request') expect(short.size).toBe(0);
  for (const [sku, units] of bySku(one.cancelled)) covered.set(sku, (covered.get(sku) ?? 0) + units);
  for (const [sku, ordered] of bySku(one.lines)) {
    expect([sku, (covered.get(sku) ?? 0) + (short.get(sku) ?? 0)]).toEqual([sku, ordered]);
  }
}

/** Ordered = fulfilled + cancelled + open, and no more is reserved than is open. */
function conserved(one: Order): void {
  const [open, gone, cancelled] = [openUnits(one), fulfilledUnits(one), bySku(one.cancelled)];
  if (one.status !== 'refused' && one.status !== 'expired') {
    for (const [sku, ordered] of bySku(one.lines)) {
      const parts = [gone.get(sku) ?? 0, cancelled.get(sku) ?? 0, open.get(sku) ?? 0];
      expect([one.status, sku, parts, parts.reduce((a, b) => a + b)]).toEqual([one.status, sku, parts, ordered]);
    }
  }
  const reserved = bySku(one.allocations.map((a) => ({ sku: a.sku, quantity: reservedUnits(a) })));
  const asked = bySku(one.allocations.filter(({ state }) => state === 'asked'));
  const lacking = missing(one);
  for (const sku of SKUS) {
    const [has, wants] = [reserved.get(sku) ?? 0, open.get(sku) ?? 0];
    expect([sku, has, has <= wants]).toEqual([sku, has, true]);
    // What is asked for may be more than is wanted by now: it is given back when it is made.
    if (isOpen(one.status)) expect(has + (asked.get(sku) ?? 0) + (lacking.get(sku) ?? 0)).toBeGreaterThanOrEqual(wants);
  }
}

describe('orders side by side over faulty stocks', () => {
  // Seen failing: with a reservation that was made for a cancelled order not given back; with a refused order that keeps what
  // it had; with lines of one SKU of which only the last counts; with a stock that could not be asked taken for a refusal;
  // with one command id for making and committing a reservation; and with a decider that gives another state than the fold of
  // its events. Of units that are cancelled or leave from elsewhere: with
  // what is reserved for them kept, or given back by the stock and not by the order, or the rest given back too; and with a
  // reservation that is made after its units were cancelled.
  it('hold all or nothing, what the stocks hold for them, never more than is free (P4), and are the fold of their events (P1)', async () => {
    const scripts = fc.array(order, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(world, scripts, fc.boolean(), async (options, drawn, expire) => {
        const made = await createWorld(options);
        const ids = drawn.map((_, n) => `o-${n}`);
        await Promise.all(drawn.map((script, n) => run(made, ids[n]!, script)));
        if (expire) await made.expireHolds();
        const orders = await made.heal(ids);
        expect(orders.flatMap(({ owed }) => owed)).toEqual([]);
        expect(await inStocks(made)).toEqual(inOrders(orders));
        orders.forEach(allOrNothing);
        for (const id of ids) (await made.courseOf(id)).forEach(conserved);
        for (const one of orders) expect((await made.courseOf(one.id)).at(-1)).toEqual(one);
        const elsewhere = await unreserved(made, ids);
        if (expire) expect(orders.filter(({ status }) => status === 'held')).toEqual([]);
        for (const location of LOCATIONS) {
          for (const sku of SKUS) {
            const { levels } = await made.stockOf(sku, location);
            const safety = location === 'store-1' ? options.safetyStock : 0;
            // Units that left were reserved before: what is left and promised must have been free of the safety stock too.
            const left = options.stock[location][sku] - levels.onHand - (elsewhere.get(`${sku}~${location}`) ?? 0);
            expect(levels.reserved + left).toBeLessThanOrEqual(Math.max(0, options.stock[location][sku] - safety));
          }
        }
        await made.close();
      }),
      { numRuns: 150 },
    );
  });
});
