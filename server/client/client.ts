// A typed client of the HTTP API. Nothing is written twice: paths, bodies and answers have the types of the schemas that the
// server itself checks requests with and makes its OpenAPI document from. It needs `fetch` and nothing else: everything it
// imports from the server is a type.
import type { Answer, Body, OperationOf, Params, PathOf, Query } from './operation-types.ts';
import { EvenstockProblem, problemOf } from './problem.ts';

export interface ClientOptions {
  /** Of the server, as `https://stock.example`. */
  readonly url: string;
  /** API key. */
  readonly key?: string | undefined;
  /**
   * How often a request is sent again that the server asks to repeat (429, 503, 504, 507, a conflict) or did not answer. A
   * command has its effect once however often it is sent, because of its id. Default 5.
   */
  readonly repeatsMax?: number | undefined;
  /** Of one try, ms. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Both throw EvenstockProblem (refused), TypeError (not reached) or DOMException `TimeoutError`. */
export interface EvenstockClient {
  /** @example await client.get('/v1/stock/{sku}/{location}', { sku: 'BELL', location: 'warehouse' }) */
  get<Path extends PathOf<'get'>>(
    path: Path,
    params: Params<Path>,
    query?: Query<OperationOf<'get', Path>>,
  ): Promise<Answer<OperationOf<'get', Path>>>;
  /** @example await client.post('/v1/orders/{orderId}/commands', { orderId: 'web-1' }, { type: 'confirm', id: 'web-1:confirm' }) */
  post<Path extends PathOf<'post'>>(
    path: Path,
    params: Params<Path>,
    body: Body<OperationOf<'post', Path>>,
    query?: Query<OperationOf<'post', Path>>,
  ): Promise<Answer<OperationOf<'post', Path>>>;
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

const REPEATS_MAX = 5;
const TIMEOUT_MS = 30_000;
const BACKOFF_BASE_MS = 100;
const WAIT_MS_MAX = 20_000;

export function createClient(options: ClientOptions): EvenstockClient {
  const client = {
    get: (path: string, params: Values, query: Values = {}) =>
      insist(options, () => send(options, target(path, params, query))),
    post: (path: string, params: Values, body: unknown, query: Values = {}) =>
      insist(options, () => send(options, target(path, params, query), JSON.stringify(body))),
  };
  return client as unknown as EvenstockClient;
}

function target(path: string, params: Values, query: Values): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(`${params[name]}`));
  const asked = Object.entries(query).filter(([, value]) => value !== undefined);
  return asked.length === 0
    ? filled
    : `${filled}?${new URLSearchParams(asked.map(([name, value]) => [name, `${value}`]))}`;
}

async function send(
  { url, key, timeoutMs = TIMEOUT_MS, fetch = globalThis.fetch }: ClientOptions,
  path: string,
  body?: string,
) {
  const response = await fetch(new URL(path, url), {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      accept: 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  const text = await response.text();
  if (!response.ok) throw problemOf(response, text);
  if (response.headers.get('content-type') !== 'application/x-ndjson') return JSON.parse(text) as unknown;
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
}

async function insist(options: ClientOptions, attempt: () => Promise<unknown>): Promise<unknown> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (repeats >= (options.repeatsMax ?? REPEATS_MAX) || !mayRepeat(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs(error, repeats)));
    }
  }
}

/** What was not answered may have been done: a read is the same again, and a command has an id. */
function mayRepeat(error: unknown): boolean {
  if (error instanceof EvenstockProblem) return error.mayRepeat;
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
}

function waitMs(error: unknown, repeats: number): number {
  const asked = error instanceof EvenstockProblem ? error.retryAfterMs : undefined;
  return Math.min(WAIT_MS_MAX, asked ?? Math.random() * 2 ** repeats * BACKOFF_BASE_MS);
}
