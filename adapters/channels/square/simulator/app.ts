// A simulated Square: the addresses of its API that this adapter calls, for one location of one seller, with its token and
// its errors. Misbehaves as every simulator does.
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { CallKind, FaultsJson } from '../../simulator/faults.ts';
import {
  addAdministration,
  createMisbehaving,
  type Dialect,
  type Misbehaving,
  REFUSAL_STATUS,
  type Refusal,
  type SimulatorApp,
} from '../../simulator/misbehaving.ts';
import type { RateLimit } from '../../simulator/rate-limit.ts';
import { countJson, orderJson, type SquareError } from './answers.ts';
import { createBatchChange } from './batch-change.ts';
import { createPos, type Pos } from './pos.ts';

/** A call and its answer, for whoever judges them by Square's specification. */
export interface Exchange {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface SquareSimulatorOptions {
  /** Access token that calls must show. */
  readonly token: string;
  readonly pos?: Pos;
  readonly faults?: FaultsJson;
  readonly limits?: Partial<Readonly<Record<CallKind, RateLimit>>>;
  /** By which clock the limits hold, ms. */
  readonly pacedBy?: () => number;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly judge?: (exchange: Exchange) => void;
}

export interface SquareSimulator {
  readonly app: SimulatorApp;
  readonly pos: Pos;
  readonly misbehaving: Misbehaving;
}

type Call = Context<{ Bindings: HttpBindings }>;
const BODY_BYTES_MAX = 1024 * 1024;

export function createSquare(options: SquareSimulatorOptions): SquareSimulator {
  const { token, now = Date.now, pos = createPos(now), faults, limits, pacedBy, random, judge } = options;
  const app: SimulatorApp = new Hono<{ Bindings: HttpBindings }>();
  const misbehaving = createMisbehaving(DIALECT, { faults, limits, pacedBy, random });
  const batchChange = createBatchChange(pos, now);
  const answering =
    (handle: (body: unknown, call: Call) => { status: 200 | 400 | 404; body: object }) => async (call: Call) => {
      if (call.req.header('authorization') !== `Bearer ${token}`) return refuse(call, 'unauthenticated', {});
      const body: unknown = call.req.method === 'GET' ? undefined : await call.req.json().catch(() => undefined);
      const { status, body: answer } = handle(body, call);
      const method = call.req.method === 'GET' ? 'get' : 'post';
      judge?.({ method, path: call.req.path, headers: call.req.header(), body, status, answer });
      return call.json(answer, status);
    };

  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX }));
  const changes = { kind: 'publish', skusOf: namedIn } as const;
  app.post(
    '/v2/inventory/changes/batch-create',
    misbehaving.guard(changes),
    answering((body) => batchChange(body, new Set(misbehaving.faults.refusedSkus))),
  );
  app.post(
    '/v2/inventory/counts/batch-retrieve',
    misbehaving.guard({ kind: 'read' }),
    answering((body) => countsOf(body, pos)),
  );
  app.post(
    '/v2/orders/search',
    misbehaving.guard({ kind: 'orders' }),
    answering((body) => searched(body, pos)),
  );
  app.get(
    '/v2/orders/:id',
    misbehaving.guard({ kind: 'orders' }),
    answering((_, call) => {
      const order = pos.orders.get(call.req.param('id') ?? '');
      return order === undefined
        ? { status: 404, body: { errors: [invalid('NOT_FOUND', 'Order not found.')] } }
        : { status: 200, body: { order: orderJson(order) } };
    }),
  );
  app.notFound((call) => call.json({ errors: [invalid('NOT_FOUND', 'Resource not found.')] }, 404));
  addAdministration(app, misbehaving);
  return { app, pos, misbehaving };
}

const ERRORS: Readonly<Record<Refusal, SquareError>> = {
  throttled: { category: 'RATE_LIMIT_ERROR', code: 'RATE_LIMITED', detail: 'Too many requests.' },
  unavailable: { category: 'API_ERROR', code: 'SERVICE_UNAVAILABLE', detail: 'Down for maintenance.' },
  error: { category: 'API_ERROR', code: 'INTERNAL_SERVER_ERROR', detail: 'An internal error has occurred.' },
  'gateway-timeout': { category: 'API_ERROR', code: 'GATEWAY_TIMEOUT', detail: 'Timed out.' },
  unauthenticated: {
    category: 'AUTHENTICATION_ERROR',
    code: 'UNAUTHORIZED',
    detail: 'This request could not be authorized.',
  },
  forbidden: { category: 'AUTHENTICATION_ERROR', code: 'INSUFFICIENT_SCOPES', detail: 'The token lacks a permission.' },
};

const refuse = (call: Call, refusal: Refusal, headers: Readonly<Record<string, string>>) =>
  call.json({ errors: [ERRORS[refusal]] }, REFUSAL_STATUS[refusal], { ...headers });

/** Square's successes have no errors in them: it answers all or nothing. */
const DIALECT: Dialect = { refuse, errorsInside: () => undefined };

const invalid = (code: string, detail: string): SquareError => ({ category: 'INVALID_REQUEST_ERROR', code, detail });

const Named = z.object({ changes: z.array(z.object({ physical_count: z.object({ catalog_object_id: z.string() }) })) });
const namedIn = (body: string) =>
  Named.parse(JSON.parse(body)).changes.map(({ physical_count }) => physical_count.catalog_object_id);

const CountsRequest = z.object({
  catalog_object_ids: z.array(z.string()).nullish(),
  location_ids: z.array(z.string()).nullish(),
  cursor: z.string().nullish(),
  limit: z.int().min(1).max(1_000).nullish(),
});

function countsOf(raw: unknown, pos: Pos): { status: 200 | 400; body: object } {
  const request = CountsRequest.safeParse(raw);
  if (!request.success)
    return { status: 400, body: { errors: [invalid('BAD_REQUEST', request.error.issues[0]!.message)] } };
  const { catalog_object_ids: ids, location_ids: locations, cursor, limit } = request.data;
  if (locations != null && !locations.includes(pos.location)) return { status: 200, body: {} };
  const wanted = [...pos.variations].filter((variation) => ids == null || ids.includes(variation));
  const page = pageOf(wanted, cursor, limit ?? 100);
  const counts = page.rows.map((variation) => countJson(pos, variation));
  return { status: 200, body: { ...(counts.length > 0 && { counts }), ...page.cursor } };
}

const SearchRequest = z.object({
  location_ids: z.array(z.string()).max(10),
  cursor: z.string().nullish(),
  limit: z.int().min(1).max(1_000).default(500),
  query: z.object({
    filter: z.object({
      date_time_filter: z.object({ updated_at: z.object({ start_at: z.iso.datetime({ offset: true }) }) }),
    }),
    sort: z.object({ sort_field: z.literal('UPDATED_AT'), sort_order: z.literal('ASC') }),
  }),
});

function searched(raw: unknown, pos: Pos): { status: 200 | 400; body: object } {
  const request = SearchRequest.safeParse(raw);
  if (!request.success)
    return { status: 400, body: { errors: [invalid('BAD_REQUEST', request.error.issues[0]!.message)] } };
  const { location_ids: locations, cursor, limit, query } = request.data;
  const since = Date.parse(query.filter.date_time_filter.updated_at.start_at);
  const found = [...pos.orders.values()].filter(
    ({ location, updatedAt }) => locations.includes(location) && updatedAt >= since,
  );
  found.sort((a, b) => a.updatedAt - b.updatedAt || a.id.localeCompare(b.id));
  if (cursor != null && !/^\d{1,9}$/.test(decoded(cursor))) {
    return { status: 400, body: { errors: [invalid('INVALID_CURSOR', 'The cursor is invalid or has expired.')] } };
  }
  const page = pageOf(found, cursor, limit);
  const orders = page.rows.map(orderJson);
  return { status: 200, body: { ...(orders.length > 0 && { orders }), ...page.cursor } };
}

function pageOf<T>(all: readonly T[], cursor: string | null | undefined, limit: number) {
  const from = cursor == null ? 0 : Number(decoded(cursor));
  const next = from + limit;
  const more = next < all.length ? { cursor: Buffer.from(String(next)).toString('base64url') } : {};
  return { rows: all.slice(from, next), cursor: more };
}

const decoded = (cursor: string) => Buffer.from(cursor, 'base64url').toString();
