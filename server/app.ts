// The HTTP API as a Hono app: which path goes where, and nothing that is not HTTP. `createApp` opens nothing and
// listens nowhere (server/serve.ts does), so tests call `app.request(...)`.
// No middleware: each route is one handler, which Hono then calls without a chain (about a fifth of a request's cost).
import { Hono } from 'hono';
import { Unavailable } from '../domain/event-log.ts';
import { inVersions } from './api-versions/speaking.ts';
import { API_VERSIONS } from './api-versions/versions.ts';
import { createRateLimiter } from './auth/rate-limit.ts';
import { dashboardRoutes } from './dashboard/routes.ts';
import { HttpProblem, PROBLEMS, type Problem, type ProblemName, problem, problemResponse } from './problems.ts';
import type { Api, ApiApp, ApiContext, ApiDependencies, ApiEnv, Handler, Route } from './routes/api.ts';
import { traceparentOf } from './routes/api.ts';
import { AUDIT_ROUTES } from './routes/audit.ts';
import { getAvailability, getExplanation, getFigure } from './routes/availability.ts';
import { PIECES_AHEAD, PIECES_AT_ONCE, postBatch } from './routes/batch.ts';
import { CASES_ROUTES } from './routes/cases.ts';
import { getChannel, getChannels, getSources } from './routes/channels.ts';
import { getClient } from './routes/client.ts';
import { postCommand } from './routes/commands.ts';
import { COUNTS_ROUTES } from './routes/counts.ts';
import { docsRoutes } from './routes/docs.ts';
import { ERPS_ROUTES } from './routes/erps.ts';
import { getEvents } from './routes/events.ts';
import { getFigureTimeline } from './routes/figure-timeline.ts';
import { GO_LIVE_ROUTES } from './routes/go-live.ts';
import { getHealth, getReadiness } from './routes/health.ts';
import { HOOKS_ROUTES } from './routes/hooks.ts';
import { IDENTIFIERS_ROUTES } from './routes/identifiers.ts';
import { createGate } from './routes/intake/gate.ts';
import { createIdempotencyStore } from './routes/intake/idempotency.ts';
import { createTurnstile } from './routes/intake/turnstile.ts';
import { getMetrics } from './routes/metrics.ts';
import { ORDERS_ROUTES } from './routes/orders.ts';
import { OVERVIEW_ROUTES, OVERVIEWS_MAX } from './routes/overview.ts';
import { POLICY_ROUTES } from './routes/policy.ts';
import { postPublishing } from './routes/publishing.ts';
import { getPublishing } from './routes/publishing-history.ts';
import { RECONCILIATIONS_ROUTES } from './routes/reconciliations.ts';
import { SIGNALS_ROUTES } from './routes/signals.ts';
import { getSkuStock } from './routes/sku-stock.ts';
import { getHistory, getStock } from './routes/stock.ts';
import { TILLS_ROUTES } from './routes/till-upload.ts';
import { TRANSFERS_ROUTES } from './routes/transfers.ts';
import { WEBHOOKS_ROUTES } from './routes/webhooks.ts';
import { createTurns } from './tills/turns.ts';

/** Every route of the product's own; the documented paths are compared with these by a test. */
const ROUTES: readonly Route[] = [
  ['post', '/v1/commands', postCommand],
  ['post', '/v1/commands/batch', postBatch],
  ['get', '/v1/stock/:sku', getSkuStock],
  ['get', '/v1/stock/:sku/:location', getStock],
  ['get', '/v1/stock/:sku/:location/history', getHistory],
  ['get', '/v1/availability/:channel', getAvailability],
  ['get', '/v1/availability/:channel/:sku', getFigure],
  ['get', '/v1/availability/:channel/:sku/explain', getExplanation],
  ['get', '/v1/availability/:channel/:sku/timeline', getFigureTimeline],
  ['get', '/v1/events', getEvents],
  ['get', '/v1/channels', getChannels],
  ['get', '/v1/channels/:channel', getChannel],
  ['get', '/v1/channels/:channel/publishing', getPublishing],
  ['post', '/v1/channels/:channel/publishing', postPublishing],
  ['get', '/v1/sources', getSources],
  ['get', '/v1/client', getClient],
  ...OVERVIEW_ROUTES,
  ...RECONCILIATIONS_ROUTES,
  ...GO_LIVE_ROUTES,
  ['get', '/healthz', getHealth],
  ['get', '/readyz', getReadiness],
  ['get', '/metrics', getMetrics],
  ...ORDERS_ROUTES,
  ...CASES_ROUTES,
  ...POLICY_ROUTES,
  ...COUNTS_ROUTES,
  ...TRANSFERS_ROUTES,
  ...SIGNALS_ROUTES,
  ...HOOKS_ROUTES,
  ...IDENTIFIERS_ROUTES,
  ...TILLS_ROUTES,
  ...ERPS_ROUTES,
  ...WEBHOOKS_ROUTES,
  ...AUDIT_ROUTES,
];

export function createApp(dependencies: ApiDependencies, versions = API_VERSIONS): ApiApp {
  const { limits, clock, observe } = dependencies;
  const api: Api = {
    ...dependencies,
    rate: createRateLimiter(limits.rate, clock),
    idempotency: createIdempotencyStore(limits.idempotencyEntriesMax, limits.idempotencyBytesMax, clock),
    batches: createGate('batches', limits.batchesOpenMax, limits.batchesOpenPerClientMax),
    overviews: createGate('overview streams', OVERVIEWS_MAX.total, OVERVIEWS_MAX.perClient),
    feeds: createGate('event feeds', limits.feedsOpenMax, limits.feedsOpenPerClientMax),
    pieces: createTurnstile(PIECES_AT_ONCE),
    piecesAhead: createTurnstile(PIECES_AHEAD),
    uploads: createTurns({ share: 1 / 2, restMsMax: 250 }),
  };
  const app: ApiApp = new Hono<ApiEnv>();
  for (const [method, path, handler] of ROUTES) {
    const observed = observe?.begin === undefined ? handler : withSpan(handler, `${method.toUpperCase()} ${path}`);
    const spoken = inVersions(observed, `${method} ${documented(path)}`, versions, app.fetch);
    app[method](path, (c) => spoken(api, c));
  }
  dashboardRoutes(app);
  docsRoutes(app);
  app.get('/problems/:reason', (c) => problemPage(c.req.param('reason')));
  app.onError((error, c) => errorResponse(api, error, c));
  app.notFound((c) => notFound(app, c));
  return app;
}

/** `/v1/stock/:sku` → `/v1/stock/{sku}` */
function documented(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** The same handler, with a span around it. Errors are answered here, so that the span knows the status. */
function withSpan(handler: Handler, route: string): Handler {
  return async (api, c) => {
    const incoming = traceparentOf(c);
    const span = api.observe?.begin?.(route, incoming, c.req.path);
    let status = 500;
    try {
      const response = await handler(api, c, span?.traceparent ?? incoming);
      status = response.status;
      return response;
    } catch (error) {
      const response = errorResponse(api, error, c);
      status = response.status;
      return response;
    } finally {
      span?.end(status);
    }
  };
}

/** What a request that threw is answered. Only what nobody expected is a 500, and that says nothing of its cause. */
function errorResponse(api: Api, error: unknown, c: ApiContext): Response {
  if (error instanceof HttpProblem) return problemResponse(error.problem, error.headers);
  if (error instanceof Unavailable) return problemResponse(unavailable(error));
  api.observe?.error?.(error, `${c.req.method} ${c.req.path}`);
  return problemResponse(problem('internal', 'It has been logged. Commands may be sent again with the same id.'));
}

/** The event log could not be read. */
function unavailable(error: Unavailable): Problem {
  const retryAfterMs = 1_000;
  switch (error.reason) {
    case 'disk-full':
      return problem('disk-full', 'The event log has no space left', { retryAfterMs });
    case 'overloaded':
      return problem('overloaded', 'The event log has too much waiting', { retryAfterMs });
    case 'closed':
      return problem('shutting-down', 'The event log is closed', { retryAfterMs });
    case 'down':
      return problem('unavailable', 'The event log cannot be reached', { retryAfterMs });
  }
}

/** 405 for a path that other methods have, else 404. */
function notFound(app: ApiApp, c: ApiContext): Response {
  const { path } = c.req;
  const allowed = ['GET', 'POST'].filter((method) => app.router.match(method, path)[0].length > 0);
  if (allowed.length === 0) return problemResponse(problem('not-found', `There is nothing at ${path.slice(0, 200)}`));
  const methods = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  const detail = `${c.req.method} is not supported here; ${methods} is`;
  return problemResponse(problem('method-not-allowed', detail), { allow: methods });
}

/** What a problem's `type` leads to. */
function problemPage(reason: string): Response {
  if (!Object.hasOwn(PROBLEMS, reason))
    return problemResponse(problem('not-found', 'There is no problem of that name'));
  const [status, title] = PROBLEMS[reason as ProblemName];
  const body = JSON.stringify({ type: `/problems/${reason}`, title, status, documentation: 'docs/api.md#problems' });
  return new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
}
