// Judges what left for the buyer and what came back. Both have happened, but an order takes no more of them than it has
// open or sent: more is a mistake of whoever says so, or belongs to another order. Units may leave from a location where
// none is reserved for the order: they are gone there, and what is reserved elsewhere for as many is given back.
import { plural } from '../plural.ts';
import { outsideWindow } from '../policy/window.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import { unitsOfComponents } from './bundled.ts';
import type { OrderCommandOf } from './commands.ts';
import type { Sourced } from './events.ts';
import { bySku, fulfilledUnits, type Order, openUnits } from './order.ts';
import { endIfNothingIsOpen, goOn } from './progress.ts';
import { accepted, beginning, notInThisStatus, type OrderContext, type OrderDecision, refused, tell } from './story.ts';

export function fulfil(order: Order, command: OrderCommandOf<'fulfil'>, context: OrderContext): OrderDecision {
  const bad = notInThisStatus(order, 'OrderUnitsFulfilled') ?? badTime(command.occurredAt, context);
  if (bad !== undefined) return bad;
  const open = new Map(openUnits(order));
  const parts = new Map<number, number>();
  const elsewhere: Sourced[] = [];
  for (const [n, { sku, quantity, location }] of unitsOfComponents(order.lines, command.units)) {
    const left = takeFrom(order, sku, location, quantity, parts);
    const beyond = Math.max(location === undefined ? left : 0, quantity - (open.get(sku) ?? 0));
    if (beyond > 0) {
      const limit = location === undefined ? 'reserved' : 'open';
      return refused('exceeds-reserved', `/units/${n}/quantity is ${beyond} more than is ${limit} of ${sku}`);
    }
    open.set(sku, (open.get(sku) ?? 0) - quantity);
    if (left === 0) continue;
    if (!context.policy.knowsLocation(location!)) {
      return refused('unknown-location', `/units/${n}/location the policy has no location ${location}`);
    }
    elsewhere.push({ number: order.numbered + elsewhere.length + 1, sku, location: location!, quantity: left });
  }
  const story = tell(beginning(order), {
    type: 'OrderUnitsFulfilled',
    parts: Array.from(parts, ([reservation, quantity]) => ({ reservation, quantity })),
    ...(elsewhere.length > 0 && { elsewhere }),
    occurredAt: command.occurredAt ?? context.now,
  });
  return accepted(goOn(endIfNothingIsOpen(story), context));
}

/** Takes units from committed reservations, in their order, into `parts`. Answers how many are not there. */
function takeFrom(
  { allocations }: Order,
  sku: Sku,
  location: LocationId | undefined,
  quantity: number,
  parts: Map<number, number>,
): number {
  let left = quantity;
  for (const one of allocations) {
    if (one.state !== 'committed' || one.sku !== sku || (location ?? one.location) !== one.location) continue;
    const taken = parts.get(one.number) ?? 0;
    const units = Math.min(left, one.quantity - one.fulfilled - taken);
    if (units === 0) continue;
    parts.set(one.number, taken + units);
    left -= units;
  }
  return left;
}

export function takeBack(order: Order, command: OrderCommandOf<'return'>, context: OrderContext): OrderDecision {
  const bad = notInThisStatus(order, 'OrderUnitsReturned') ?? badTime(command.occurredAt, context);
  if (bad !== undefined) return bad;
  const left = fulfilledUnits(order);
  for (const [sku, quantity] of bySku(order.returned)) left.set(sku, (left.get(sku) ?? 0) - quantity);
  const parts = [];
  for (const [n, { sku, quantity, disposition, location }] of unitsOfComponents(order.lines, command.units)) {
    const units = left.get(sku) ?? 0;
    if (quantity > units) {
      const detail = `/units/${n}/quantity is more than the ${plural(units, `unit of ${sku} that was`, `units of ${sku} that were`)} fulfilled and not returned`;
      return refused('exceeds-fulfilled', detail);
    }
    if (location !== undefined && !context.policy.knowsLocation(location)) {
      return refused('unknown-location', `/units/${n}/location the policy has no location ${location}`);
    }
    left.set(sku, units - quantity);
    parts.push({ sku, quantity, disposition, location: location ?? sentFrom(order, sku) });
  }
  return accepted(
    tell(beginning(order), { type: 'OrderUnitsReturned', parts, occurredAt: command.occurredAt ?? context.now }),
  );
}

/** Where the first units of this SKU were fulfilled from. The caller knows that there are some. */
function sentFrom({ allocations }: Order, sku: Sku): LocationId {
  return allocations.find((one) => one.sku === sku && one.fulfilled > 0)!.location;
}

/** By default it happens now. */
function badTime(occurredAt: number | undefined, { policy, now }: OrderContext): OrderDecision | undefined {
  const detail = occurredAt === undefined ? undefined : outsideWindow(occurredAt, now, policy);
  return detail === undefined ? undefined : refused('outside-window', detail);
}
