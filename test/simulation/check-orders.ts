// What must hold of orders in the end, by the log, the reference's stocks and what clients were told: a request has all its
// units or none, a commitment accounts for every unit, nothing is kept for what was refused or given up, nothing half done.
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { OrderEvent } from '../../domain/order/events.ts';
import { isEnded } from '../../domain/order/machine.ts';
import { bySku, missing, type Order, parseReservationId, reservationId } from '../../domain/order/order.ts';
import { orderWorkflow } from '../../domain/order/workflow.ts';
import type { WorkflowFrame } from '../../domain/workflow.ts';
import type { Journal } from './journal.ts';
import type { PlacedOrder } from './order-traffic.ts';
import type { Reference } from './reference.ts';
import type { Trace } from './trace.ts';
import { checkCommands, eventsOf } from './workflow-clients.ts';

export interface OrdersToCheck {
  readonly orders: readonly PlacedOrder[];
  readonly events: readonly RecordedEvent[];
  readonly reference: Reference;
  readonly journal: Journal;
  readonly trace: Trace;
}

/** What the stocks have for one order: units promised and units gone, by reservation. */
interface Promised {
  readonly sku: string;
  readonly held: number;
  readonly committed: number;
}

export function checkOrders({ orders, events, reference, journal, trace }: OrdersToCheck): void {
  const own = eventsOf(
    orders.map(({ id }) => `order-${id}`),
    events,
  );
  const promised = promisedByOrder(reference);
  const gone = fulfilledByReservation(journal);
  for (const placed of orders) {
    const recorded = own.get(`order-${placed.id}`)!;
    checkCommands('order', placed, recorded, trace);
    if (recorded.length === 0) continue;
    const order = folded(placed.id, recorded);
    if (order.status === 'expired') trace.mark('order expired');
    const wrong = (what: string) => trace.violated('R7', `order ${order.id} (${order.kind}, ${order.status}) ${what}`);
    if (order.owed.length > 0) wrong(`was left half done: it owes ${order.owed.map(({ id }) => id).join()}`);
    const reservations = promised.get(order.id) ?? new Map<string, Promised>();
    // A fulfilment in a future that a clock made up waits for somebody to judge it: the stock then has more than is due.
    if (!gone.parked.has(order.id)) checkReservations(order, reservations, gone.units, wrong);
    checkAllOrNone(placed, order, reservations, gone, wrong);
  }
}

/** Each reservation of the order is at its stock, so many units of it, and the stocks have no other. */
function checkReservations(
  order: Order,
  reservations: ReadonlyMap<string, Promised>,
  gone: ReadonlyMap<string, number>,
  wrong: (what: string) => void,
): void {
  const known = new Set<string>();
  for (const { number, quantity, fulfilled, state } of order.allocations) {
    const id = reservationId(order, number);
    known.add(id);
    const there = reservations.get(id);
    const units = (there?.held ?? 0) + (there?.committed ?? 0);
    const must = state === 'done' ? 0 : quantity - fulfilled;
    if (units !== must) wrong(`counts on ${must} units of ${id}, which is ${state}; the stock has ${units}`);
    if ((gone.get(id) ?? 0) !== fulfilled)
      wrong(`says ${fulfilled} of ${id} left; the stock says ${gone.get(id) ?? 0}`);
  }
  for (const [id, { held, committed }] of reservations) {
    if (!known.has(id)) wrong(`knows nothing of ${id}, of which the stock keeps ${held} held, ${committed} committed`);
  }
}

function checkAllOrNone(
  { placed }: PlacedOrder,
  order: Order,
  reservations: ReadonlyMap<string, Promised>,
  gone: ReturnType<typeof fulfilledByReservation>,
  wrong: (what: string) => void,
): void {
  const kept = [...reservations.values()].reduce((sum, { held, committed }) => sum + held + committed, 0);
  if (isEnded(order.status)) {
    if (kept > 0 && !gone.parked.has(order.id)) wrong(`keeps ${kept} units`);
    return;
  }
  if (order.status === 'reserving' || order.status === 'confirming' || order.status === 'held') {
    wrong('is neither decided nor given up');
    return;
  }
  const covered = new Map<string, number>();
  const cover = (sku: string, units: number) => covered.set(sku, (covered.get(sku) ?? 0) + units);
  for (const { sku, committed } of reservations.values()) cover(sku, committed);
  for (const [id, units] of gone.units)
    if (parseReservationId(id)?.orderId === order.id) cover(gone.skus.get(id)!, units);
  const short = order.kind === 'commitment' ? missing(order) : new Map<string, number>();
  for (const [sku, ordered] of bySku(placed.lines)) {
    const [has, lacks] = [covered.get(sku) ?? 0, short.get(sku) ?? 0];
    if (has + lacks !== ordered && !gone.parked.has(order.id)) {
      wrong(`ordered ${ordered} of ${sku}; ${has} are committed or gone, ${lacks} said to be short`);
    }
  }
  const said = new Map(order.short.map(({ sku, quantity }) => [sku, quantity]));
  for (const [sku, units] of short)
    if (said.get(sku) !== units) wrong(`is ${units} of ${sku} short and does not say so`);
}

function promisedByOrder(reference: Reference): ReadonlyMap<string, Map<string, Promised>> {
  const found = new Map<string, Map<string, Promised>>();
  for (const { sku, holds } of reference.stocks.values()) {
    for (const [id, { held, committed }] of holds) {
      const orderId = parseReservationId(id)?.orderId;
      if (orderId === undefined) continue;
      const own = found.get(orderId) ?? new Map<string, Promised>();
      found.set(orderId, own.set(id, { sku, held, committed }));
    }
  }
  return found;
}

/** What stocks accepted as gone, by reservation; and the orders of which they parked something. */
function fulfilledByReservation({ entries }: Journal) {
  const units = new Map<string, number>();
  const skus = new Map<string, string>();
  const parked = new Set<string>();
  for (const { command, accepted } of entries) {
    if (accepted === undefined || !command.id.startsWith('order:')) continue;
    if (accepted.outcome === 'parked') parked.add(command.id.split(':')[1]!);
    else if (command.type === 'fulfilment' && command.reservationId !== undefined) {
      units.set(command.reservationId, (units.get(command.reservationId) ?? 0) + command.quantity);
      skus.set(command.reservationId, command.sku);
    }
  }
  return { units, skus, parked };
}

function folded(id: string, own: readonly RecordedEvent[]): Order {
  return own.reduce(
    (state, { type, data }) => orderWorkflow.evolve(state, { type, ...data } as unknown as OrderEvent & WorkflowFrame),
    orderWorkflow.initial(id),
  );
}
