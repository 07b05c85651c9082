// Exclusive quotas: units at a location that only one channel may promise. What a channel has already
// reserved counts against its own quota, so a quota protects only the part its channel has not used yet.

export interface Quota {
  readonly channel: string;
  readonly quantity: number;
}

/**
 * Units of `pool` kept for channels other than `channel`. Quotas are honoured in their order until the pool is
 * used up, so their sum never exceeds it (P6). O(quotas of this SKU at this location).
 */
export function unusedQuotasOfOthers(
  pool: number,
  quotas: readonly Quota[],
  reservedBy: (channel: string) => number,
  channel: string | undefined,
): number {
  let left = pool;
  let others = 0;
  for (const quota of quotas) {
    const kept = Math.min(left, Math.max(0, quota.quantity - reservedBy(quota.channel)));
    left -= kept;
    if (quota.channel !== channel) others += kept;
  }
  return others;
}
