// What an order of Amazon says, as commands: placed, each parcel that left, cancelled. Said whole each time, with ids from
// Amazon's own ids, so it does not matter how often and by which way it arrives (Orders API 2026-01-01).
import { z } from 'zod';
import type { OrderCommandOf } from '../../../domain/order/commands.ts';
import { QUANTITY_MAX } from '../../../domain/stock/commands.ts';
import { Sku } from '../../../domain/stock/stream.ts';
import type { InboundCommand, InboundMessage } from '../../inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../inbound/names.ts';
import type { Identifiers } from '../identifiers.ts';
import type { AmazonSettings } from './settings.ts';

const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Units = z.int().min(0).max(QUANTITY_MAX);

export const AmazonOrder = z.object({
  orderId: z.string().min(1).max(100),
  lastUpdatedTime: Time,
  salesChannel: z.object({ channelName: z.string(), marketplaceId: z.string().optional() }),
  fulfillment: z.object({ fulfillmentStatus: z.string(), fulfilledBy: z.string().optional() }),
  orderItems: z.array(
    z.object({
      orderItemId: z.string().min(1),
      quantityOrdered: Units,
      product: z.object({ sellerSku: z.string().optional(), asin: z.string().optional() }),
      fulfillment: z.object({ quantityFulfilled: Units.optional(), quantityUnfulfilled: Units.optional() }).optional(),
      cancellation: z.object({ cancellationExecution: z.object({}).optional() }).optional(),
    }),
  ),
  packages: z
    .array(
      z.object({
        packageReferenceId: z.string().min(1).max(100),
        createdTime: Time.optional(),
        shipTime: Time.optional(),
        packageStatus: z.object({ status: z.string() }).optional(),
        packageItems: z.array(z.object({ orderItemId: z.string(), quantity: Units })).optional(),
      }),
    )
    .optional(),
});
export type AmazonOrder = z.infer<typeof AmazonOrder>;

export interface OrderRoom {
  readonly channel: string;
  readonly settings: AmazonSettings;
  readonly identifiers: Identifiers;
}

type Meaning = InboundMessage['meaning'];
type Fulfil = OrderCommandOf<'fulfil'>;

/** `raw`: an order of searchOrders or getOrder. */
export function translateOrder(raw: unknown, room: OrderRoom): InboundMessage {
  const parsed = AmazonOrder.safeParse(raw);
  if (!parsed.success) {
    const id = z.object({ orderId: z.string().min(1).max(100) }).safeParse(raw);
    const { path, message } = parsed.error.issues[0]!;
    const reason = `the order's ${path.join('.') || 'whole'}: ${message}`;
    return { about: `order ${id.success ? id.data.orderId : 'without an id'}`, meaning: { kind: 'malformed', reason } };
  }
  return {
    about: `order ${parsed.data.orderId}`,
    meaning: unconcerned(parsed.data, room) ?? commandsOf(parsed.data, room),
  };
}

function unconcerned({ salesChannel, fulfillment }: AmazonOrder, { settings }: OrderRoom): Meaning | undefined {
  if (fulfillment.fulfilledBy === 'AMAZON') return { kind: 'ignored', why: 'Amazon fulfils it from its own stock' };
  if (salesChannel.channelName !== 'AMAZON') return { kind: 'ignored', why: 'it was not sold on Amazon' };
  if (salesChannel.marketplaceId !== undefined && salesChannel.marketplaceId !== settings.marketplaceId) {
    return { kind: 'ignored', why: 'it is of another marketplace' };
  }
  if (fulfillment.fulfillmentStatus === 'PENDING_AVAILABILITY') {
    return { kind: 'ignored', why: 'a pre-order takes units once they are there' };
  }
  return undefined;
}

function commandsOf(order: AmazonOrder, room: OrderRoom): Meaning {
  const skus = new Map<string, string>();
  for (const { orderItemId, product } of order.orderItems) {
    const theirs = product.sellerSku;
    const sku = Sku.safeParse(theirs === undefined ? undefined : room.identifiers.skuOf(theirs));
    if (!sku.success) return { kind: 'unmapped', what: 'sku', id: theirs ?? product.asin ?? orderItemId };
    skus.set(orderItemId, sku.data);
  }
  const lines = bySku(
    order.orderItems.map(({ orderItemId, quantityOrdered }) => [orderItemId, quantityOrdered]),
    skus,
  );
  if (lines === undefined || lines.length > LINES_MAX)
    return { kind: 'malformed', reason: `more than ${LINES_MAX} lines` };
  const parcels = parcelsOf(order, skus);
  if (parcels === undefined) return { kind: 'malformed', reason: 'a package has an item that the order does not have' };

  const { channel } = room;
  const orderId = orderIdOf(channel, order.orderId);
  const id = (what: string) => orderCommandId(channel, order.orderId, what);
  const to = (command: Extract<InboundCommand, { to: 'order' }>['command']): InboundCommand => ({
    to: 'order',
    orderId,
    command,
  });
  const commands: InboundCommand[] = [];
  // An order that is cancelled may have lost its quantities: then there is nothing left to place.
  if (lines.length > 0) {
    commands.push(to({ type: 'place', id: id('place'), kind: 'commitment', lines, flow: { type: 'ship' } }));
  }
  for (const { name, occurredAt, units } of parcels) {
    commands.push(to({ type: 'fulfil', id: id(`fulfil:${name}`), occurredAt, units }));
  }
  const cancelled = bySku(
    order.orderItems.map((item) => [item.orderItemId, cancelledOf(item)]),
    skus,
  )!;
  if (isOver(order)) commands.push(to({ type: 'cancel', id: id('cancel') }));
  else if (cancelled.length > 0) {
    const said = cancelled.map(({ sku, quantity }) => `${quantity}x${sku}`).join();
    commands.push(to({ type: 'cancel', id: id(`cancelled:${said}`), cancelled }));
  }
  return commands.length > 0 ? { kind: 'commands', commands } : { kind: 'ignored', why: 'it has no units' };
}

/** Of one order of Evenstock. */
const LINES_MAX = 100;

interface Parcel {
  readonly name: string;
  readonly occurredAt: number;
  readonly units: Fulfil['units'];
}

/** What has left the seller. Undefined: it does not fit the order. */
function parcelsOf(order: AmazonOrder, skus: ReadonlyMap<string, string>): readonly Parcel[] | undefined {
  const parcels: Parcel[] = [];
  for (const { packageReferenceId, packageStatus, shipTime, createdTime, packageItems = [] } of order.packages ?? []) {
    if (packageStatus !== undefined && !LEFT.has(packageStatus.status)) continue;
    const units = bySku(
      packageItems.map(({ orderItemId, quantity }) => [orderItemId, quantity]),
      skus,
    );
    if (units === undefined) return undefined;
    // Sellers state times of shipping that are yet to come.
    const occurredAt = Math.min(shipTime ?? createdTime ?? order.lastUpdatedTime, order.lastUpdatedTime);
    if (units.length > 0) parcels.push({ name: packageReferenceId, occurredAt, units });
  }
  if (parcels.length > 0 || order.fulfillment.fulfillmentStatus !== 'SHIPPED') return parcels;
  // Confirmed without saying in which parcel.
  const all = bySku(
    order.orderItems.map(({ orderItemId, quantityOrdered, fulfillment }) => [
      orderItemId,
      fulfillment?.quantityFulfilled ?? quantityOrdered,
    ]),
    skus,
  )!;
  return all.length === 0 ? [] : [{ name: 'all', occurredAt: order.lastUpdatedTime, units: all }];
}
const LEFT: ReadonlySet<string> = new Set(['SHIPPED', 'IN_TRANSIT', 'DELIVERED', 'UNDELIVERABLE']);

/** Nothing more will leave: cancelled as a whole, or shipped without what was cancelled of it. */
function isOver({ fulfillment, orderItems }: AmazonOrder): boolean {
  if (fulfillment.fulfillmentStatus === 'CANCELLED') return true;
  if (fulfillment.fulfillmentStatus !== 'SHIPPED') return false;
  return orderItems.some(
    (item) =>
      item.cancellation?.cancellationExecution !== undefined ||
      (item.fulfillment?.quantityFulfilled ?? item.quantityOrdered) < item.quantityOrdered,
  );
}

/** Units of an item that were cancelled so far: neither sent nor still to be sent. */
function cancelledOf({ quantityOrdered, fulfillment, cancellation }: AmazonOrder['orderItems'][number]): number {
  if (cancellation?.cancellationExecution === undefined) return 0;
  const { quantityFulfilled = 0, quantityUnfulfilled = 0 } = fulfillment ?? {};
  return Math.max(0, quantityOrdered - quantityFulfilled - quantityUnfulfilled);
}

/** Units per SKU, none without units. Undefined: an item is none of the order's. */
function bySku(items: readonly (readonly [string, number])[], skus: ReadonlyMap<string, string>) {
  const units = new Map<string, number>();
  for (const [item, quantity] of items) {
    const sku = skus.get(item);
    if (sku === undefined) return undefined;
    if (quantity > 0) units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  return Array.from(units, ([sku, quantity]) => ({ sku, quantity }));
}
