// The pace that a simulated channel allows: a token bucket that is full at the start.

export interface RateLimit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/**
 * True: the call is allowed, and has taken `cost` of the bucket.
 * @param clock milliseconds; default: this process's time, whatever time the channel lives in
 */
export function createRateLimit(
  { ratePerSecond, burst }: RateLimit,
  clock: () => number = () => performance.now(),
): (cost?: number) => boolean {
  let tokens = burst;
  let at = clock();
  return (cost = 1) => {
    const now = clock();
    const unlimited = ratePerSecond === Number.POSITIVE_INFINITY;
    tokens = unlimited ? burst : Math.min(burst, tokens + ((now - at) / 1_000) * ratePerSecond);
    at = now;
    if (tokens < cost) return false;
    tokens -= cost;
    return true;
  };
}
