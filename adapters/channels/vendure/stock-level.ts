// How Vendure counts. A variant has, at each stock location, units on-hand and units allocated to orders that have not left.
// Buyers can have on-hand − allocated over all locations of the Vendure channel, less a threshold. What can be written is
// on-hand alone, as an absolute number: so what is written for "show n" is n and whatever else Vendure takes off again.
// Writing n itself would show too little by every unit that is ordered and not sent, which is the usual mistake.
import { z } from 'zod';

const Units = z.int();
export const StockLevel = z.object({
  stockLocationId: z.string(),
  stockOnHand: Units,
  stockAllocated: Units,
});

export const VariantLevels = z.object({
  id: z.string(),
  trackInventory: z.enum(['TRUE', 'FALSE', 'INHERIT']),
  outOfStockThreshold: Units,
  useGlobalOutOfStockThreshold: z.boolean(),
  stockLevels: z.array(StockLevel),
});
export type VariantLevels = z.output<typeof VariantLevels>;

export const ShopSettings = z.object({ trackInventory: z.boolean(), outOfStockThreshold: Units });
export type ShopSettings = z.output<typeof ShopSettings>;

export const LEVELS_FIELDS =
  'id trackInventory outOfStockThreshold useGlobalOutOfStockThreshold stockLevels { stockLocationId stockOnHand stockAllocated }';
export const SHOP_FIELDS = 'globalSettings { trackInventory outOfStockThreshold }';

/** False: Vendure sells it without end, whatever its stock. */
export function isTracked({ trackInventory }: VariantLevels, shop: ShopSettings): boolean {
  return trackInventory === 'TRUE' || (trackInventory === 'INHERIT' && shop.trackInventory);
}

function thresholdOf(variant: VariantLevels, shop: ShopSettings): number {
  return variant.useGlobalOutOfStockThreshold ? shop.outOfStockThreshold : variant.outOfStockThreshold;
}

/** What buyers can have; below 0 where more is allocated than there is. */
export function sellable(variant: VariantLevels, shop: ShopSettings): number {
  const free = variant.stockLevels.reduce((sum, level) => sum + level.stockOnHand - level.stockAllocated, 0);
  return free - thresholdOf(variant, shop);
}

/** On-hand at `location` for which buyers can have `units`, as long as nothing is ordered or sent in between. */
export function onHandFor(units: number, variant: VariantLevels, shop: ShopSettings, location: string): number {
  return units - sellable(variant, shop) + onHandAt(variant, location);
}

function onHandAt({ stockLevels }: VariantLevels, location: string): number {
  return stockLevels.find(({ stockLocationId }) => stockLocationId === location)?.stockOnHand ?? 0;
}
