// The usage plans of the operations: each has a bucket of its own, says its rate in a header, and refuses what is above it.
import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { createRateLimit, type RateLimit } from '../../simulator/rate-limit.ts';
import { amazonDialect } from './dialect.ts';

/** Requests a second and burst, as Amazon publishes them (August 2026). */
export const USAGE_PLANS = {
  patchListingsItem: { ratePerSecond: 5, burst: 5 },
  getListingsItem: { ratePerSecond: 5, burst: 10 },
  searchListingsItems: { ratePerSecond: 5, burst: 5 },
  createFeedDocument: { ratePerSecond: 0.5, burst: 15 },
  createFeed: { ratePerSecond: 0.0083, burst: 15 },
  getFeed: { ratePerSecond: 2, burst: 15 },
  getFeedDocument: { ratePerSecond: 0.0222, burst: 10 },
  cancelFeed: { ratePerSecond: 2, burst: 15 },
  searchOrders: { ratePerSecond: 0.0056, burst: 20 },
  getOrder: { ratePerSecond: 0.5, burst: 30 },
  batchInventory: { ratePerSecond: 50, burst: 100 },
} as const satisfies Record<string, RateLimit>;
export type Operation = keyof typeof USAGE_PLANS;

export interface Paces {
  /** Goes before the handler of an operation. */
  of(operation: Operation): MiddlewareHandler<{ Bindings: HttpBindings }>;
  /** Refused for their pace. */
  readonly throttled: ReadonlyMap<Operation, number>;
}

/** `speed`: how much faster than its plans it is, for a day that is compressed; Infinity: it has no limits. */
export function createPaces(
  speed: number,
  own: Partial<Readonly<Record<Operation, RateLimit>>> = {},
  pacedBy?: () => number,
): Paces {
  const throttled = new Map<Operation, number>();
  return {
    throttled,
    of(operation) {
      const { ratePerSecond, burst } = own[operation] ?? USAGE_PLANS[operation];
      const rate = ratePerSecond * speed;
      const allows = createRateLimit({ ratePerSecond: rate, burst }, pacedBy);
      return async (call, next) => {
        if (!allows()) {
          throttled.set(operation, (throttled.get(operation) ?? 0) + 1);
          return amazonDialect.refuse(call, 'throttled', {});
        }
        await next();
        if (Number.isFinite(rate)) call.header('x-amzn-RateLimit-Limit', String(rate));
        return undefined;
      };
    },
  };
}
