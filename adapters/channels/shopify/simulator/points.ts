// Shopify's bucket of points: a query needs its cost to be there, and the answer says how the bucket stands.
import type { GraphQLAnswer } from './graphql-run.ts';

/** shopify.dev/docs/api/usage/limits: one query may cost 1,000 points at most. */
const COST_MAX = 1_000;
const BUCKET_SECONDS = 20;

export interface Points {
  /** The answer to a query that cannot run now, or ever; undefined: it may. */
  refusal(cost: number): object | undefined;
  /** Takes what it did cost, which is known when it is done and never more; answers `extensions`. */
  taken(cost: number, actual: number): object;
  /** The answer of a bucket that is empty. */
  empty(): GraphQLAnswer & { readonly extensions: object };
  /** Queries that had to wait. */
  readonly throttled: number;
}

/** @param clock milliseconds; default: this process's time, whatever time the shop lives in */
export function createPoints(perSecond: number, clock: () => number = () => performance.now()): Points {
  const bucket = perSecond * BUCKET_SECONDS;
  let available = bucket;
  let at = clock();
  let throttled = 0;
  const fill = () => {
    const now = clock();
    available = Math.min(bucket, available + ((now - at) / 1_000) * perSecond);
    at = now;
  };
  const extensions = (cost: number, actual: number | null, left: number) => ({
    cost: {
      requestedQueryCost: cost,
      actualQueryCost: actual,
      throttleStatus: { maximumAvailable: bucket, currentlyAvailable: Math.floor(left), restoreRate: perSecond },
    },
  });
  const refusalOf = (cost: number, left: number) => ({
    errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
    extensions: extensions(cost, null, left),
  });
  return {
    refusal(cost) {
      fill();
      if (cost > COST_MAX) {
        const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${COST_MAX}).`;
        return { errors: [{ message, extensions: { code: 'MAX_COST_EXCEEDED', cost, maxCost: COST_MAX } }] };
      }
      if (cost <= available) return undefined;
      throttled += 1;
      return refusalOf(cost, available);
    },
    taken(cost, actual) {
      fill();
      available -= actual;
      return extensions(cost, actual, available);
    },
    empty: () => refusalOf(10, 0),
    get throttled() {
      return throttled;
    },
  };
}
