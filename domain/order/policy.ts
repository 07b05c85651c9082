// What policy says about orders: how their lines are sourced, over how many locations, and how long units are held.
// A part of the policy document (domain/channel/policy.ts); a channel may say otherwise than all.
import { z } from 'zod';
import type { Issue } from '../policy/issue.ts';
import { ChannelId, LocationId } from '../stock/stream.ts';

export const SOURCING_RULES = ['priority', 'nearest', 'balance'] as const;
export type SourcingRule = (typeof SOURCING_RULES)[number];
export const BACK_ORDER_RULES = ['byHand', 'oldestFirst'] as const;

const terms = {
  sourcing: z.enum(SOURCING_RULES).meta({
    description:
      "After a single location that has everything: the channel's own order of locations, the nearest, or where most is free",
  }),
  splitsMax: z.int().min(1).max(100).meta({ description: 'Locations one order may be taken from' }),
  holdMinutes: z.int().min(1).max(43_200).meta({ description: 'How long units are held when the order does not say' }),
  holdMinutesMax: z.int().min(1).max(525_600).meta({ description: 'How long an order may ask them to be held' }),
  backOrders: z.enum(BACK_ORDER_RULES).meta({
    description:
      'What is short is sourced when people say so, or by itself as soon as units are free, for whoever has waited longest',
  }),
  nearest: z.array(LocationId).max(1_000).meta({ description: 'Ranking for `nearest` when the order brings none' }),
};

export const OrderPolicy = z.strictObject({
  sourcing: terms.sourcing.default('priority'),
  splitsMax: terms.splitsMax.default(5),
  holdMinutes: terms.holdMinutes.default(15),
  holdMinutesMax: terms.holdMinutesMax.default(10_080),
  backOrders: terms.backOrders.default('byHand'),
  nearest: terms.nearest.default([]),
  channels: z
    .array(
      z.strictObject({
        channel: ChannelId,
        sourcing: terms.sourcing.optional(),
        splitsMax: terms.splitsMax.optional(),
        holdMinutes: terms.holdMinutes.optional(),
        holdMinutesMax: terms.holdMinutesMax.optional(),
        backOrders: terms.backOrders.optional(),
        nearest: terms.nearest.optional(),
      }),
    )
    .default([])
    .meta({ description: 'What one channel does otherwise' }),
});
export type OrderPolicy = z.output<typeof OrderPolicy>;

/** The terms of one channel. */
export type OrderTerms = Omit<OrderPolicy, 'channels'>;

export function orderTerms(policy: OrderPolicy, channel: ChannelId): OrderTerms {
  const own = policy.channels.find((one) => one.channel === channel);
  if (own === undefined) return policy;
  const { channels: _all, ...all } = policy;
  const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const { channel: _, ...changed } = { ...all, ...said } as OrderTerms & { readonly channel: ChannelId };
  return changed;
}

/** Names that the rest of the document does not know, and holds that contradict themselves. */
export function checkOrderPolicy(
  policy: OrderPolicy,
  locations: ReadonlySet<string>,
  channels: ReadonlySet<string>,
  issue: Issue,
): void {
  const nearest = (ids: readonly string[], place: (string | number)[]) =>
    ids.forEach((id, n) => {
      if (!locations.has(id)) issue([...place, 'nearest', n], `unknown location ${id}`);
    });
  nearest(policy.nearest, ['orders']);
  policy.channels.forEach((entry, n) => {
    const place = ['orders', 'channels', n];
    if (!channels.has(entry.channel)) issue([...place, 'channel'], `unknown channel ${entry.channel}`);
    if (policy.channels.findIndex(({ channel }) => channel === entry.channel) !== n) {
      issue([...place, 'channel'], `${entry.channel} is defined twice`);
    }
    nearest(entry.nearest ?? [], place);
    holds(orderTerms(policy, entry.channel), place, issue);
  });
  holds(policy, ['orders'], issue);
}

function holds({ holdMinutes, holdMinutesMax }: OrderTerms, place: (string | number)[], issue: Issue): void {
  if (holdMinutes > holdMinutesMax) issue([...place, 'holdMinutes'], `is more than holdMinutesMax, ${holdMinutesMax}`);
}
