// A simulated Shopify shop: the Admin GraphQL address of one API version with its token, its bucket of points and its
// errors, over a shop with items and orders. Misbehaves as every simulator does.
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { Call } from '../../simulator/broken-answers.ts';
import type { CallKind, FaultsJson } from '../../simulator/faults.ts';
import {
  addAdministration,
  createMisbehaving,
  type Dialect,
  type Misbehaving,
  REFUSAL_STATUS,
  type SimulatorApp,
} from '../../simulator/misbehaving.ts';
import { API_VERSION } from '../admin-api.ts';
import { numberOf } from '../gid.ts';
import { parseOperation } from './graphql-parse.ts';
import { actualCost, contextOf, costOfOperation, type RunGraphQL, runGraphQL } from './graphql-run.ts';
import { createPoints, type Points } from './points.ts';
import { createResolvers } from './resolvers.ts';
import { createShop, type Shop } from './shop.ts';

export interface ShopifyOptions {
  /** Access token that calls must show. */
  readonly token: string;
  readonly shop?: Shop;
  readonly faults?: FaultsJson;
  /** Points a second, by the shop's plan; the bucket holds twenty times as many. Default: the smallest plan's 100. */
  readonly pointsPerSecond?: number;
  /** By which clock the points come back, ms. */
  readonly pacedBy?: () => number;
  /** What executes the queries: the tests put the real schema here. */
  readonly run?: RunGraphQL;
  readonly random?: () => number;
}

export interface ShopifySimulator {
  readonly app: SimulatorApp;
  readonly shop: Shop;
  readonly misbehaving: Misbehaving;
  readonly points: Points;
}

const Body = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).default({}) });
const BODY_BYTES_MAX = 1024 * 1024;
const ADDRESS = `/admin/api/${API_VERSION}/graphql.json`;

export function createShopify(options: ShopifyOptions): ShopifySimulator {
  const { token, shop = createShop(), run = runGraphQL, pointsPerSecond = 100, pacedBy, faults, random } = options;
  const app: SimulatorApp = new Hono<{ Bindings: HttpBindings }>();
  const resolvers = createResolvers(shop);
  const points = createPoints(pointsPerSecond, pacedBy);
  const misbehaving = createMisbehaving(dialectOf(points), { faults, random });
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX }));
  const guarded = (body: string) => ({ kind: kindOf(body), skusOf: () => skusOf(body, shop) });
  app.post(ADDRESS, misbehaving.guard(guarded), async (call) => {
    if (call.req.header('x-shopify-access-token') !== token) return unauthenticated(call);
    const body = Body.safeParse(await call.req.json().catch(() => undefined));
    if (!body.success) return call.json({ errors: 'Required parameter missing or invalid' }, 400);
    const { query, variables } = body.data;
    try {
      const operation = parseOperation(query);
      const cost = costOfOperation(operation, variables);
      const refusal = points.refusal(cost);
      if (refusal !== undefined) return call.json(refusal);
      const refused = refusedBy(misbehaving, variables, shop);
      const answer = refused ?? (await run({ query, variables }, resolvers, contextOf({ query, variables })));
      return call.json({ ...answer, extensions: points.taken(cost, actualCost(cost, operation, answer)) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return call.json({
        errors: [{ message, extensions: { code: error instanceof SyntaxError ? 'parseError' : 'BAD_REQUEST' } }],
      });
    }
  });
  app.notFound((call) => call.json({ errors: 'Not Found' }, 404));
  addAdministration(app, misbehaving);
  return { app, shop, misbehaving, points };
}

const unauthenticated = (call: Call) =>
  call.json({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, 401);

function dialectOf(points: Points): Dialect {
  return {
    refuse(call, refusal, headers) {
      // Too many points is no HTTP status here, unless Shopify's edge says 429 with a Retry-After of its own.
      if (refusal === 'throttled' && headers['retry-after'] === undefined) return call.json(points.empty());
      if (refusal === 'unauthenticated') return unauthenticated(call);
      return call.json({ errors: refusal }, REFUSAL_STATUS[refusal], { ...headers });
    },
    async errorsInside(call, kind) {
      if (kind !== 'publish') return call.json(INTERNAL);
      const { variables } = Body.parse(await call.req.json());
      const userErrors = quantitiesOf(variables).map((_, n) => ({
        code: 'CHANGE_FROM_QUANTITY_STALE',
        field: ['input', 'quantities', String(n), 'changeFromQuantity'],
        message: 'The changeFromQuantity value does not match persisted value.',
      }));
      return call.json({ data: { inventorySetQuantities: { inventoryAdjustmentGroup: null, userErrors } } });
    },
  };
}
const INTERNAL = {
  errors: [
    {
      message: 'Internal error. Looks like something went wrong on our end.',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    },
  ],
};

function kindOf(body: string): CallKind {
  const query = Body.safeParse(JSON.parse(body)).data?.query ?? '';
  if (/^\s*mutation/.test(query)) return 'publish';
  return /order/i.test(query) || query.includes('ProductVariant') ? 'orders' : 'read';
}

const Quantities = z.object({ input: z.object({ quantities: z.array(z.object({ inventoryItemId: z.string() })) }) });

function quantitiesOf(variables: unknown): readonly string[] {
  const { data } = Quantities.safeParse(variables);
  return data?.input.quantities.map(({ inventoryItemId }) => inventoryItemId) ?? [];
}

function skusOf(body: string, shop: Shop): readonly string[] {
  return quantitiesOf(Body.parse(JSON.parse(body)).variables).map((id) => shop.items.get(numberOf(id))?.sku ?? id);
}

/** SKUs that the faults want refused: named by their place, or the call as a whole without saying which. */
function refusedBy({ faults }: Misbehaving, variables: unknown, shop: Shop) {
  const refused = new Set(faults.refusedSkus);
  const bad = quantitiesOf(variables).flatMap((id, n) =>
    refused.has(shop.items.get(numberOf(id))?.sku ?? '') ? [n] : [],
  );
  if (bad.length === 0) return undefined;
  const userErrors = (faults.refuseWholeBatch ? [undefined] : bad).map((n) => ({
    code: n === undefined ? null : 'INVALID_INVENTORY_ITEM',
    field: n === undefined ? ['input'] : ['input', 'quantities', String(n), 'inventoryItemId'],
    message: 'The specified inventory item could not be found.',
  }));
  return { data: { inventorySetQuantities: { inventoryAdjustmentGroup: null, userErrors } } };
}
