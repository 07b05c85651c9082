// The API over real actors and a memory log, with two stores, two channels and some keys; everything injected.
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import type { StockActors } from '../../../server/actors/answer.ts';
import type { ApiVersion } from '../../../server/api-versions/versions.ts';
import { createApp } from '../../../server/app.ts';
import { createKeyRing, hashOfKey, type KeyRing, KeysDocument, type Scope } from '../../../server/auth/keys.ts';
import { createAuthenticator } from '../../../server/auth.ts';
import { type ApiLimits, DEFAULT_API_LIMITS } from '../../../server/config.ts';
import type { Processes } from '../../../server/processes.ts';
import type { ApiApp, ApiDependencies } from '../../../server/routes/api.ts';
import { actorsOver, NOON } from '../../support/actors.ts';
import { type FoldedAvailability, foldedAvailability } from './folded-availability.ts';

export { NOON };

const keyOf = (letter: string) => `evs_${letter.repeat(43)}`;

export const KEYS = {
  admin: keyOf('a'),
  writer: keyOf('w'),
  reader: keyOf('r'),
  store2: keyOf('s'),
  market: keyOf('m'),
  expired: keyOf('x'),
} as const;

type Holder = readonly [
  id: string,
  key: string,
  scopes: Scope[],
  locations: 'all' | string[],
  channels: 'all' | string[],
];
const HOLDERS: readonly Holder[] = [
  ['admin', KEYS.admin, ['admin'], 'all', 'all'],
  ['writer', KEYS.writer, ['commands:write'], 'all', 'all'],
  ['reader', KEYS.reader, ['stock:read', 'availability:read', 'events:read'], 'all', 'all'],
  ['store2', KEYS.store2, ['admin'], ['store-2'], 'all'],
  ['market', KEYS.market, ['commands:write', 'availability:read', 'events:read'], 'all', ['market']],
];
export const KEYS_DOCUMENT: KeysDocument = KeysDocument.parse({
  version: 1,
  clients: [
    ...HOLDERS.map(([id, key, scopes, locations, channels]) => {
      return { id, scopes, locations, channels, keys: [{ sha256: hashOfKey(key) }] };
    }),
    {
      id: 'former',
      scopes: ['admin'],
      locations: 'all',
      channels: 'all',
      keys: [{ sha256: hashOfKey(KEYS.expired), expiresAt: '2026-11-23T11:59:59Z' }],
    },
  ],
});

export interface ShopOptions {
  readonly policy?: Partial<PolicyDocumentJson>;
  readonly limits?: Partial<ApiLimits>;
  readonly actors?: StockActors;
  readonly log?: EventLog;
  readonly dependencies?: Partial<ApiDependencies>;
  readonly versions?: readonly ApiVersion[];
}

export interface Shop {
  readonly app: ApiApp;
  readonly log: EventLog;
  readonly availability: FoldedAvailability;
  readonly ring: KeyRing;
  readonly stopping: AbortController;
  /** Milliseconds since the epoch; tests move it. */
  now: number;
  send(method: string, path: string, options?: SendOptions): Promise<Response>;
  /** POST /v1/commands as `admin`; a sale of 1 of SKU A at store-1 unless said otherwise. */
  command(fields: Record<string, unknown>, options?: SendOptions): Promise<Response>;
}

export interface SendOptions {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const POLICY: PolicyDocumentJson = {
  version: 'p1',
  locations: [{ id: 'store-1' }, { id: 'store-2' }],
  channels: [
    { id: 'web', locations: ['store-1', 'store-2'] },
    { id: 'market', locations: ['store-1'] },
  ],
};

/** A shop has none: what needs them is tested with the whole product (test/support/product.ts). */
const NO_PROCESSES = new Proxy(
  { transfers: { atStock: () => [] }, inbound: { status: () => undefined } } as unknown as Processes,
  {
    get(some, name) {
      if (name in some) return some[name as keyof Processes];
      throw new Error(`a shop has no ${String(name)}: give it by \`dependencies\`, or start a product`);
    },
  },
);

let commandNumber = 0;
export function sale(fields: Record<string, unknown> = {}): Record<string, unknown> & Pick<StockCommandJson, 'type'> {
  commandNumber += 1;
  const occurredAt = new Date(NOON - 60_000).toISOString();
  return { type: 'sale', id: `c-${commandNumber}`, sku: 'A', location: 'store-1', occurredAt, quantity: 1, ...fields };
}

export function receipt(fields: Record<string, unknown> = {}) {
  return sale({ type: 'receipt', quantity: 10, ...fields });
}

export function shop(options: ShopOptions = {}): Shop {
  const document = { ...POLICY, ...options.policy };
  const policy = compilePolicy(PolicyDocument.parse(document));
  const log = options.log ?? createMemoryLog();
  const availability = foldedAvailability(log, policy);
  const stopping = new AbortController();
  const ring = createKeyRing(KEYS_DOCUMENT);
  const clock = { now: () => made.now };
  const dependencies: ApiDependencies = {
    actors: options.actors ?? actorsOver(log, { policy: document, now: () => made.now }),
    availability,
    log,
    processes: NO_PROCESSES,
    policy: () => policy,
    authenticate: createAuthenticator(ring, clock),
    clock,
    limits: { ...DEFAULT_API_LIMITS, ...options.limits },
    readiness: () => ({ ready: true, checks: { log: { ok: true, detail: 'memory' } } }),
    metrics: { scrape: async () => 'evenstock_duplicates_total 0\n', isOpenHere: false },
    stopping: stopping.signal,
    ...options.dependencies,
  };
  const app = createApp(dependencies, options.versions);
  const send = async (method: string, path: string, { key = KEYS.admin, headers, body }: SendOptions = {}) =>
    app.request(path, {
      method,
      headers: { ...(key === null ? undefined : { authorization: `Bearer ${key}` }), ...headers },
      ...(body === undefined ? undefined : { body }),
    });
  const made: Shop = {
    app,
    log,
    availability,
    ring,
    stopping,
    now: NOON,
    send,
    command: (fields, { headers, ...rest } = {}) =>
      send('POST', '/v1/commands', {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(fields),
        ...rest,
      }),
  };
  return made;
}

/** The body of a problem, checked to be one: status, type and content type agree. */
export async function problemOf(response: Response): Promise<Record<string, unknown> & { readonly reason: string }> {
  const body = (await response.json()) as Record<string, unknown> & { readonly reason: string };
  const contentType = response.headers.get('content-type');
  if (contentType !== 'application/problem+json') throw new Error(`not a problem: ${contentType}`);
  if (body['status'] !== response.status || body['type'] !== `/problems/${body.reason}`) {
    throw new Error(`status or type is wrong: ${response.status} ${JSON.stringify(body)}`);
  }
  return body;
}
