// A marketplace that takes availability as docs/publishing.md says, shows it, sells it, and misbehaves on request.
// For the demo, for tests, and as an example of the other side. Knows nothing of Evenstock's inside.
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from '../signature.ts';
import { type FaultKind, Faults, type FaultsJson } from './faults.ts';
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
}

export interface Statistics {
  calls: number;
  throttled: number;
  unauthenticated: number;
  applied: number;
  stale: number;
  refused: number;
  /** Pages of its statement that were asked for. */
  statements: number;
  /** Of the last 1,000 calls: when each came, in milliseconds since 1970. */
  readonly callTimes: number[];
}

export interface Marketplace {
  readonly app: Hono<{ Bindings: HttpBindings }>;
  readonly listings: Listings;
  readonly statistics: Statistics;
  setFaults(faults: FaultsJson): void;
}

type Call = Context<{ Bindings: HttpBindings }>;

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
const CALL_TIMES_MAX = 1_000;
const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());

export function createMarketplace(options: MarketplaceOptions): Marketplace {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const listings = createListings();
  const statistics: Statistics = {
    calls: 0,
    throttled: 0,
    unauthenticated: 0,
    applied: 0,
    stale: 0,
    refused: 0,
    statements: 0,
    callTimes: [],
  };
  let faults = Faults.parse(options.faults ?? {});
  const random = options.random ?? Math.random;
  const allows = rateLimit(options.ratePerSecond ?? Number.POSITIVE_INFINITY, options.burst ?? 10);

  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX }));
  app.post('/availability', async (call) => {
    statistics.calls += 1;
    statistics.callTimes.push(Date.now());
    if (statistics.callTimes.length > CALL_TIMES_MAX) statistics.callTimes.shift();
    const current = faults;
    const fault = random() < current.share ? current.kind : 'none';
    if (current.latencyMs > 0) await sleep(current.latencyMs);
    const early = refusal(fault, current, call);
    if (early !== undefined) return early;
    if (!allows()) {
      statistics.throttled += 1;
      return call.json({ error: 'too many calls' }, 429, { 'retry-after': '1' });
    }
    const raw = await call.req.text();
    const headers = { timestamp: call.req.header(TIMESTAMP_HEADER), signature: call.req.header(SIGNATURE_HEADER) };
    if (!verify(options.secrets, headers, raw, Date.now())) {
      statistics.unauthenticated += 1;
      return call.json({ error: 'unauthenticated' }, 401);
    }
    const publication = Publication.safeParse(jsonOf(raw));
    if (!publication.success) return call.json({ error: z.prettifyError(publication.error) }, 400);
    return take(call, fault, current, publication.data, listings, statistics);
  });
  app.get('/availability', async (call) => {
    statistics.statements += 1;
    const current = faults;
    const early = refusal(random() < current.share ? current.kind : 'none', current, call);
    if (early !== undefined) return early;
    return statementPage(call, options.secrets, listings);
  });
  shop(app, listings, options.name ?? 'Marketplace');
  app.get('/admin/faults', (call) => call.json(faults));
  app.put('/admin/faults', async (call) => {
    const parsed = Faults.safeParse(jsonOf(await call.req.text()));
    if (!parsed.success) return call.json({ error: z.prettifyError(parsed.error) }, 400);
    faults = parsed.data;
    return call.json(faults);
  });
  app.get('/admin/statistics', (call) => call.json({ ...statistics, violations: listings.violations }));
  return {
    app,
    listings,
    statistics,
    setFaults(next) {
      faults = Faults.parse(next);
    },
  };
}

/** Faults that refuse the call before anything is read. */
function refusal(fault: FaultKind, { retryAfter }: Faults, call: Call): Response | undefined {
  const after = retryAfter === undefined ? undefined : { 'retry-after': retryAfter };
  switch (fault) {
    case 'throttle':
      return call.json({ error: 'too many calls' }, 429, after);
    case 'unavailable':
      return call.json({ error: 'down for maintenance' }, 503, after);
    case 'error':
      return call.json({ error: 'internal error' }, 500);
    case 'unauthorised':
      return call.json({ error: 'unauthenticated' }, 401);
    case 'redirect':
      return call.redirect('/elsewhere', 307);
    case 'reset':
      call.env.incoming.socket.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    default:
      return undefined;
  }
}

/** Applies a publication, and answers it as the fault wants. */
async function take(
  call: Call,
  fault: FaultKind,
  faults: Faults,
  { updates }: Publication,
  listings: Listings,
  statistics: Statistics,
): Promise<Response> {
  const refused = new Set(faults.refusedSkus);
  if (faults.refuseWholeBatch && updates.some(({ sku }) => refused.has(sku))) {
    return call.json({ error: 'the batch holds something we do not sell' }, 422);
  }
  const applyAll = () =>
    updates.map(({ sku, units, version }) => {
      const status = refused.has(sku) ? ('refused' as const) : listings.apply(sku, units, BigInt(version), Date.now());
      statistics[status] += 1;
      return status === 'refused' ? { sku, status, reason: 'unknown SKU' } : { sku, status };
    });
  if (fault === 'late') {
    void sleep(faults.lateMs).then(applyAll);
    return call.json({ error: 'gateway timeout' }, 504);
  }
  if (fault === 'errors-inside') {
    return call.json({
      results: updates.map(({ sku }) => ({ sku, status: 'retry', reason: 'busy', retryAfterMs: 50 })),
    });
  }
  const results = applyAll();
  if (fault === 'timeout-after-success') {
    // The caller gives up; the connection is cut so that it is not held for ever.
    await sleep(TIMEOUT_HOLD_MS);
    call.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  if (fault === 'half-answer') return halfAnswer(call, JSON.stringify({ results }));
  if (fault === 'invalid-json')
    return call.body(`{"results": [${'<html>'}`, 200, { 'content-type': 'application/json' });
  return call.json({ results });
}
const TIMEOUT_HOLD_MS = 30_000;

function halfAnswer(call: Call, text: string): Response {
  const { outgoing, incoming } = call.env;
  outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) });
  outgoing.write(text.slice(0, text.length >> 1), () => incoming.socket.destroy());
  return RESPONSE_ALREADY_SENT;
}

/** What buyers and the curious see. */
function shop(app: Hono<{ Bindings: HttpBindings }>, listings: Listings, name: string): void {
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
    const order = listings.order(wanted.data.sku, wanted.data.units, Date.now());
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

function rateLimit(ratePerSecond: number, burst: number): () => boolean {
  let tokens = burst;
  let at = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(
      burst,
      tokens + (ratePerSecond === Number.POSITIVE_INFINITY ? burst : ((now - at) / 1_000) * ratePerSecond),
    );
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
