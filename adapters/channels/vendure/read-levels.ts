// Asks Vendure for stock levels: of named variants, or page by page of all.
import { z } from 'zod';
import type { AdminApi, Told } from './admin-api.ts';
import { LEVELS_FIELDS, SHOP_FIELDS, ShopSettings, VariantLevels } from './stock-level.ts';

export interface Levels {
  readonly shop: ShopSettings;
  readonly variants: readonly VariantLevels[];
  /** Of all pages. */
  readonly total: number;
}

const schema = z
  .object({
    globalSettings: ShopSettings,
    productVariants: z.object({ items: z.array(VariantLevels), totalItems: z.int().min(0) }),
  })
  .transform(({ globalSettings, productVariants }): Levels => {
    return { shop: globalSettings, variants: productVariants.items, total: productVariants.totalItems };
  });

const NAMED = `query ($ids: [String!]!, $take: Int!) {
  ${SHOP_FIELDS}
  productVariants(options: {filter: {id: {in: $ids}}, take: $take}) { items { ${LEVELS_FIELDS} } totalItems }
}`;

/** Those that are not there, or not in the Vendure channel, are left out. */
export function readNamedLevels(api: AdminApi, ids: readonly string[], signal: AbortSignal): Promise<Told<Levels>> {
  return api.ask({ query: NAMED, variables: { ids, take: ids.length }, schema }, signal);
}

const PAGE = `query ($take: Int!, $skip: Int!) {
  ${SHOP_FIELDS}
  productVariants(options: {sort: {id: ASC}, take: $take, skip: $skip}) { items { ${LEVELS_FIELDS} } totalItems }
}`;

export function readPageOfLevels(
  api: AdminApi,
  { skip, take }: { readonly skip: number; readonly take: number },
  signal: AbortSignal,
): Promise<Told<Levels>> {
  return api.ask({ query: PAGE, variables: { take, skip }, schema }, signal);
}
