// The pace that a simulated channel allows: a token bucket that is full at the start.

export interface RateLimit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** True: the call is allowed, and has taken `cost` of the bucket. */
export function createRateLimit({ ratePerSecond, burst }: RateLimit): (cost?: number) => boolean {
  let tokens = burst;
  let at = performance.now();
  return (cost = 1) => {
    const now = performance.now();
    const unlimited = ratePerSecond === Number.POSITIVE_INFINITY;
    tokens = unlimited ? burst : Math.min(burst, tokens + ((now - at) / 1_000) * ratePerSecond);
    at = now;
    if (tokens < cost) return false;
    tokens -= cost;
    return true;
  };
}
