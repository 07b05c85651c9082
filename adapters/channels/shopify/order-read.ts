// An order as the Admin API tells it. Its fulfilments and refunds are named first and read after, a few at a time: one query
// may cost 1,000 points, and a page of a page is priced at its largest.
import { z } from 'zod';
import type { AdminApi, Told } from './admin-api.ts';
import { gid, numberOf } from './gid.ts';
import type { ShopOrder } from './order.ts';
import { isReturned, stateOf } from './order-payload.ts';

const ORDER = `query EvenstockOrder($id: ID!) {
  order(id: $id) {
    id test cancelledAt
    lineItems(first: 100) {
      nodes { id quantity unfulfilledQuantity isGiftCard sku variant { id } product { id } }
      pageInfo { hasNextPage }
    }
    fulfillments(first: 50) { id status createdAt location { id } }
    refunds(first: 50) { id createdAt }
  }
}`;
const PARTS = `query EvenstockOrderParts($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Fulfillment { id fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id } } } }
    ... on Refund { id refundLineItems(first: 100) { nodes { quantity restockType location { id } lineItem { id } } } }
  }
}`;
/** Each may cost about 300 points. */
const PARTS_PER_QUESTION = 3;

const Reference = z.object({ id: z.string() });
const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Line = z.object({
  id: z.string(),
  quantity: z.int(),
  unfulfilledQuantity: z.int(),
  isGiftCard: z.boolean(),
  sku: z.string().nullable(),
  variant: Reference.nullable(),
  product: Reference.nullable(),
});
const Order = z.object({
  id: z.string(),
  test: z.boolean(),
  cancelledAt: z.string().nullable(),
  lineItems: z.object({ nodes: z.array(Line), pageInfo: z.object({ hasNextPage: z.boolean() }) }),
  fulfillments: z.array(
    z.object({ id: z.string(), status: z.string(), createdAt: Time, location: Reference.nullable() }),
  ),
  refunds: z.array(z.object({ id: z.string(), createdAt: Time.nullable() })),
});
const Answer = z.object({ order: Order.nullable() });

const Parts = z.object({
  nodes: z.array(
    z
      .object({
        id: z.string(),
        fulfillmentLineItems: z
          .object({ nodes: z.array(z.object({ quantity: z.int().nullable(), lineItem: Reference })) })
          .optional(),
        refundLineItems: z
          .object({
            nodes: z.array(
              z.object({
                quantity: z.int(),
                restockType: z.string(),
                location: Reference.nullable(),
                lineItem: Reference,
              }),
            ),
          })
          .optional(),
      })
      .nullable(),
  ),
});
type Part = NonNullable<z.output<typeof Parts>['nodes'][number]>;

/** Undefined: the shop has no such order (any more), or does not show it to this app. */
export async function readOrder(api: AdminApi, id: string, signal: AbortSignal): Promise<Told<ShopOrder | undefined>> {
  const told = await api.ask({ query: ORDER, variables: { id: gid('Order', id) }, schema: Answer }, signal);
  if (told.kind !== 'data') return told;
  const { order } = told.data;
  if (order === null) return { ...told, data: undefined };
  const whole = order.lineItems.pageInfo.hasNextPage ? 'more than 100 lines' : undefined;
  if (whole !== undefined) return { kind: 'batchRefused', reason: `order ${numberOf(order.id)} has ${whole}` };
  const ids = [...order.fulfillments, ...order.refunds].map((part) => part.id);
  const parts = new Map<string, Part>();
  for (let n = 0; n < ids.length; n += PARTS_PER_QUESTION) {
    const asked = { ids: ids.slice(n, n + PARTS_PER_QUESTION) };
    const answer = await api.ask({ query: PARTS, variables: asked, schema: Parts }, signal);
    if (answer.kind !== 'data') return answer;
    for (const part of answer.data.nodes) if (part !== null) parts.set(part.id, part);
  }
  return { ...told, data: orderOf(order, parts) };
}

function orderOf(order: z.output<typeof Order>, parts: ReadonlyMap<string, Part>): ShopOrder {
  return {
    id: numberOf(order.id),
    isTest: order.test,
    isCancelled: order.cancelledAt !== null,
    lines: order.lineItems.nodes.map((line) => ({
      id: numberOf(line.id),
      variant: line.variant === null ? undefined : numberOf(line.variant.id),
      quantity: line.quantity,
      unfulfilled: line.unfulfilledQuantity,
      isNoStock: line.isGiftCard || (line.variant === null && line.product === null && !line.sku),
    })),
    fulfilments: order.fulfillments.map((one) => ({
      id: numberOf(one.id),
      state: stateOf(one.status),
      at: one.createdAt,
      location: one.location === null ? undefined : numberOf(one.location.id),
      lines: (parts.get(one.id)?.fulfillmentLineItems?.nodes ?? []).map(({ quantity, lineItem }) => ({
        line: numberOf(lineItem.id),
        quantity: quantity ?? 0,
      })),
    })),
    refunds: order.refunds.flatMap((one) => {
      if (one.createdAt === null) return [];
      const lines = (parts.get(one.id)?.refundLineItems?.nodes ?? []).filter((line) => isReturned(line.restockType));
      const returned = lines.map(({ quantity, location, lineItem }) => ({
        line: numberOf(lineItem.id),
        quantity,
        location: location === null ? undefined : numberOf(location.id),
      }));
      return [{ id: numberOf(one.id), at: one.createdAt, returned }];
    }),
  };
}
