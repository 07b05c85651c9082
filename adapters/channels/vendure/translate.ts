// A Vendure order as commands of ours, whole: all that is known of it, each step with an id of Vendure's own. A shop has
// taken the money or may take it, so the order is a commitment: it stands, whatever the stock.
import { z } from 'zod';
import type { InboundCommand, InboundMessage } from '../../inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../inbound/names.ts';
import type { Identifiers } from '../identifiers.ts';
import { type Units, VendureOrder } from './order.ts';
import { type PartStep, partSteps } from './order-parts.ts';

export interface TranslateOptions {
  readonly channel: string;
  readonly identifiers: Identifiers;
  /** Orders that were placed before are left alone, ms since 1970. */
  readonly ordersSince: number;
}

export function translateOrder(raw: unknown, options: TranslateOptions): InboundMessage {
  const parsed = VendureOrder.safeParse(raw);
  if (!parsed.success) return malformed(aboutOf(raw), parsed.error);
  const order = parsed.data;
  const about = `order ${order.code}`;
  const why = whyIgnored(order, options);
  if (why !== undefined) return { about, meaning: { kind: 'ignored', why } };
  const skus = new Map<string, string>();
  for (const { id, productVariant } of order.lines) {
    const sku = options.identifiers.skuOf(productVariant.id);
    if (sku === undefined) return { about, meaning: { kind: 'unmapped', what: 'sku', id: productVariant.id } };
    skus.set(id, sku);
  }
  if (order.history.items.length < order.history.totalItems) {
    return { about, meaning: { kind: 'malformed', reason: `a history of ${order.history.totalItems} entries` } };
  }
  try {
    const commands = partSteps(order).map((step) => commandOf(step, order.code, options.channel, skus));
    return { about, meaning: { kind: 'commands', commands } };
  } catch (error) {
    if (error instanceof z.ZodError) return malformed(about, error);
    throw error;
  }
}

function whyIgnored({ orderPlacedAt, type }: VendureOrder, { ordersSince }: TranslateOptions): string | undefined {
  if (orderPlacedAt === null) return 'it is not placed yet';
  if (orderPlacedAt < ordersSince) return 'it was placed before ordersSince';
  // Its units are those of the aggregate order that it is a part of.
  if (type === 'Seller') return 'it is the part of one seller';
  return undefined;
}

/** The first part is the order itself; later ones are `<code>.2` and so on. */
function commandOf(step: PartStep, code: string, channel: string, skus: ReadonlyMap<string, string>): InboundCommand {
  const theirs = step.part === 1 ? code : `${code}.${step.part}`;
  const orderId = orderIdOf(channel, theirs);
  const id = (what: string) => orderCommandId(channel, theirs, what);
  switch (step.kind) {
    case 'place': {
      const lines = bySku(step.units, skus);
      return {
        to: 'order',
        orderId,
        command: { type: 'place', id: id('place'), kind: 'commitment', lines, flow: { type: 'ship' } },
      };
    }
    case 'fulfil': {
      const { fulfilment, at: occurredAt } = step;
      const units = bySku(step.units, skus);
      return { to: 'order', orderId, command: { type: 'fulfil', id: id(`fulfil:${fulfilment}`), units, occurredAt } };
    }
    case 'cancel': {
      const { entry, units } = step;
      if (units === undefined) return { to: 'order', orderId, command: { type: 'cancel', id: id('cancel') } };
      const cancelled = bySku(units, skus);
      return { to: 'order', orderId, command: { type: 'cancel', id: id(`cancelled:${entry}`), cancelled } };
    }
    case 'return': {
      const { entry, at: occurredAt } = step;
      // Vendure puts what comes back on sale itself, at once.
      const units = bySku(step.units, skus).map((one) => ({ ...one, disposition: 'restock' as const }));
      return { to: 'order', orderId, command: { type: 'return', id: id(`return:${entry}`), units, occurredAt } };
    }
  }
}

function bySku(units: Units, skus: ReadonlyMap<string, string>) {
  const sums = new Map<string, number>();
  for (const [line, n] of units) sums.set(skus.get(line)!, (sums.get(skus.get(line)!) ?? 0) + n);
  return [...sums].map(([sku, quantity]) => ({ sku, quantity }));
}

function malformed(about: string, error: z.ZodError): InboundMessage {
  const { path, message } = error.issues[0]!;
  return { about, meaning: { kind: 'malformed', reason: `${path.join('.') || 'the order'}: ${message}` } };
}

function aboutOf(raw: unknown): string {
  const named = z.object({ code: z.string().max(200) }).safeParse(raw);
  return named.success ? `order ${named.data.code}` : 'an order';
}
