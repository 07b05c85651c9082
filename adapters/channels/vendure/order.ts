// An order as Vendure tells it: what is in it now, and the history of how that came about. Vendure adds fields and states, so
// what is not needed is not asked for, and what is not known is passed over.
import { z } from 'zod';

const Count = z.int().min(0);
const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const LineUnits = z.object({ orderLineId: z.string(), quantity: z.int() });

/** Ids in a history entry are the database's own, so numbers in most shops. */
const RawId = z.union([z.string(), z.number()]).transform(String);
const Cancelled = z.object({ lines: z.array(z.object({ orderLineId: RawId, quantity: Count })).default([]) });
const Modified = z.object({ modificationId: RawId });
const Moved = z.object({ fulfillmentId: RawId, from: z.string(), to: z.string() });

const Entry = z.object({ id: z.string(), createdAt: Time, type: z.string(), data: z.unknown() });

export const VendureOrder = z.object({
  id: z.string(),
  code: z.string().min(1).max(200),
  state: z.string(),
  type: z.string(),
  orderPlacedAt: Time.nullable(),
  updatedAt: Time,
  lines: z.array(
    z.object({
      id: z.string(),
      quantity: Count,
      orderPlacedQuantity: Count,
      productVariant: z.object({ id: z.string() }),
    }),
  ),
  fulfillments: z.array(z.object({ id: z.string(), lines: z.array(LineUnits) })).nullable(),
  modifications: z.array(z.object({ id: z.string(), lines: z.array(LineUnits) })),
  history: z.object({ items: z.array(Entry), totalItems: z.int() }),
});
export type VendureOrder = z.output<typeof VendureOrder>;

/** Entries of the history that say something of units. */
export const HISTORY_TYPES = ['ORDER_CANCELLATION', 'ORDER_FULFILLMENT_TRANSITION', 'ORDER_MODIFIED'] as const;

export const ORDER_FIELDS = `id code state type orderPlacedAt updatedAt
  lines { id quantity orderPlacedQuantity productVariant { id } }
  fulfillments { id lines { orderLineId quantity } }
  modifications { id lines { orderLineId quantity } }
  history(options: {filter: {type: {in: ${JSON.stringify(HISTORY_TYPES)}}}, sort: {createdAt: ASC, id: ASC}, take: 1000}) {
    totalItems items { id createdAt type data }
  }`;

/** Units of lines: line → units. */
export type Units = ReadonlyMap<string, number>;

export type Step =
  | { readonly kind: 'moved'; readonly fulfilment: string; readonly from: string; readonly to: string }
  | { readonly kind: 'cancelled'; readonly units: Units }
  | { readonly kind: 'modified'; readonly modification: string };

/** What the entry says. Undefined: nothing that concerns units. @throws z.ZodError where it is not what Vendure writes */
export function stepOf({ type, data }: VendureOrder['history']['items'][number]): Step | undefined {
  switch (type) {
    case 'ORDER_FULFILLMENT_TRANSITION': {
      const { fulfillmentId: fulfilment, from, to } = Moved.parse(data);
      return { kind: 'moved', fulfilment, from, to };
    }
    case 'ORDER_CANCELLATION':
      return { kind: 'cancelled', units: unitsOf(Cancelled.parse(data).lines) };
    case 'ORDER_MODIFIED':
      return { kind: 'modified', modification: Modified.parse(data).modificationId };
    default:
      return undefined;
  }
}

export function unitsOf(lines: readonly { readonly orderLineId: string; readonly quantity: number }[]): Units {
  const units = new Map<string, number>();
  for (const { orderLineId, quantity } of lines) units.set(orderLineId, (units.get(orderLineId) ?? 0) + quantity);
  return units;
}
