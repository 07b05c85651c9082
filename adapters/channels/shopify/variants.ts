// Orders name variants, stock belongs to inventory items: which item a variant has is asked of the shop once and kept (it
// never changes), so a mapping needs one id per SKU.
import { z } from 'zod';
import type { Identifiers } from '../identifiers.ts';
import type { AdminApi, Told } from './admin-api.ts';
import { gid, numberOf } from './gid.ts';
import { mapped, type SkuOfVariant } from './order.ts';

const ITEMS = `query EvenstockVariants($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant { id inventoryItem { id } } } }`;
const Variant = z.object({ id: z.string(), inventoryItem: z.object({ id: z.string() }) });
const Answer = z.object({ nodes: z.array(z.unknown()) });

const VARIANTS_MAX = 200_000;
const IDS_PER_QUESTION = 100;

export interface Variants {
  /** Asks for the variants that are not known yet; then all of these can be named. */
  learn(variants: readonly string[], signal: AbortSignal): Promise<Told<SkuOfVariant>>;
}

export function createVariants(api: AdminApi, identifiers: Identifiers): Variants {
  /** Numbers: variant → inventory item. */
  const items = new Map<string, string>();
  const skuOfVariant: SkuOfVariant = (variant) => {
    const item = items.get(variant);
    if (item === undefined) return { unmapped: gid('ProductVariant', variant) };
    const sku = mapped((id) => identifiers.skuOf(id), 'InventoryItem', item);
    return sku === undefined ? { unmapped: gid('InventoryItem', item) } : { sku };
  };
  return {
    async learn(variants, signal) {
      const unknown = [...new Set(variants)].filter((variant) => !items.has(variant));
      for (let n = 0; n < unknown.length; n += IDS_PER_QUESTION) {
        const ids = unknown.slice(n, n + IDS_PER_QUESTION).map((variant) => gid('ProductVariant', variant));
        const told = await api.ask({ query: ITEMS, variables: { ids }, schema: Answer }, signal);
        if (told.kind !== 'data') return told;
        for (const node of told.data.nodes) {
          const variant = Variant.safeParse(node).data;
          if (variant !== undefined) items.set(numberOf(variant.id), numberOf(variant.inventoryItem.id));
        }
        while (items.size > VARIANTS_MAX) items.delete(items.keys().next().value!);
      }
      return { kind: 'data', data: skuOfVariant, cost: undefined };
    },
  };
}
