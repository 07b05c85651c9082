import { expect, it } from 'vitest';
import { createStockLevels } from '../../../projections/stock-levels.ts';
import { knownSkus } from '../../../server/counts/known-skus.ts';
import { command } from '../../support/actors.ts';
import { aPolicy, historyOf, recorded } from '../../support/stock-history.ts';

it('are those of which anything was recorded at the location, but for retired ones of which nothing is left', () => {
  const reason = 'no longer sold';
  const commands = [
    command({ type: 'receipt', sku: 'A', quantity: 3 }),
    command({ type: 'sale', sku: 'A', quantity: 3 }),
    command({ type: 'receipt', sku: 'elsewhere', location: 'store-2', quantity: 3 }),
    command({ type: 'receipt', sku: 'retired', quantity: 1 }),
    command({ type: 'retire', sku: 'retired', reason }),
    command({ type: 'retire', sku: 'gone', reason }),
  ];
  const levels = createStockLevels();
  for (const event of recorded(historyOf(commands, aPolicy()))) levels.apply(event);
  expect(knownSkus(levels, 'store-1')).toEqual(['A', 'retired']);
  expect(knownSkus(levels, 'nowhere')).toEqual([]);
});
