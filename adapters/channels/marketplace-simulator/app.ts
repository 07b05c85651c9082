// A marketplace that takes availability as docs/publishing.md says, shows it, sells it, and misbehaves on request.
// For the demo, for tests, and as an example of the other side. Knows nothing of Evenstock's inside.
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from '../signature.ts';
import type { Call } from '../simulator/broken-answers.ts';
import type { Faults, FaultsJson } from '../simulator/faults.ts';
import {
  addAdministration,
  createMisbehaving,
  type Dialect,
  type Misbehaving,
  REFUSAL_STATUS,
  type Refusal,
  type SimulatorApp,
} from '../simulator/misbehaving.ts';
import { createListings, type Listings } from './listings.ts';
import { page } from './page.ts';
import { statementPage } from './statement.ts';

export interface MarketplaceOptions {
  /** Any of them may have signed: the old and the new one while a secret is being replaced. */
  readonly secrets: readonly string[];
  readonly name?: string;
  readonly ratePerSecond?: number;
  readonly burst?: number;
  readonly faults?: FaultsJson;
  readonly random?: () => number;
  /** ms since the epoch. */
  readonly now?: () => number;
}

export interface Statistics {
  readonly calls: number;
  readonly throttled: number;
  unauthenticated: number;
  applied: number;
  stale: number;
  refused: number;
  /** Pages of its statement that were asked for. */
  readonly statements: number;
}

export interface Marketplace {
  readonly app: SimulatorApp;
  readonly listings: Listings;
  readonly statistics: Statistics;
  /** What it was asked. */
  readonly log: Misbehaving['log'];
  setFaults(faults: FaultsJson): void;
}

const Publication = z.object({
  channel: z.string(),
  batchId: z.string(),
  updates: z
    .array(z.object({ sku: z.string(), units: z.int().min(0), version: z.string().regex(/^-?\d{1,20}$/) }))
    .max(10_000),
});
type Publication = z.infer<typeof Publication>;
const OrderRequest = z.strictObject({ sku: z.string(), units: z.int().min(1).max(1_000_000) });

const BODY_BYTES_MAX = 4 * 1024 * 1024;

const ERRORS: Readonly<Record<Refusal, string>> = {
  throttled: 'too many calls',
  unavailable: 'down for maintenance',
  error: 'internal error',
  'gateway-timeout': 'gateway timeout',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
};

const dialect: Dialect = {
  refuse: (call, refusal, headers) => call.json({ error: ERRORS[refusal] }, REFUSAL_STATUS[refusal], { ...headers }),
  async errorsInside(call, kind) {
    if (kind !== 'publish') return undefined;
    const { updates } = Publication.parse(await call.req.json());
    const results = updates.map(({ sku }) => ({ sku, status: 'retry', reason: 'busy', retryAfterMs: 50 }));
    return call.json({ results });
  },
};

export function createMarketplace(options: MarketplaceOptions): Marketplace {
  const app: SimulatorApp = new Hono<{ Bindings: HttpBindings }>();
  const listings = createListings();
  const { ratePerSecond = Number.POSITIVE_INFINITY, burst = 10, faults, random, now = Date.now } = options;
  const misbehaving = createMisbehaving(dialect, { faults, random, limits: { publish: { ratePerSecond, burst } } });
  const statistics: Statistics = {
    get calls() {
      return misbehaving.log.count('publish');
    },
    get throttled() {
      return misbehaving.throttled;
    },
    unauthenticated: 0,
    applied: 0,
    stale: 0,
    refused: 0,
    get statements() {
      return misbehaving.log.count('read');
    },
  };

  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX }));
  const skusOf = (body: string) => Publication.parse(JSON.parse(body)).updates.map(({ sku }) => sku);
  app.post('/availability', misbehaving.guard({ kind: 'publish', skusOf }), async (call) => {
    const raw = await call.req.text();
    const headers = { timestamp: call.req.header(TIMESTAMP_HEADER), signature: call.req.header(SIGNATURE_HEADER) };
    if (!verify(options.secrets, headers, raw, now())) {
      statistics.unauthenticated += 1;
      return call.json({ error: 'unauthenticated' }, 401);
    }
    const publication = Publication.safeParse(jsonOf(raw));
    if (!publication.success) return call.json({ error: z.prettifyError(publication.error) }, 400);
    return take(call, misbehaving.faults, publication.data, listings, statistics, now());
  });
  app.get('/availability', misbehaving.guard({ kind: 'read' }), (call) =>
    statementPage(call, options.secrets, listings, now()),
  );
  shop(app, listings, options.name ?? 'Marketplace', now);
  addAdministration(app, misbehaving);
  app.get('/admin/statistics', (call) => call.json({ ...statistics, violations: listings.violations }));
  return { app, listings, statistics, log: misbehaving.log, setFaults: misbehaving.setFaults };
}

function take(
  call: Call,
  faults: Faults,
  { updates }: Publication,
  listings: Listings,
  statistics: Statistics,
  at: number,
) {
  const refused = new Set(faults.refusedSkus);
  if (faults.refuseWholeBatch && updates.some(({ sku }) => refused.has(sku))) {
    return call.json({ error: 'unknown SKU: the batch holds something we do not sell' }, 422);
  }
  const results = updates.map(({ sku, units, version }) => {
    const status = refused.has(sku) ? ('refused' as const) : listings.apply(sku, units, BigInt(version), at);
    statistics[status] += 1;
    return status === 'refused' ? { sku, status, reason: 'unknown SKU' } : { sku, status };
  });
  return call.json({ results });
}

/** What buyers and the curious see. */
function shop(app: Hono<{ Bindings: HttpBindings }>, listings: Listings, name: string, now: () => number): void {
  const row = (sku: string) => {
    const listing = listings.get(sku);
    return listing && { sku, units: listing.units, version: String(listing.version), updatedAt: listing.updatedAt };
  };
  app.get('/', (call) => call.html(page(name), 200, PAGE_HEADERS));
  app.get('/listings', (call) => call.json({ listings: [...listings.entries()].map(([sku]) => row(sku)) }));
  app.get('/listings/:sku', (call) => {
    const listing = row(call.req.param('sku'));
    return listing === undefined ? call.json({ error: 'not listed' }, 404) : call.json(listing);
  });
  app.post('/orders', async (call) => {
    const wanted = OrderRequest.safeParse(jsonOf(await call.req.text()));
    if (!wanted.success) return call.json({ error: z.prettifyError(wanted.error) }, 400);
    const order = listings.order(wanted.data.sku, wanted.data.units, now());
    return order === undefined ? call.json({ error: 'not that many are shown' }, 409) : call.json(order, 201);
  });
  app.get('/orders', (call) => {
    const after = Number(call.req.query('after') ?? 0);
    return call.json({ orders: listings.orders(Number.isNaN(after) ? 0 : after, ORDERS_PER_PAGE) });
  });
}
const ORDERS_PER_PAGE = 500;
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
};

function jsonOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
