// An order of eBay's Fulfillment API as commands: all that it says, whole, at every reading. It is placed as a commitment
// (the buyer has bought), then its shipments, then its cancellation, each with an id of eBay's own. A refund moves no
// stock; a return is known to eBay's Post-Order API and to whoever takes the parcel in, not to the order.
import { z } from 'zod';
import { QUANTITY_MAX } from '../../../domain/stock/commands.ts';
import { LocationId, Sku } from '../../../domain/stock/stream.ts';
import type { InboundCommand, InboundMessage } from '../../inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../inbound/names.ts';
import type { Identifiers } from '../identifiers.ts';

const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Id = z.string().min(1).max(200);

const LineItem = z.object({
  lineItemId: Id,
  sku: z.string().nullish(),
  legacyItemId: z.string().nullish(),
  legacyVariationId: z.string().nullish(),
  quantity: z.int().min(1).max(QUANTITY_MAX),
  lineItemFulfillmentStatus: z.string().nullish(),
});

export const EbayOrder = z.object({
  orderId: Id,
  lastModifiedDate: Time,
  lineItems: z.array(LineItem).min(1),
  orderFulfillmentStatus: z.string().nullish(),
  cancelStatus: z.object({ cancelState: z.string().nullish() }).nullish(),
  fulfillmentHrefs: z.array(z.string()).nullish(),
  fulfillmentStartInstructions: z
    .array(
      z.object({
        fulfillmentInstructionsType: z.string().nullish(),
        pickupStep: z.object({ merchantLocationKey: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});
export type EbayOrder = z.output<typeof EbayOrder>;

export const Fulfillments = z.object({
  fulfillments: z
    .array(
      z.object({
        fulfillmentId: Id,
        shippedDate: Time.nullish(),
        lineItems: z.array(z.object({ lineItemId: Id, quantity: z.int().min(1).max(QUANTITY_MAX).nullish() })),
      }),
    )
    .nullish()
    .transform((fulfillments) => fulfillments ?? []),
});
export type Fulfillment = z.output<typeof Fulfillments>['fulfillments'][number];

/** Whether its shipments have to be asked for: the order names their addresses only. */
export function hasShipments({ orderFulfillmentStatus, fulfillmentHrefs }: EbayOrder): boolean {
  return (fulfillmentHrefs?.length ?? 0) > 0 || (orderFulfillmentStatus ?? 'NOT_STARTED') !== 'NOT_STARTED';
}

export interface OrderRoom {
  readonly channel: string;
  readonly identifiers: Identifiers;
}

/** Of an order in Evenstock. */
const LINES_MAX = 100;

export function messageOf(order: EbayOrder, shipments: readonly Fulfillment[], room: OrderRoom): InboundMessage {
  const { orderId: theirs, lineItems } = order;
  const about = `order ${theirs}`;
  const skus = new Map<string, string>();
  for (const line of lineItems) {
    const found = skuOf(line, room.identifiers);
    if ('unmapped' in found) return { about, meaning: { kind: 'unmapped', what: 'sku', id: found.unmapped } };
    skus.set(line.lineItemId, found.sku);
  }
  const pickup = pickupOf(order);
  const location = pickup === undefined ? undefined : room.identifiers.locationOf(pickup);
  if (pickup !== undefined && !LocationId.safeParse(location).success) {
    return { about, meaning: { kind: 'unmapped', what: 'location', id: pickup } };
  }
  const lines = summed(lineItems.map(({ lineItemId, quantity }) => ({ sku: skus.get(lineItemId)!, quantity })));
  if (lines.length > LINES_MAX || lines.some(({ quantity }) => quantity > QUANTITY_MAX)) {
    return {
      about,
      meaning: { kind: 'malformed', reason: `more than ${LINES_MAX} SKUs or ${QUANTITY_MAX} units of one` },
    };
  }
  const units = shipped(order, shipments);
  const orderId = orderIdOf(room.channel, theirs);
  const id = (what: string) => orderCommandId(room.channel, theirs, what);
  const command = (command: Extract<InboundCommand, { to: 'order' }>['command']): InboundCommand => ({
    to: 'order',
    orderId,
    command,
  });
  const commands = [
    command({
      type: 'place',
      id: id('place'),
      kind: 'commitment',
      lines,
      flow: location === undefined ? { type: 'ship' } : { type: 'click-and-collect', location },
    }),
    ...units.map(({ what, occurredAt, lines }) =>
      command({
        type: 'fulfil',
        id: id(`fulfil:${what}`),
        occurredAt,
        units: summed(lines.map(({ lineItemId, quantity }) => ({ sku: skus.get(lineItemId)!, quantity }))),
      }),
    ),
  ];
  const ordered = lineItems.reduce((sum, { quantity }) => sum + quantity, 0);
  const gone = units.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
  if (order.cancelStatus?.cancelState === 'CANCELED' && gone < ordered) {
    commands.push(command({ type: 'cancel', id: id('cancel') }));
  }
  return { about, meaning: { kind: 'commands', commands } };
}

/** By its SKU; a listing that has none, by the listing's number, which only a mapping can make an SKU of. */
function skuOf(
  { sku: theirs, legacyItemId, legacyVariationId, lineItemId }: z.output<typeof LineItem>,
  identifiers: Identifiers,
): { readonly sku: string } | { readonly unmapped: string } {
  if (theirs) {
    const sku = identifiers.skuOf(theirs);
    return sku !== undefined && Sku.safeParse(sku).success ? { sku } : { unmapped: theirs };
  }
  const listing = [legacyItemId ?? `line ${lineItemId}`, legacyVariationId].filter(Boolean).join('/');
  const sku = identifiers.skuOf(listing);
  return sku !== undefined && sku !== listing && Sku.safeParse(sku).success ? { sku } : { unmapped: listing };
}

/** The store where the buyer collects it, by eBay's merchantLocationKey; undefined: it is sent. */
function pickupOf({ fulfillmentStartInstructions }: EbayOrder): string | undefined {
  const [first] = fulfillmentStartInstructions ?? [];
  if (first?.fulfillmentInstructionsType !== 'PREPARE_FOR_PICKUP') return undefined;
  return first.pickupStep?.merchantLocationKey ?? '';
}

interface Shipped {
  /** Names it among the order's. */
  readonly what: string;
  readonly occurredAt: number | undefined;
  readonly lines: readonly { readonly lineItemId: string; readonly quantity: number }[];
}

/**
 * The order's shipments. An order that was marked as shipped without any (no tracking number) is one shipment of all its
 * lines that are FULFILLED.
 */
function shipped({ lineItems, lastModifiedDate }: EbayOrder, shipments: readonly Fulfillment[]): readonly Shipped[] {
  const ordered = new Map(lineItems.map(({ lineItemId, quantity }) => [lineItemId, quantity]));
  const told = shipments.flatMap(({ fulfillmentId, shippedDate, lineItems: refs }): readonly Shipped[] => {
    const lines = refs.flatMap(({ lineItemId, quantity }) => {
      const units = quantity ?? ordered.get(lineItemId);
      return units === undefined || !ordered.has(lineItemId) ? [] : [{ lineItemId, quantity: units }];
    });
    return lines.length === 0 ? [] : [{ what: fulfillmentId, occurredAt: shippedDate ?? undefined, lines }];
  });
  if (told.length > 0) return told;
  return lineItems
    .filter(({ lineItemFulfillmentStatus }) => lineItemFulfillmentStatus === 'FULFILLED')
    .map(({ lineItemId, quantity }) => ({
      what: `line-${lineItemId}`,
      occurredAt: lastModifiedDate,
      lines: [{ lineItemId, quantity }],
    }));
}

function summed(lines: readonly { readonly sku: string; readonly quantity: number }[]) {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return [...units].map(([sku, quantity]) => ({ sku, quantity }));
}
