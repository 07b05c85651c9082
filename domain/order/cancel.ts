// Judges a cancellation: of all that has not left, of some units, or so that so many are cancelled in all. What is said in
// all comes to the same however often, late or in which order it is said, so that is how channels are heard.
import type { Sku } from '../stock/stream.ts';
import { unitsOfComponents } from './bundled.ts';
import type { OrderCommandOf } from './commands.ts';
import { bySku, type Order, openUnits, unitsOf } from './order.ts';
import { endIfNothingIsOpen, goOn } from './progress.ts';
import { accepted, beginning, notInThisStatus, type OrderContext, type OrderDecision, refused, tell } from './story.ts';

export function cancel(order: Order, command: OrderCommandOf<'cancel'>, context: OrderContext): OrderDecision {
  const { units, cancelled } = command;
  if (units !== undefined) return notInThisStatus(order, 'OrderUnitsCancelled') ?? cancelUnits(order, units, context);
  if (cancelled !== undefined) return accepted(without(order, yetToCancel(order, cancelled), context));
  return notInThisStatus(order, 'OrderCancelled') ?? accepted(tell(beginning(order), { type: 'OrderCancelled' }));
}

/** An order nobody has placed yet is over before it begins: its placing, should that come late, then finds it so. */
export function callOff(
  order: Order,
  { id, channel }: OrderCommandOf<'call-off'>,
  context: OrderContext,
): OrderDecision {
  if (order.status !== 'new') return cancel(order, { type: 'cancel', id }, context);
  return accepted(tell(beginning(order), { type: 'OrderCalledOff', channel, placedAt: context.now }));
}

type Lines = NonNullable<OrderCommandOf<'cancel'>['units']>;

function cancelUnits(order: Order, units: Lines, context: OrderContext): OrderDecision {
  const open = openUnits(order);
  const fewer = new Map<Sku, number>();
  for (const [n, { sku, quantity }] of unitsOfComponents(order.lines, units)) {
    const sum = (fewer.get(sku) ?? 0) + quantity;
    const beyond = sum - (open.get(sku) ?? 0);
    if (beyond > 0) return refused('exceeds-open', `/units/${n}/quantity is ${beyond} more than is open of ${sku}`);
    fewer.set(sku, sum);
  }
  return accepted(without(order, fewer, context));
}

/** What has left stays sent, whatever is said. */
function yetToCancel(order: Order, cancelled: Lines): ReadonlyMap<Sku, number> {
  const [open, already] = [openUnits(order), bySku(order.cancelled)];
  const all = bySku(unitsOfComponents(order.lines, cancelled).map(([, units]) => units));
  return new Map(
    Array.from(all, ([sku, n]) => [sku, Math.max(0, Math.min(n - (already.get(sku) ?? 0), open.get(sku) ?? 0))]),
  );
}

function without(order: Order, fewer: ReadonlyMap<Sku, number>, context: OrderContext) {
  const units = unitsOf(fewer);
  if (units.length === 0) return beginning(order);
  return goOn(endIfNothingIsOpen(tell(beginning(order), { type: 'OrderUnitsCancelled', units })), context);
}
