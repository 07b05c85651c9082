// Folds one event into an order: its status by the statechart, its reservations, and what it owes the stocks from then
// on. Pure and total over every order event ever written.
import { commitAsk, fulfilAsk, isPartRelease, makeAsk, releaseAsk, renewAsk, returnAsk } from './asks.ts';
import type { HappeningOf, OrderHappening, Sourced, StockAnswered } from './events.ts';
import { isEnded, statusAfter } from './machine.ts';
import { type Allocation, bySku, fulfilledUnits, numberOf, type Order, unitsOf } from './order.ts';
import { change, lost, owing, released, surplusReleased } from './reservations.ts';

export function evolve(before: Order, event: OrderHappening): Order {
  const order: Order = { ...before, status: statusAfter(before.status, event.type) ?? before.status };
  switch (event.type) {
    case 'OrderPlaced': {
      const { kind, channel, lines, flow, candidates, sourcing, splitsMax, expiresAt, placedAt } = event;
      return { ...order, kind, channel, lines, flow, candidates, sourcing, splitsMax, expiresAt, placedAt };
    }
    case 'OrderSourced':
      return sourced(order, event);
    case 'OrderStocksAnswered':
      return event.answers.reduce(answered, order);
    case 'OrderTaken':
    case 'OrderConfirmationStarted':
      return owing(order, order.allocations.filter(isHeld), commitAsk);
    case 'OrderHoldRenewed': {
      const renewed = { ...order, expiresAt: event.expiresAt, renewals: order.renewals + 1 };
      return owing(renewed, order.allocations.filter(isHeld), (owner, one) => renewAsk(owner, one, event.expiresAt));
    }
    case 'OrderRefused':
      return released({ ...order, short: event.missing });
    case 'OrderLinesAdded':
      return { ...order, lines: [...order.lines, ...event.lines] };
    case 'OrderUnitsCancelled':
      return surplusReleased({ ...order, cancelled: unitsOf(bySku([...order.cancelled, ...event.units])) });
    case 'OrderCancelled':
      return released({ ...order, cancelled: notFulfilled(order) });
    case 'OrderCalledOff':
      return { ...order, kind: 'commitment', channel: event.channel, placedAt: event.placedAt };
    case 'OrderExpired':
      return released(event.reservation === undefined ? order : lost(order, event.reservation));
    case 'OrderUnitsLost':
      return lost(order, event.reservation);
    case 'OrderShort':
      return { ...order, short: event.short };
    case 'OrderUnitsFulfilled':
      return fulfilled(order, event);
    case 'OrderUnitsReturned':
      return returned(order, event);
    default:
      return order;
  }
}

const isHeld = ({ state }: Allocation) => state === 'held';

function notFulfilled(order: Order) {
  const left = bySku(order.lines);
  for (const [sku, units] of fulfilledUnits(order)) left.set(sku, (left.get(sku) ?? 0) - units);
  return unitsOf(left);
}

function sourced(order: Order, event: HappeningOf<'OrderSourced'>): Order {
  const fresh = event.allocations.map((one): Allocation => {
    return { ...one, fulfilled: 0, state: 'asked', expiresAt: event.expiresAt };
  });
  const given = released(order, ({ number }) => event.givenBack.includes(number));
  const next = {
    ...given,
    allocations: [...given.allocations, ...fresh],
    numbered: order.numbered + fresh.length,
    round: event.round,
    refusals: event.round === order.round ? order.refusals : [],
  };
  return owing(next, fresh, makeAsk);
}

function answered(before: Order, { commandId, outcome, reason, stray }: StockAnswered): Order {
  if (stray !== undefined) return givenBack(before, stray);
  const command = before.owed.find(({ id }) => id === commandId);
  if (command === undefined) return before;
  const order = { ...before, owed: before.owed.filter(({ id }) => id !== commandId) };
  if (!('reservationId' in command)) return order;
  const asked = numberOf(order, command.reservationId!);
  const allocation = order.allocations.find((one) => one.number === asked);
  if (allocation === undefined) return order;
  const { number, sku, location, quantity } = allocation;
  const isRefused = outcome === 'refused';
  switch (command.type) {
    case 'reservation.make':
      if (!isRefused) return made(order, allocation);
      return {
        ...lost(order, number),
        refusals: [...order.refusals, { sku, location, quantity }],
        refused: [...order.refused, number],
      };
    case 'reservation.commit':
    case 'reservation.renew': {
      if (allocation.state !== 'held') return order;
      if (isRefused && reason === 'unknown-reservation') return lost(order, number);
      return command.type === 'reservation.commit' ? change(order, number, committed) : order;
    }
    case 'reservation.release':
      if (isPartRelease(command)) return isRefused ? partRefused(order, allocation, reason) : order;
      if (!isRefused || reason !== 'exceeds-reservation') return lost(order, number);
      return owing(order, [allocation], (owner, one) => releaseAsk(owner, one, true));
    default:
      return order;
  }
}

/** The stock has none of it any more, or fewer than were given back. */
function partRefused(order: Order, { number, state }: Allocation, reason: string | undefined): Order {
  const isReserved = state === 'held' || state === 'committed';
  return reason === 'unknown-reservation' && isReserved ? lost(order, number) : order;
}

function givenBack(order: Order, stray: Sourced): Order {
  const allocation: Allocation = { ...stray, fulfilled: 0, state: 'releasing', expiresAt: 0 };
  const refused = order.refused.filter((number) => number !== stray.number);
  const next = { ...order, refused, allocations: [...order.allocations, allocation] };
  return owing(next, [allocation], (owner, one) => releaseAsk(owner, one));
}

const committed = (one: Allocation): Allocation => ({ ...one, state: 'committed' });

function made(before: Order, { number }: Allocation): Order {
  const held = change(before, number, (one) => ({ ...one, state: 'held' }));
  if (isEnded(held.status)) return released(held, (one) => one.number === number);
  const order = surplusReleased(held);
  const isTaken = order.status !== 'reserving' && order.status !== 'held';
  if (!isTaken) return order;
  return owing(
    order,
    order.allocations.filter((one) => one.number === number && isHeld(one)),
    commitAsk,
  );
}

function fulfilled(before: Order, { parts, elsewhere = [], occurredAt }: HappeningOf<'OrderUnitsFulfilled'>): Order {
  let order = before;
  for (const { reservation, quantity } of parts) {
    const asked = order.allocations.filter(({ number }) => number === reservation);
    const after = change(order, reservation, (one) => {
      const sum = one.fulfilled + quantity;
      return { ...one, fulfilled: sum, state: sum === one.quantity ? 'done' : one.state };
    });
    order = owing(after, asked, (owner, one) => fulfilAsk(owner, one, quantity, occurredAt));
  }
  for (const one of elsewhere) {
    const gone: Allocation = { ...one, fulfilled: one.quantity, state: 'done', expiresAt: 0 };
    order = owing(order, [{ ...gone, fulfilled: 0 }], (owner, a) => fulfilAsk(owner, a, one.quantity, occurredAt));
    order = { ...order, allocations: [...order.allocations, gone], numbered: order.numbered + 1 };
  }
  return surplusReleased(order);
}

function returned(order: Order, { parts, occurredAt }: HappeningOf<'OrderUnitsReturned'>): Order {
  const asks = parts.map((part, n) => returnAsk(order, order.returns + n + 1, part, occurredAt));
  return {
    ...order,
    returned: unitsOf(bySku([...order.returned, ...parts])),
    returns: order.returns + parts.length,
    owed: [...order.owed, ...asks],
  };
}
