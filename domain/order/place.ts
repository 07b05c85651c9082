// Judges the placing of an order: whether policy knows what it names and lets it be sourced as it wants. Nothing else can
// refuse a commitment, for it is sold already; a request may then still find too few units.
import { MINUTE } from '../time.ts';
import { linesOf, tooMuch } from './bundled.ts';
import type { OrderCommandOf } from './commands.ts';
import type { HappeningOf } from './events.ts';
import type { OrderFlow } from './flow.ts';
import type { Order } from './order.ts';
import { orderTerms } from './policy.ts';
import { goOn } from './progress.ts';
import { candidatesOf, poolOf, sourcingOf } from './sourcing.ts';
import { accepted, beginning, type OrderContext, type OrderDecision, refused, tell } from './story.ts';

export function place(order: Order, command: OrderCommandOf<'place'>, context: OrderContext): OrderDecision {
  if (order.status !== 'new') {
    const what = order.lines.length === 0 ? 'was cancelled before it was placed' : 'has been placed already';
    return refused('order-exists', `order ${order.id} ${what}`);
  }
  return (
    unknownName(command, context) ??
    tooMuch(command, context.policy) ??
    badExpiry(command, context) ??
    placed(order, command, context)
  );
}

function placed(order: Order, command: OrderCommandOf<'place'>, context: OrderContext): OrderDecision {
  const { kind, channel, flow, expiresAt } = command;
  const { policy, now } = context;
  const terms = orderTerms(policy.document.orders, channel);
  const happening: HappeningOf<'OrderPlaced'> = {
    type: 'OrderPlaced',
    kind,
    channel,
    lines: linesOf(command, policy),
    flow,
    candidates: candidatesOf(flow, poolOf(policy, channel), terms),
    sourcing: sourcingOf(flow, terms),
    splitsMax: terms.splitsMax,
    policy: policy.version,
    expiresAt: expiresAt ?? now + terms.holdMinutes * MINUTE,
    placedAt: now,
  };
  return accepted(goOn(tell(beginning(order), happening), context));
}

/** Details begin with a JSON pointer, so that a border can name the field. */
function unknownName(
  { channel, lines, flow }: OrderCommandOf<'place'>,
  { policy }: OrderContext,
): OrderDecision | undefined {
  if (policy.channel(channel) === undefined) {
    return refused('unknown-sales-channel', `/channel the policy has no channel ${channel}`);
  }
  const line = lines.findIndex(({ sku }) => !policy.knowsSku(sku));
  if (line >= 0) return refused('unknown-sku', `/lines/${line}/sku the policy has no SKU ${lines[line]!.sku}`);
  const pool = poolOf(policy, channel);
  for (const { path, location, isSource } of named(flow)) {
    if (!policy.knowsLocation(location))
      return refused('unknown-location', `${path} the policy has no location ${location}`);
    if (isSource && !pool.includes(location)) {
      return refused('outside-pool', `${path} channel ${channel} does not sell from ${location}`);
    }
  }
  return undefined;
}

/** The locations a flow names; a source must be in the channel's pool, where it was ordered need not be. */
function named(
  flow: OrderFlow,
): readonly { readonly path: string; readonly location: string; readonly isSource: boolean }[] {
  const list = (name: string, locations: readonly string[] = []) =>
    locations.map((location, n) => ({ path: `/flow/${name}/${n}`, location, isSource: true }));
  switch (flow.type) {
    case 'click-and-collect':
      return [{ path: '/flow/location', location: flow.location, isSource: true }];
    case 'ship-from-store':
      return list('from', flow.from);
    case 'endless-aisle':
      return [{ path: '/flow/orderedAt', location: flow.orderedAt, isSource: false }, ...list('near', flow.near)];
    case 'ship':
      return list('near', flow.near);
  }
}

function badExpiry(
  { kind, channel, expiresAt }: OrderCommandOf<'place'>,
  context: OrderContext,
): OrderDecision | undefined {
  return kind === 'commitment' || expiresAt === undefined ? undefined : badHold(channel, expiresAt, context);
}

/** A hold that has ended already, or would last longer than policy lets it. */
export function badHold(channel: string, expiresAt: number, { policy, now }: OrderContext): OrderDecision | undefined {
  if (expiresAt <= now) return refused('expiry-not-in-future', '/expiresAt has already passed');
  const { holdMinutesMax } = orderTerms(policy.document.orders, channel);
  if (expiresAt <= now + holdMinutesMax * MINUTE) return undefined;
  return refused('hold-too-long', `/expiresAt is more than ${holdMinutesMax} minutes ahead, the most policy allows`);
}
