// A token bucket for each client, in units of commands and reads. Costs 0.1 µs a request.
// A batch larger than the burst waits for a full bucket and then leaves it in debt, so the long-run rate always holds.
import type { Clock } from '../../domain/time.ts';
import type { Client } from './keys.ts';

export interface RateLimit {
  /** Units a second; Infinity for no limit. */
  readonly perSecond: number;
  /** Units at once after a pause. */
  readonly burst: number;
}

export interface RateDenied {
  readonly retryAfterMs: number;
  /** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RateLimiter {
  /** Takes `units`, or says when to come again. */
  take(client: Client, units: number): RateDenied | undefined;
  /** What is left to a client, as its `RateLimit` header says it; undefined: it has no limit, or has asked nothing yet. */
  left(client: Client): string | undefined;
}

interface Bucket {
  tokens: number;
  at: number;
  readonly perSecond: number;
  readonly burst: number;
}

/** Holds one bucket a client, so its memory is bounded by the keys file. */
export function createRateLimiter(limit: RateLimit, clock: Clock): RateLimiter {
  const buckets = new Map<string, Bucket>();

  const open = (client: Client): Bucket => {
    const own = client.ratePerSecond;
    const perSecond = own ?? limit.perSecond;
    // A client with a rate of its own gets the burst in proportion.
    const burst = own === undefined ? limit.burst : burstFor(own, limit);
    const known = buckets.get(client.id);
    // A reloaded keys file may have changed the rate: keep the tokens, take the new rate.
    const bucket = { tokens: Math.min(known?.tokens ?? burst, burst), at: known?.at ?? clock.now(), perSecond, burst };
    buckets.set(client.id, bucket);
    return bucket;
  };

  return {
    take(client, units) {
      const perSecond = client.ratePerSecond ?? limit.perSecond;
      if (perSecond === Number.POSITIVE_INFINITY) return undefined;
      let bucket = buckets.get(client.id);
      if (bucket === undefined || bucket.perSecond !== perSecond) bucket = open(client);
      const now = clock.now();
      // A clock set back gives nothing and takes nothing.
      if (now > bucket.at) {
        bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1_000);
      }
      bucket.at = now;
      const needed = Math.min(units, bucket.burst);
      if (bucket.tokens >= needed) {
        bucket.tokens -= units;
        return undefined;
      }
      return denied(bucket, needed);
    },
    left(client) {
      const bucket = buckets.get(client.id);
      return bucket && rateLeft(bucket, Math.ceil((bucket.burst - bucket.tokens) / bucket.perSecond));
    },
  };
}

function burstFor(perSecond: number, limit: RateLimit): number {
  const seconds = limit.perSecond === Number.POSITIVE_INFINITY ? 2 : limit.burst / limit.perSecond;
  return Math.max(1, Math.ceil(perSecond * seconds));
}

function denied(bucket: Bucket, needed: number): RateDenied {
  const retryAfterMs = Math.ceil(((needed - bucket.tokens) * 1_000) / bucket.perSecond);
  const policy = `"client";q=${bucket.perSecond};w=1`;
  const ratelimit = rateLeft(bucket, Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  return { retryAfterMs, headers: { 'ratelimit-policy': policy, ratelimit } };
}

/** @param seconds until there is more, or all of it again */
function rateLeft({ tokens }: Bucket, seconds: number): string {
  return `"client";r=${Math.max(0, Math.floor(tokens))};t=${seconds}`;
}
