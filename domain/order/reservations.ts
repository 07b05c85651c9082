// What becomes of an order's reservations besides being answered: changed, lost, given back in whole or in part. Each gives
// the order with what it then owes the stocks. Pure and total, for the fold.
import type { StockCommand } from '../stock/commands.ts';
import { releaseAsk, releasePartAsk } from './asks.ts';
import { type Allocation, type Order, wanted } from './order.ts';

const isReserved = ({ state }: Allocation) => state === 'held' || state === 'committed';

export function owing(
  order: Order,
  allocations: readonly Allocation[],
  ask: (order: Order, allocation: Allocation) => StockCommand,
): Order {
  return { ...order, owed: [...order.owed, ...allocations.map((allocation) => ask(order, allocation))] };
}

/** Undefined takes the reservation out of the order. */
export function change(order: Order, number: number, how: (one: Allocation) => Allocation | undefined): Order {
  const allocations: Allocation[] = [];
  for (const one of order.allocations) {
    const after = one.number === number ? how(one) : one;
    if (after !== undefined) allocations.push(after);
  }
  return { ...order, allocations };
}

/** Gives back what is reserved. What was asked and not answered is given back once it is known to be ours. */
export function released(order: Order, which: (allocation: Allocation) => boolean = () => true): Order {
  const given = order.allocations.filter((one) => isReserved(one) && which(one));
  const marked = given.reduce((one, { number }) => change(one, number, (a) => ({ ...a, state: 'releasing' })), order);
  return owing(marked, given, (owner, one) => releaseAsk(owner, one));
}

/** The stock no longer has this reservation; what was fulfilled from it stays. */
export function lost(order: Order, number: number): Order {
  return change(order, number, (one) =>
    one.fulfilled === 0 ? undefined : { ...one, quantity: one.fulfilled, state: 'done' },
  );
}

/**
 * Gives back what is reserved or gone beyond what the order still wants, of the latest reservations first. What is only
 * asked for may yet be refused: it is looked at once it is made.
 */
export function surplusReleased(before: Order): Order {
  /** Below 0: surplus. */
  const left = wanted(before);
  let isSurplus = false;
  for (const { sku, quantity, fulfilled, state } of before.allocations) {
    if (state === 'asked') continue;
    const units = (left.get(sku) ?? 0) - (state === 'releasing' ? fulfilled : quantity);
    left.set(sku, units);
    isSurplus ||= units < 0;
  }
  if (!isSurplus) return before;
  let order = before;
  for (const one of before.allocations.toReversed()) {
    const promised = one.quantity - one.fulfilled;
    const units = isReserved(one) ? Math.min(promised, -(left.get(one.sku) ?? 0)) : 0;
    if (units <= 0) continue;
    left.set(one.sku, left.get(one.sku)! + units);
    if (units === promised) order = released(order, ({ number }) => number === one.number);
    else {
      order = change(order, one.number, (a) => ({ ...a, quantity: a.quantity - units }));
      order = owing(order, [one], (owner, a) => releasePartAsk(owner, a, units));
    }
  }
  return order;
}
