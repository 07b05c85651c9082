// What an order of WooCommerce means: all that is known of it, whichever way it came. An order counts from when its units
// are promised (on hold, processing); WooCommerce itself knows neither parcels nor goods that come back: `completed` is all
// of it sent. Units of a refund before that are not sent any more; a refund after it is money.
import { z } from 'zod';
import type { InboundCommand, InboundMessage, InboundOrderCommand } from '../../inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../inbound/names.ts';
import type { Identifiers } from '../identifiers.ts';

/** Its times have no offset; those that end in `_gmt` are UTC. */
export const WooTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  .transform((text) => Date.parse(`${text}Z`))
  .refine((at) => !Number.isNaN(at));

const Line = z.object({ product_id: z.int(), variation_id: z.int().nullish(), quantity: z.number() });
export const WooRefund = z.object({
  id: z.int(),
  date_created_gmt: WooTime,
  line_items: z.array(Line).default([]),
});
export type WooRefund = z.infer<typeof WooRefund>;

export const WooOrder = z.object({
  id: z.int().positive(),
  status: z.string(),
  date_modified_gmt: WooTime.nullish(),
  date_completed_gmt: WooTime.nullish(),
  line_items: z.array(Line),
  refunds: z.array(z.object({ id: z.int() })).default([]),
});
export type WooOrder = z.output<typeof WooOrder>;

/** Nobody has promised units for these. */
const NOT_YET: ReadonlySet<string> = new Set(['pending', 'checkout-draft', 'auto-draft', 'draft', 'new']);
const OFF: ReadonlySet<string> = new Set(['cancelled', 'failed', 'refunded', 'trash']);
const LINES_MAX = 100;

export function messageOf(
  order: WooOrder,
  channel: string,
  identifiers: Identifiers,
  refunds: readonly WooRefund[] = [],
): InboundMessage {
  const about = `order ${order.id}`;
  if (NOT_YET.has(order.status)) return { about, meaning: { kind: 'ignored', why: `it is ${order.status}` } };
  const units = new Map<string, number>();
  for (const { product_id: product, variation_id: variation, quantity } of order.line_items) {
    if (quantity === 0) continue;
    const id = String(variation || product);
    const sku = identifiers.skuOf(id);
    if (sku === undefined) return { about, meaning: { kind: 'unmapped', what: 'sku', id } };
    if (!Number.isInteger(quantity) || quantity < 0)
      return malformed(about, `line of ${id}: ${quantity} is no quantity`);
    units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  if (units.size === 0) return { about, meaning: { kind: 'ignored', why: 'it has no units' } };
  if (units.size > LINES_MAX) return malformed(about, `it names ${units.size} SKUs, ${LINES_MAX} at most can be taken`);
  const refunded = refundedUnits(order, refunds, identifiers);
  return { about, meaning: { kind: 'commands', commands: commandsOf(order, channel, units, refunded) } };
}

/** By SKU: refunded before the order was completed, so never sent. */
function refundedUnits(
  { date_completed_gmt: completedAt }: WooOrder,
  refunds: readonly WooRefund[],
  identifiers: Identifiers,
): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { date_created_gmt: at, line_items: lines } of refunds) {
    if (completedAt != null && at >= completedAt) continue;
    for (const { product_id: product, variation_id: variation, quantity } of lines) {
      const sku = identifiers.skuOf(String(variation || product));
      const back = Math.floor(Math.abs(quantity));
      if (sku !== undefined && back > 0) units.set(sku, (units.get(sku) ?? 0) + back);
    }
  }
  return units;
}

function commandsOf(
  order: WooOrder,
  channel: string,
  units: ReadonlyMap<string, number>,
  refunded: ReadonlyMap<string, number>,
): readonly InboundCommand[] {
  const theirs = String(order.id);
  const orderId = orderIdOf(channel, theirs);
  const id = (what: string) => orderCommandId(channel, theirs, what);
  const lines = [...units].map(([sku, quantity]) => ({ sku, quantity }));
  const told = (command: InboundOrderCommand): InboundCommand => ({ to: 'order', orderId, command });
  const commands = [told({ type: 'place', id: id('place'), kind: 'commitment', lines, flow: { type: 'ship' } })];
  // Once completed it has left, even if it was refunded or cancelled since: then units may come back, and somebody counts them.
  const sentAt = order.date_completed_gmt ?? undefined;
  if (order.status === 'completed' || sentAt !== undefined) {
    const occurredAt = sentAt === undefined ? {} : { occurredAt: sentAt };
    const sent = lines
      .map(({ sku, quantity }) => ({ sku, quantity: quantity - (refunded.get(sku) ?? 0) }))
      .filter(({ quantity }) => quantity > 0);
    if (sent.length > 0)
      commands.push(told({ type: 'fulfil', id: id('fulfil:completed'), units: sent, ...occurredAt }));
  } else if (OFF.has(order.status)) return [...commands, told({ type: 'cancel', id: id('cancel') })];
  const cancelled = lines.flatMap(({ sku }) => (refunded.has(sku) ? { sku, quantity: refunded.get(sku)! } : []));
  const said = cancelled.map(({ sku, quantity }) => `${quantity}x${sku}`).join();
  if (cancelled.length > 0) commands.push(told({ type: 'cancel', id: id(`cancelled:${said}`), cancelled }));
  return commands;
}

/** Of an order that was thrown away nothing is told but its id. */
export function messageOfDeleted(id: number, channel: string): InboundMessage {
  const theirs = String(id);
  const command = { type: 'cancel', id: orderCommandId(channel, theirs, 'cancel') } as const;
  const told: InboundCommand = { to: 'order', orderId: orderIdOf(channel, theirs), command };
  return { about: `order ${id}`, meaning: { kind: 'commands', commands: [told] } };
}

export function malformed(about: string, reason: string): InboundMessage {
  return { about, meaning: { kind: 'malformed', reason } };
}
