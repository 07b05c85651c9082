// Folds one event into an order: its status by the statechart, its reservations, and what it owes the stocks from then
// on. Pure and total over every order event ever written.
import type { StockCommand } from '../stock/commands.ts';
import { commitAsk, fulfilAsk, makeAsk, releaseAsk, renewAsk, returnAsk } from './asks.ts';
import type { HappeningOf, OrderHappening, Sourced, StockAnswered } from './events.ts';
import { isEnded, statusAfter } from './machine.ts';
import { type Allocation, bySku, type Order, reservationId, unitsOf } from './order.ts';

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
    case 'OrderCancelled':
      return released(order);
    case 'OrderExpired':
      return released(event.reservation === undefined ? order : lost(order, event.reservation));
    case 'OrderUnitsLost':
      return lost(order, event.reservation);
    case 'OrderShort':
      return { ...order, short: event.short };
    case 'OrderUnitsFulfilled':
      return event.parts.reduce((one, part) => fulfilled(one, part, event.occurredAt), order);
    case 'OrderUnitsReturned':
      return returned(order, event);
    default:
      return order;
  }
}

const isHeld = ({ state }: Allocation) => state === 'held';
const isReserved = ({ state }: Allocation) => state === 'held' || state === 'committed';

function owing(
  order: Order,
  allocations: readonly Allocation[],
  ask: (order: Order, allocation: Allocation) => StockCommand,
): Order {
  return { ...order, owed: [...order.owed, ...allocations.map((allocation) => ask(order, allocation))] };
}

/** Undefined takes the reservation out of the order. */
function change(order: Order, number: number, how: (one: Allocation) => Allocation | undefined): Order {
  const allocations = order.allocations.flatMap((one) => (one.number === number ? (how(one) ?? []) : one));
  return { ...order, allocations };
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

/** Gives back what is reserved. What was asked and not answered is given back once it is known to be ours. */
function released(order: Order, which: (allocation: Allocation) => boolean = () => true): Order {
  const given = order.allocations.filter((one) => isReserved(one) && which(one));
  const marked = given.reduce((one, { number }) => change(one, number, (a) => ({ ...a, state: 'releasing' })), order);
  return owing(marked, given, (owner, one) => releaseAsk(owner, one));
}

/** The stock no longer has this reservation; what was fulfilled from it stays. */
function lost(order: Order, number: number): Order {
  return change(order, number, (one) =>
    one.fulfilled === 0 ? undefined : { ...one, quantity: one.fulfilled, state: 'done' },
  );
}

function answered(before: Order, { commandId, outcome, reason, stray }: StockAnswered): Order {
  if (stray !== undefined) return givenBack(before, stray);
  const command = before.owed.find(({ id }) => id === commandId);
  if (command === undefined) return before;
  const order = { ...before, owed: before.owed.filter(({ id }) => id !== commandId) };
  if (!('reservationId' in command)) return order;
  const allocation = order.allocations.find((one) => reservationId(order, one.number) === command.reservationId);
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
      if (!isRefused || reason !== 'exceeds-reservation') return lost(order, number);
      return owing(order, [allocation], (owner, one) => releaseAsk(owner, one, true));
    default:
      return order;
  }
}

function givenBack(order: Order, stray: Sourced): Order {
  const allocation: Allocation = { ...stray, fulfilled: 0, state: 'releasing', expiresAt: 0 };
  const refused = order.refused.filter((number) => number !== stray.number);
  const next = { ...order, refused, allocations: [...order.allocations, allocation] };
  return owing(next, [allocation], (owner, one) => releaseAsk(owner, one));
}

const committed = (one: Allocation): Allocation => ({ ...one, state: 'committed' });

function made(order: Order, { number }: Allocation): Order {
  const held = change(order, number, (one) => ({ ...one, state: 'held' }));
  if (isEnded(order.status)) return released(held, (one) => one.number === number);
  const isTaken = order.status !== 'reserving' && order.status !== 'held';
  return isTaken
    ? owing(
        held,
        held.allocations.filter((one) => one.number === number),
        commitAsk,
      )
    : held;
}

function fulfilled(
  order: Order,
  { reservation, quantity }: HappeningOf<'OrderUnitsFulfilled'>['parts'][number],
  occurredAt: number,
): Order {
  const after = change(order, reservation, (one) => {
    const sum = one.fulfilled + quantity;
    return { ...one, fulfilled: sum, state: sum === one.quantity ? 'done' : one.state };
  });
  const before = order.allocations.filter(({ number }) => number === reservation);
  return owing(after, before, (owner, one) => fulfilAsk(owner, one, quantity, occurredAt));
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
