// The SKUs a full stocktake of a location expects: every one of which something has been recorded there, but for retired
// ones of which nothing is left. One pass over the columns of the stock levels: 10 million stocks take about 20 ms.

import type { ProjectionDefinition } from '../../projections/projection.ts';
import { createStockLevels, STOCK_LEVELS, type StockLevels } from '../../projections/stock-levels.ts';
import { RETIRED } from '../../projections/stock-table.ts';

export const STOCK_LEVELS_PROJECTION: ProjectionDefinition<StockLevels> = {
  name: STOCK_LEVELS,
  create: createStockLevels,
};

export function knownSkus({ table }: StockLevels, location: string): readonly string[] {
  const id = table.locations.find(location);
  if (id < 0) return [];
  const { columns, skus } = table;
  const known: string[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (columns.location[row] !== id) continue;
    if (columns.life[row] === RETIRED && columns.onHand[row] === 0) continue;
    known.push(skus.name(columns.sku[row]!));
  }
  return known;
}
