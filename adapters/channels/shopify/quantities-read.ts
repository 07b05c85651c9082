// Reads what the shop shows as available: of named inventory items, or page by page of all. Each item costs about three
// points of the shop's bucket, so pages are of 100 and not of the 250 that Shopify takes.
import { z } from 'zod';
import type { AdminApi, Question, Told } from './admin-api.ts';

/** Items in one query: 100 × 3 points stay well below the 1,000 that one query may cost. */
export const ITEMS_PER_READ = 100;

const Level = z.object({
  updatedAt: z.string().optional(),
  quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.string().nullish() })),
});
const Item = z.object({ id: z.string(), tracked: z.boolean(), inventoryLevel: Level.nullable() });

const FIELDS = `id tracked inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity updatedAt } }`;
const NAMED = `query EvenstockQuantities($ids: [ID!]!, $location: ID!) { nodes(ids: $ids) { ... on InventoryItem { ${FIELDS} } } }`;
const ALL = `query EvenstockStatement($first: Int!, $filter: String, $location: ID!) {
  inventoryItems(first: $first, query: $filter) { nodes { ${FIELDS} } pageInfo { hasNextPage } }
}`;

/** A node that is not there is null; one of another kind is an object without fields. */
const Named = z.object({ nodes: z.array(z.union([Item, z.null(), z.strictObject({})])) });
const All = z.object({
  inventoryItems: z.object({ nodes: z.array(Item), pageInfo: z.object({ hasNextPage: z.boolean() }) }),
});

export interface ItemShown {
  readonly id: string;
  readonly tracked: boolean;
  /** Undefined: the item is not stocked at the location. Below 0: oversold there. */
  readonly available: number | undefined;
  readonly changedAt: string | undefined;
}

/** Items that the shop does not have are left out. */
export async function readNamed(
  api: AdminApi,
  ids: readonly string[],
  location: string,
  signal: AbortSignal,
): Promise<Told<readonly ItemShown[]>> {
  const question: Question<z.infer<typeof Named>> = { query: NAMED, variables: { ids, location }, schema: Named };
  const told = await api.ask(question, signal);
  if (told.kind !== 'data') return told;
  const items = told.data.nodes.flatMap((node) => Item.safeParse(node).data ?? []);
  return { ...told, data: items.map(shownOf) };
}

export interface ItemPage {
  readonly items: readonly ItemShown[];
  readonly more: boolean;
}

/** In the order of their ids, after `afterNumber`: a filter instead of a cursor, for those end at 25,000 objects. */
export async function readPage(
  api: AdminApi,
  afterNumber: string | undefined,
  location: string,
  signal: AbortSignal,
): Promise<Told<ItemPage>> {
  const filter = afterNumber === undefined ? null : `id:>${afterNumber}`;
  const told = await api.ask(
    { query: ALL, variables: { first: ITEMS_PER_READ, filter, location }, schema: All },
    signal,
  );
  if (told.kind !== 'data') return told;
  const { nodes, pageInfo } = told.data.inventoryItems;
  return { ...told, data: { items: nodes.map(shownOf), more: pageInfo.hasNextPage } };
}

function shownOf({ id, tracked, inventoryLevel }: z.infer<typeof Item>): ItemShown {
  const quantity = inventoryLevel?.quantities.find(({ name }) => name === 'available');
  return { id, tracked, available: quantity?.quantity, changedAt: quantity?.updatedAt ?? undefined };
}
