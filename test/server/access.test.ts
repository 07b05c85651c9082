// Fault row 23: every route with every credential; keys, their rotation and expiry; rates; starting without keys.
import { describe, expect, test } from 'vitest';
import { createKeyRing, generateKey, hashOfKey, KeysDocument, looksLikeKey } from '../../server/auth/keys.ts';
import { createRateLimiter } from '../../server/auth/rate-limit.ts';
import { resolveAccess } from '../../server/auth.ts';
import { listen } from '../../server/serve.ts';
import { KEYS, KEYS_DOCUMENT, problemOf, receipt, sale, shop } from './support/shop.ts';

const json = { 'content-type': 'application/json' };
const post = (fields = {}) => ({ headers: json, body: JSON.stringify(sale(fields)) });

/** Route, what it is sent, and the status each key gets: admin, writer, reader, store2, market. */
const MATRIX: readonly (readonly [string, string, () => object, readonly number[]])[] = [
  ['POST', '/v1/commands', post, [200, 200, 403, 403, 200]],
  ['POST', '/v1/commands', () => post({ location: 'store-2' }), [200, 200, 403, 200, 200]],
  ['POST', '/v1/commands', () => post({ channel: 'web' }), [200, 200, 403, 403, 403]],
  ['POST', '/v1/commands/batch', () => ({ headers: json, body: JSON.stringify([sale()]) }), [200, 200, 403, 200, 200]],
  ['GET', '/v1/stock/A/store-1', () => ({}), [200, 403, 200, 403, 403]],
  ['GET', '/v1/stock/A/store-1/history', () => ({}), [200, 403, 200, 403, 403]],
  ['GET', '/v1/availability/web', () => ({}), [200, 403, 200, 200, 403]],
  ['GET', '/v1/availability/market', () => ({}), [200, 403, 200, 200, 200]],
  ['GET', '/v1/availability/web/A', () => ({}), [200, 403, 200, 200, 403]],
  ['GET', '/v1/availability/web/A/explain', () => ({}), [200, 403, 200, 403, 403]],
  ['GET', '/v1/events', () => ({}), [200, 403, 200, 200, 200]],
  ['GET', '/v1/channels/web', () => ({}), [200, 403, 200, 200, 403]],
  ['GET', '/v1/sources', () => ({}), [200, 403, 200, 403, 403]],
  ['GET', '/metrics', () => ({}), [200, 403, 403, 200, 403]],
];
const HOLDERS = ['admin', 'writer', 'reader', 'store2', 'market'] as const;

describe('every route × every key', () => {
  for (const [method, path, options, expected] of MATRIX) {
    test.each(HOLDERS.map((holder, at) => [holder, expected[at]] as const))(
      `${method} ${path} as %s is %i`,
      async (holder, status) => {
        const room = shop();
        await room.command(receipt());
        await room.availability.catchUp();
        const head = await room.log.head();
        const response = await room.send(method, path, { ...options(), key: KEYS[holder] });
        expect(response.status).toBe(status);
        if (status === 403) {
          expect((await problemOf(response)).reason).toBe('forbidden');
          expect(await room.log.head()).toBe(head);
        }
      },
    );
  }
});

const WRONG: readonly (readonly [string, string | undefined])[] = [
  ['none', undefined],
  ['an empty header', ''],
  ['no scheme', KEYS.admin],
  ['Basic', `Basic ${KEYS.admin}`],
  ['an unknown key', `Bearer ${generateKey()}`],
  ['an expired key', `Bearer ${KEYS.expired}`],
  ['a key cut short', `Bearer ${KEYS.admin.slice(0, -1)}`],
  ['a key in capitals', `Bearer ${KEYS.admin.toUpperCase()}`],
  ['the hash of a key', `Bearer ${hashOfKey(KEYS.admin)}`],
  ['two keys', `Bearer ${KEYS.admin}, Bearer ${KEYS.admin}`],
  ['an unsigned token', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'],
];

describe('every route without a valid key is a 401, all alike, and nothing happens', () => {
  for (const [what, authorization] of WRONG) {
    test(what, async () => {
      const room = shop();
      for (const [method, path, options] of MATRIX) {
        const { headers, ...rest } = options() as { headers?: Record<string, string> };
        const sent = { ...headers, ...(authorization === undefined ? undefined : { authorization }) };
        const response = await room.send(method, path, { ...rest, key: null, headers: sent });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
        await problemOf(response);
      }
      expect(await room.log.head()).toBe(-1n);
    });
  }
});

test.each(['/healthz', '/readyz', '/openapi.json', '/docs', '/problems/forbidden'])(
  '%s asks for no key',
  async (path) => {
    expect((await shop().send('GET', path, { key: null })).status).toBe(200);
  },
);

test('two keys of a client work at once; after a reload the old one does not', async () => {
  const room = shop();
  const next = generateKey();
  const withBoth = structuredClone(KEYS_DOCUMENT) as KeysDocument;
  withBoth.clients[1]!.keys.push({ sha256: hashOfKey(next) });
  room.ring.replace(withBoth);
  for (const key of [KEYS.writer, next]) expect((await room.command(sale(), { key })).status).toBe(200);
  withBoth.clients[1]!.keys.shift();
  room.ring.replace(withBoth);
  expect((await room.command(sale(), { key: next })).status).toBe(200);
  expect((await room.command(sale(), { key: KEYS.writer })).status).toBe(401);
});

test('a key expires at its instant', async () => {
  const room = shop();
  room.now = Date.UTC(2026, 10, 23, 11, 59, 58, 999);
  expect((await room.command(sale(), { key: KEYS.expired })).status).toBe(200);
  room.now += 1;
  expect((await room.command(sale(), { key: KEYS.expired })).status).toBe(401);
});

const client = { id: 'a', scopes: ['admin'], locations: 'all', channels: 'all', keys: [{ sha256: '0'.repeat(64) }] };
test.each([
  ['three keys', { ...client, keys: [1, 2, 3].map((n) => ({ sha256: String(n).repeat(64) })) }],
  ['a key in clear', { ...client, keys: [{ sha256: KEYS.admin }] }],
  ['an unknown scope', { ...client, scopes: ['root'] }],
  ['no location limit said', { ...client, locations: undefined }],
  ['an unknown field', { ...client, admin: true }],
])('a keys file with %s is refused', (_, holder) => {
  expect(KeysDocument.safeParse({ version: 1, clients: [client] }).success).toBe(true);
  expect(KeysDocument.safeParse({ version: 1, clients: [holder] }).success).toBe(false);
});

test('a keys file in which two clients share a key or an id is refused', () => {
  expect(KeysDocument.safeParse({ version: 1, clients: [client, { ...client, id: 'b' }] }).success).toBe(false);
  const other = { ...client, keys: [{ sha256: '1'.repeat(64) }] };
  expect(KeysDocument.safeParse({ version: 1, clients: [client, other] }).success).toBe(false);
});

test('a generated key has 32 random bytes and is told from other text', () => {
  const key = generateKey();
  expect(Buffer.from(key.slice(4), 'base64url')).toHaveLength(32);
  expect([key, generateKey()].map(looksLikeKey)).toEqual([true, true]);
  expect(createKeyRing(KEYS_DOCUMENT).find(hashOfKey(key))).toBeUndefined();
});

describe('starting', () => {
  const clock = { now: () => 0 };
  const bearer = (key: string) => `Bearer ${key}`;

  test('without keys on an address others reach is refused, and says what to set', () => {
    const start = () => resolveAccess({ host: '0.0.0.0', insecureNoAuth: false }, undefined, clock);
    expect(start).toThrow(/KEYS_FILE.*EVENSTOCK_INSECURE_NO_AUTH/s);
    expect(() => resolveAccess({ host: 'shop.local', insecureNoAuth: false }, undefined, clock)).toThrow();
  });

  test.each(['127.0.0.1', '::1', 'localhost', '127.8.8.8'])('without keys on %s makes one key, shown once', (host) => {
    const access = resolveAccess({ host, insecureNoAuth: false }, undefined, clock);
    const key = /evs_[\w-]{43}/.exec(access.notice ?? '')![0];
    expect(access.mode).toBe('generated');
    expect(access.authenticate(bearer(key)).id).toBe('local');
    expect(() => access.authenticate(undefined)).toThrow();
  });

  test('asking for no key must be said, is printed loudly, and excludes a keys file', () => {
    const access = resolveAccess({ host: '0.0.0.0', insecureNoAuth: true }, undefined, clock);
    expect(access.notice).toMatch(/^INSECURE/);
    expect(access.authenticate(undefined).id).toBe('anonymous');
    expect(() => resolveAccess({ host: '::1', insecureNoAuth: true }, KEYS_DOCUMENT, clock)).toThrow();
  });
});

describe('rates', () => {
  test('more than the burst is a 429 that says when to come again; others are not touched', async () => {
    const room = shop({ limits: { rate: { perSecond: 2, burst: 3 } } });
    for (let n = 0; n < 3; n += 1) expect((await room.command(sale())).status).toBe(200);
    const denied = await room.command(sale());
    expect(denied.status).toBe(429);
    expect(denied.headers.get('retry-after')).toBe('1');
    expect(denied.headers.get('ratelimit-policy')).toBe('"client";q=2;w=1');
    expect(denied.headers.get('ratelimit')).toBe('"client";r=0;t=1');
    expect(await problemOf(denied)).toMatchObject({ reason: 'rate-limited', retryAfterMs: 500 });
    expect((await room.command(sale(), { key: KEYS.writer })).status).toBe(200);
    room.now += 500;
    expect((await room.command(sale())).status).toBe(200);
    expect((await room.command(sale())).status).toBe(429);
  });

  test('every answer says what is left, whatever it is', async () => {
    const { app } = shop({ limits: { rate: { perSecond: 2, burst: 5 } } });
    const server = await listen(app, { host: '127.0.0.1', port: 0, connectionsMax: 10 });
    const left = async (path: string) => {
      const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${KEYS.admin}` } });
      await response.arrayBuffer();
      return [response.status, response.headers.get('ratelimit')];
    };
    expect(await left('/v1/availability/web')).toEqual([200, '"client";r=4;t=1']);
    expect(await left('/v1/stock/A/store-1')).toEqual([404, '"client";r=3;t=1']);
    await server.close(1_000);
  });

  test('a batch costs its lines; one larger than the burst goes once and leaves a debt', () => {
    let now = 0;
    const limiter = createRateLimiter({ perSecond: 10, burst: 20 }, { now: () => now });
    const holder = { id: 'a', scopes: new Set<never>(), locations: 'all', channels: 'all' } as const;
    expect(limiter.take(holder, 50)).toBeUndefined();
    expect(limiter.take(holder, 1)?.retryAfterMs).toBe(3_100);
    now = 3_100;
    expect(limiter.take(holder, 1)).toBeUndefined();
  });

  // P13's shape, after a long pause too. Seen failing with the refill not capped at the burst.
  test('in any window no more than rate × window + burst', () => {
    let now = 0;
    const limiter = createRateLimiter({ perSecond: 7, burst: 5 }, { now: () => now });
    const holder = { id: 'a', scopes: new Set<never>(), locations: 'all', channels: 'all' } as const;
    for (const start of [0, 100_000, 10_000_000]) {
      let taken = 0;
      for (now = start; now < start + 60_000; now += 13) if (limiter.take(holder, 1) === undefined) taken += 1;
      expect(taken).toBeLessThanOrEqual(7 * 60 + 5);
      expect(taken).toBeGreaterThanOrEqual(7 * 60);
    }
  });

  test('a clock set back neither refills nor locks', () => {
    let now = 100_000;
    const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, { now: () => now });
    const holder = { id: 'a', scopes: new Set<never>(), locations: 'all', channels: 'all' } as const;
    expect(limiter.take(holder, 1)).toBeUndefined();
    now = 50_000;
    expect(limiter.take(holder, 1)).toBeDefined();
    now = 51_000;
    expect(limiter.take(holder, 1)).toBeUndefined();
  });
});
