// Judges that more was ordered after the order had been placed: its lines become more, and are looked for like what it is
// short of. Only of a commitment, for what is more has been sold already; nobody is asked whether.

import { explodeLines } from '../bundle/explode.ts';
import type { Sku } from '../stock/stream.ts';
import { orderedLine, orderedUnits, tooMany } from './bundled.ts';
import type { OrderCommandOf } from './commands.ts';
import { bySku, type Order, unitsOf } from './order.ts';
import { goOn, sourcedAfresh } from './progress.ts';
import { accepted, beginning, notInThisStatus, type OrderContext, type OrderDecision, refused, tell } from './story.ts';

type Lines = OrderCommandOf<'extend'>['lines'];

export function extend(order: Order, { lines }: OrderCommandOf<'extend'>, context: OrderContext): OrderDecision {
  const more = unitsOf(beyond(order, lines));
  if (more.length === 0) return accepted(beginning(order));
  const unknown = more.find(({ sku }) => !context.policy.knowsSku(sku));
  if (unknown !== undefined) {
    const line = lines.findIndex(({ sku }) => sku === unknown.sku);
    return refused('unknown-sku', `/lines/${line}/sku the policy has no SKU ${unknown.sku}`);
  }
  const first = order.lines.length === 0 ? 0 : orderedLine(order.lines, order.lines.length - 1) + 1;
  const added = explodeLines(more, context.policy.bundles).map((one) =>
    one.bundle === undefined ? one : { ...one, bundle: { ...one.bundle, line: first + one.bundle.line } },
  );
  if (order.kind === 'request') {
    return refused('not-in-this-status', `order ${order.id} is a request: what else is wanted is another order`);
  }
  const bad = notInThisStatus(order, 'OrderLinesAdded') ?? tooMany([...order.lines, ...added]);
  if (bad !== undefined) return bad;
  const story = tell(beginning(order), { type: 'OrderLinesAdded', lines: added });
  return accepted(goOn(sourcedAfresh(story, context) ?? story, context));
}

/** Was more ordered than the order has lines for? Quick to ask. */
export function isMore(order: Order, lines: Lines): boolean {
  return unitsOf(beyond(order, lines)).length > 0;
}

function beyond({ lines: known }: Order, lines: Lines): ReadonlyMap<Sku, number> {
  const units = bySku(lines);
  for (const [sku, quantity] of orderedUnits(known)) units.set(sku, (units.get(sku) ?? 0) - quantity);
  return units;
}
