// An order as Shopify knows it, by webhook or by query, and what it means: one snapshot is told whole (placed, fulfilled,
// cancelled, came back), so messages may arrive twice, late or in any order. Shopify sells without asking, so each is a
// commitment. docs/channels/shopify.md says what is not followed.
import type { OrderCommandOf } from '../../../domain/order/commands.ts';
import type { InboundCommand, InboundMessage } from '../../inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../inbound/names.ts';
import type { Identifiers } from '../identifiers.ts';
import { gid, numberOf, type ShopifyKind } from './gid.ts';

/** Ids are the numbers at the end of Shopify's global ids; times are milliseconds since 1970. */
export interface ShopOrder {
  readonly id: string;
  readonly isTest: boolean;
  readonly isCancelled: boolean;
  readonly lines: readonly ShopLine[];
  readonly fulfilments: readonly {
    readonly id: string;
    readonly state: 'success' | 'underway' | 'void';
    readonly at: number;
    readonly location: string | undefined;
    readonly lines: readonly LineUnits[];
  }[];
  readonly refunds: readonly {
    readonly id: string;
    readonly at: number;
    /** Only what came back into stock: money alone moves none. */
    readonly returned: readonly (LineUnits & { readonly location: string | undefined })[];
  }[];
}

export interface ShopLine {
  readonly id: string;
  /** Undefined: a line that somebody typed in, or whose variant is deleted. */
  readonly variant: string | undefined;
  /** As ordered, before anything was removed or refunded. */
  readonly quantity: number;
  /** Still to be fulfilled. */
  readonly unfulfilled: number;
  /** A gift card, or typed in: nothing leaves a shelf for it. */
  readonly isNoStock: boolean;
}

export interface LineUnits {
  readonly line: string;
  readonly quantity: number;
}

/** Of a line's variant: our SKU, or the shop's id that nobody has mapped. */
export type SkuOfVariant = (variant: string) => { readonly sku: string } | { readonly unmapped: string };

export interface OrderNames {
  readonly channel: string;
  readonly identifiers: Identifiers;
  /** Number of the location that shows the whole pool: it stands for none of ours unless it is mapped. */
  readonly location: string;
  readonly skuOfVariant: SkuOfVariant;
}

class Unmapped extends Error {
  override readonly name = 'Unmapped';
  readonly what: 'sku' | 'location';
  readonly id: string;
  constructor(what: 'sku' | 'location', id: string) {
    super(`unmapped ${what} ${id}`);
    this.what = what;
    this.id = id;
  }
}

export function messageOf(order: ShopOrder, names: OrderNames): InboundMessage {
  const about = `order ${order.id}`;
  if (order.isTest) return { about, meaning: { kind: 'ignored', why: 'a test order' } };
  try {
    const commands = commandsOf(order, names);
    if (commands.length === 0) return { about, meaning: { kind: 'ignored', why: 'nothing in it is stock' } };
    return { about, meaning: { kind: 'commands', commands } };
  } catch (error) {
    if (!(error instanceof Unmapped)) throw error;
    return { about, meaning: { kind: 'unmapped', what: error.what, id: error.id } };
  }
}

/** Empty: nothing in it is stock. @throws Unmapped */
function commandsOf(order: ShopOrder, names: OrderNames): readonly InboundCommand[] {
  const { channel } = names;
  const lines = order.lines.filter(({ isNoStock, quantity }) => !isNoStock && quantity > 0);
  if (lines.length === 0) return [];
  const skus = new Map(lines.map((line) => [line.id, skuOf(line, names)]));
  const orderId = orderIdOf(channel, order.id);
  const id = (what: string) => orderCommandId(channel, order.id, what);
  const to = (command: Extract<InboundCommand, { to: 'order' }>['command']): InboundCommand => {
    return { to: 'order', orderId, command };
  };
  const commands = [
    to({
      type: 'place',
      id: id('place'),
      kind: 'commitment',
      lines: lines.map((line) => ({ sku: skus.get(line.id)!, quantity: line.quantity })),
      flow: { type: 'ship' },
    }),
  ];
  for (const fulfilment of order.fulfilments) {
    if (fulfilment.state !== 'success') continue;
    const location = locationOf(fulfilment.location, names);
    const units = unitsOf(fulfilment.lines, skus).map((one) => ({ ...one, location }));
    if (units.length === 0) continue;
    commands.push(to({ type: 'fulfil', id: id(`fulfil:${fulfilment.id}`), occurredAt: fulfilment.at, units }));
  }
  const removed = unitsOf(removedOf(order, lines), skus);
  if (order.isCancelled && removed.length > 0) commands.push(to({ type: 'cancel', id: id('cancel') }));
  else if (removed.length > 0) {
    const said = removed.map(({ sku, quantity }) => `${quantity}x${sku}`).join();
    commands.push(to({ type: 'cancel', id: id(`cancelled:${said}`), cancelled: removed }));
  }
  for (const refund of order.refunds) {
    const units = returnedOf(refund.returned, skus, names);
    if (units.length === 0) continue;
    commands.push(to({ type: 'return', id: id(`return:${refund.id}`), occurredAt: refund.at, units }));
  }
  return commands;
}

/** Units that neither left, nor are leaving, nor are still to be sent: taken off the order, whoever did it and how often. */
function removedOf({ fulfilments }: ShopOrder, lines: readonly ShopLine[]): readonly LineUnits[] {
  const left = new Map(lines.map(({ id, quantity, unfulfilled }) => [id, quantity - unfulfilled]));
  for (const { state, lines: units } of fulfilments) {
    if (state === 'void') continue;
    for (const { line, quantity } of units) left.set(line, (left.get(line) ?? 0) - quantity);
  }
  return Array.from(left, ([line, quantity]) => ({ line, quantity }));
}

function unitsOf(units: readonly LineUnits[], skus: ReadonlyMap<string, string>) {
  const bySku = new Map<string, number>();
  for (const { line, quantity } of units) {
    const sku = skus.get(line);
    if (sku !== undefined && quantity > 0) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  }
  return Array.from(bySku, ([sku, quantity]) => ({ sku, quantity }));
}

function returnedOf(
  returned: ShopOrder['refunds'][number]['returned'],
  skus: ReadonlyMap<string, string>,
  names: OrderNames,
): OrderCommandOf<'return'>['units'] {
  return returned.flatMap((one) => {
    const location = locationOf(one.location, names);
    return unitsOf([one], skus).map((units) => ({ ...units, disposition: 'restock' as const, location }));
  });
}

function skuOf({ variant, id }: ShopLine, { skuOfVariant }: OrderNames): string {
  if (variant === undefined) throw new Unmapped('sku', gid('LineItem', id));
  const found = skuOfVariant(variant);
  if ('unmapped' in found) throw new Unmapped('sku', found.unmapped);
  return found.sku;
}

/** Undefined: from wherever it is reserved. */
function locationOf(theirs: string | undefined, { identifiers, location }: OrderNames): string | undefined {
  if (theirs === undefined) return undefined;
  const ours = mapped((id) => identifiers.locationOf(id), 'Location', theirs);
  if (ours === undefined && theirs !== numberOf(location)) throw new Unmapped('location', gid('Location', theirs));
  return ours;
}

/** People map the global id or the number. */
export function mapped(ask: (id: string) => string | undefined, kind: ShopifyKind, theirs: string): string | undefined {
  return ask(gid(kind, numberOf(theirs))) ?? ask(numberOf(theirs));
}
