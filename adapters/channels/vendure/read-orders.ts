// Asks Vendure for orders: by their ids, or those that changed since some time. Each is translated by itself, so one that
// cannot be read costs no other.
import { z } from 'zod';
import type { AdminApi, Told } from './admin-api.ts';
import { ORDER_FIELDS } from './order.ts';

const schema = z
  .object({ orders: z.object({ items: z.array(z.unknown()) }) })
  .transform(({ orders }): readonly unknown[] => orders.items);

const NAMED = `query ($ids: [String!]!, $take: Int!) {
  orders(options: {filter: {id: {in: $ids}}, take: $take}) { items { ${ORDER_FIELDS} } }
}`;

export function readNamedOrders(
  api: AdminApi,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Told<readonly unknown[]>> {
  return api.ask({ query: NAMED, variables: { ids, take: ids.length }, schema }, signal);
}

const CHANGED = `query ($after: DateTime!, $take: Int!, $skip: Int!) {
  orders(options: {
    filter: {updatedAt: {after: $after}, orderPlacedAt: {isNull: false}}
    sort: {updatedAt: ASC, id: ASC}
    take: $take
    skip: $skip
  }) { items { ${ORDER_FIELDS} } }
}`;

export interface ChangedQuery {
  /** Changed later than this, ms since 1970. */
  readonly after: number;
  readonly take: number;
  readonly skip: number;
}

/** The oldest change first. */
export function readChangedOrders(
  api: AdminApi,
  { after, take, skip }: ChangedQuery,
  signal: AbortSignal,
): Promise<Told<readonly unknown[]>> {
  const variables = { after: new Date(after).toISOString(), take, skip };
  return api.ask({ query: CHANGED, variables, schema }, signal);
}
