// The fields of the Admin API that this adapter asks for, answered from the shop: an object whose properties are values or
// functions of their arguments. Runs behind the simulator's own small GraphQL, and in the tests behind the real schema.
import { gid, numberOf, type ShopifyKind } from '../gid.ts';
import type { GraphQLContext } from './graphql-run.ts';
import { createSetQuantities, type SetInput } from './set-quantities.ts';
import type { Shop, ShopItem, ShopOrderRecord, Units } from './shop.ts';

interface Page {
  readonly first: number;
  readonly after?: string | null;
  readonly query?: string | null;
}

const iso = (at: number) => new Date(at).toISOString();
const reference = (kind: ShopifyKind, id: string) => ({ __typename: kind, id: gid(kind, id) });

export function createResolvers(shop: Shop): object {
  const setQuantities = createSetQuantities(shop);
  return {
    nodes: ({ ids }: { ids: readonly string[] }) => ids.map((id) => nodeOf(shop, id)),
    inventoryItems({ first, query }: Page) {
      const after = Number(/^id:>(\d+)$/.exec(query ?? '')?.[1] ?? 0);
      const all = [...shop.items.values()].filter(({ item }) => Number(item) > after);
      all.sort((a, b) => Number(a.item) - Number(b.item));
      return connection(all.slice(0, first).map(itemOf), all.length > first);
    },
    order: ({ id }: { id: string }) => {
      const order = shop.orders.get(numberOf(id));
      return order === undefined ? null : orderOf(order, shop);
    },
    orders({ first, after, query }: Page) {
      const since = Date.parse(/^updated_at:>='([^']+)'$/.exec(query ?? '')?.[1] ?? '1970-01-01');
      const all = [...shop.orders.values()].filter(({ updatedAt }) => updatedAt >= since);
      all.sort((a, b) => a.updatedAt - b.updatedAt || Number(a.id) - Number(b.id));
      const behind = all.filter((order) => after == null || isBehind(order, after));
      return connection(
        behind.slice(0, first).map((order) => orderOf(order, shop)),
        behind.length > first,
        behind.map(cursorOf),
      );
    },
    inventorySetQuantities: ({ input }: { input: SetInput }, { idempotencyKey }: GraphQLContext) =>
      setQuantities(input, idempotencyKey),
  };
}

function connection(nodes: readonly object[], hasNextPage: boolean, cursors: readonly string[] = []): object {
  const edges = nodes.map((node, n) => ({ node, cursor: cursors[n] ?? String(n) }));
  return { nodes, edges, pageInfo: { hasNextPage, hasPreviousPage: false } };
}

const cursorOf = ({ updatedAt, id }: ShopOrderRecord) => `${updatedAt}:${id}`;

function isBehind(order: ShopOrderRecord, cursor: string): boolean {
  if (!/^\d+:\d+$/.test(cursor)) throw new Error('Invalid cursor for current pagination sort.');
  const [at, id] = cursor.split(':').map(Number);
  return order.updatedAt > at! || (order.updatedAt === at && Number(order.id) > id!);
}

function nodeOf(shop: Shop, id: string): object | null {
  const number = numberOf(id);
  switch (/^gid:\/\/shopify\/(\w+)\//.exec(id)?.[1]) {
    case 'InventoryItem': {
      const item = shop.items.get(number);
      return item === undefined ? null : itemOf(item);
    }
    case 'ProductVariant': {
      for (const item of shop.items.values()) if (item.variant === number) return variantOf(item);
      return null;
    }
    default:
      for (const order of shop.orders.values()) {
        for (const part of [...fulfilmentsOf(order, shop), ...refundsOf(order, shop)]) if (part.id === id) return part;
      }
      return null;
  }
}

function itemOf({ item, sku, tracked, levels }: ShopItem): object {
  return {
    ...reference('InventoryItem', item),
    sku,
    tracked,
    inventoryLevel({ locationId }: { locationId: string }) {
      const level = levels.get(numberOf(locationId));
      if (level === undefined) return null;
      const { available, updatedAt } = level;
      return {
        id: `gid://shopify/InventoryLevel/${numberOf(locationId)}?inventory_item_id=${item}`,
        quantities: ({ names }: { names: readonly string[] }) =>
          names.map((name) => ({
            id: `gid://shopify/InventoryQuantity/${item}?name=${name}`,
            name,
            quantity: available,
            updatedAt: iso(updatedAt),
          })),
      };
    },
  };
}

function variantOf({ item, variant }: ShopItem): object {
  return { ...reference('ProductVariant', variant), inventoryItem: reference('InventoryItem', item) };
}

function orderOf(order: ShopOrderRecord, shop: Shop): object {
  return {
    ...reference('Order', order.id),
    test: order.test,
    createdAt: iso(order.createdAt),
    updatedAt: iso(order.updatedAt),
    cancelledAt: order.cancelledAt === undefined ? null : iso(order.cancelledAt),
    lineItems({ first }: Page) {
      const lines = order.lines.map(({ id, item, quantity, unfulfilled }) => ({
        ...reference('LineItem', id),
        quantity,
        unfulfilledQuantity: unfulfilled,
        isGiftCard: false,
        sku: item?.sku ?? null,
        variant: item === undefined ? null : variantOf(item),
        product: item === undefined ? null : { id: `gid://shopify/Product/${item.variant}` },
      }));
      return connection(lines.slice(0, first), lines.length > first);
    },
    fulfillments: ({ first }: Page) => fulfilmentsOf(order, shop).slice(0, first),
    refunds: ({ first }: Page) => refundsOf(order, shop).slice(0, first),
  };
}

function fulfilmentsOf({ fulfilments }: ShopOrderRecord, shop: Shop) {
  return fulfilments.map(({ id, status, createdAt, units }) => ({
    ...reference('Fulfillment', id),
    status: status.toUpperCase(),
    createdAt: iso(createdAt),
    location: reference('Location', shop.location),
    fulfillmentLineItems: () => connection(linesOf(units), false),
  }));
}

function refundsOf({ refunds }: ShopOrderRecord, shop: Shop) {
  return refunds.map(({ id, createdAt, restock, units }) => ({
    ...reference('Refund', id),
    createdAt: iso(createdAt),
    refundLineItems: () =>
      connection(
        linesOf(units).map((line) => ({
          ...line,
          restockType: restock.toUpperCase(),
          location: restock === 'no_restock' ? null : reference('Location', shop.location),
        })),
        false,
      ),
  }));
}

function linesOf(units: Units) {
  return Array.from(units, ([line, quantity]) => ({ quantity, lineItem: reference('LineItem', line) }));
}
