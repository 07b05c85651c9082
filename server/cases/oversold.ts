// `retry` for a stock that is promised beyond what is there: looks at its levels again.
import { oversold } from '../../domain/stock/levels.ts';
import type { Availability } from '../../projections/availability.ts';
import type { Remedy } from './remedies.ts';

export function recheckStock(availability: Pick<Availability, 'stock'>): Remedy {
  return ({ subject: { sku = '', location = '' } }) => {
    const row = availability.stock(sku, location);
    const units = row === undefined ? 0 : oversold(row.levels);
    if (units === 0) return { isGone: true, detail: `${sku} at ${location} is not oversold any more` };
    return { isGone: false, detail: `${sku} at ${location} is oversold by ${units}` };
  };
}
