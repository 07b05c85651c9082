// Available-to-sell: how many units of an SKU a channel may show. Decided from the channel's pool of locations
// and its policy, never copied from on-hand (R2).
//   contribution of a location = max(0, available − safety stock − unused exclusive quotas of other channels)
//   ATS = max(0, min(cap, ⌊pool × percentage⌋ − buffer − lag price)), where pool is the sum of contributions; 0 when off
// A location that is oversold contributes 0: its shortfall is not taken from units that other locations have.
import { available, type Levels } from '../stock/levels.ts';
import { type Quota, unusedQuotasOfOthers } from './quota.ts';

/** Units of one location that a channel may count on. */
export function contribution(
  levels: Levels,
  safetyStock: number,
  quotas: readonly Quota[],
  reservedBy: (channel: string) => number,
  channel: string,
): number {
  const pool = Math.max(0, available(levels) - safetyStock);
  return quotas.length === 0 ? pool : Math.max(0, pool - unusedQuotasOfOthers(pool, quotas, reservedBy, channel));
}

export interface ChannelTerms {
  readonly on: boolean;
  readonly percentage: number;
  readonly buffer: number;
  readonly cap?: number | undefined;
}

/** Units to show for a pool of `units`, of which `lagPrice` are held back because of the channel's lag. Integer, never negative. */
export function availableToSell(units: number, terms: ChannelTerms, lagPrice = 0): number {
  if (!terms.on) return 0;
  const share = Math.floor((units * terms.percentage) / 100) - terms.buffer - lagPrice;
  return Math.max(0, Math.min(share, terms.cap ?? Number.MAX_SAFE_INTEGER));
}
