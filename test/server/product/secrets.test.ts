// No secret leaves: a server with a channel of every adapter and webhooks, each of them calling something that answers everything it is
// sent back at it, in refusals, garbage and tokens. Then all that the server wrote, answered and exported is searched.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VENDORS } from '../../../adapters/channels/vendors.ts';
import { generateKey, hashOfKey } from '../../../server/auth/keys.ts';
import { CANARY, canariesIn, canarySecret } from '../../support/canary.ts';
import { signedNow } from '../../support/toy-channel.ts';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const MAIN = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
const KEY = generateKey();
const SECRETS = [
  ...['', '_WEBHOOK', '_WEBHOOK_NEXT', '_CLIENT_ID', '_CLIENT_SECRET', '_REFRESH_TOKEN', '_KEY', '_SECRET'],
] as const;

/** One of each adapter; what a policy must say of it besides its address. */
const SETTINGS: Readonly<Record<string, Record<string, unknown>>> = {
  http: {},
  amazon: { sellerId: 'A3TH9S8BH6GOGM', marketplaceId: 'A1PA6795UKMFR9', orders: 'poll-and-notifications' },
  ebay: {},
  shopify: { location: '655441491' },
  square: { location: 'L88917AVBK2S5' },
  vendure: { stockLocation: '1', ordersSince: '2026-01-01T00:00:00Z' },
  woocommerce: { pollEverySeconds: 10 },
};

interface Received {
  readonly calls: string[];
  readonly url: string;
  close(): Promise<void>;
}

/** Answers what it was sent, in one of several ways, in turn for each path; `ok`: tokens are given out, with a canary in them. */
async function startEcho(): Promise<Received> {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => '');
    const path = request.url ?? '';
    calls.push(path);
    const echo = [path, ...readable(request.headers), body].join(' ');
    const isToken = /token/.test(path);
    const status = isToken && calls.length % 3 !== 0 ? 200 : [400, 401, 500, 200, 429, 422][calls.length % 6]!;
    const token = { access_token: canarySecret(`token-${calls.length}`), expires_in: 7_200, token_type: 'bearer' };
    const said = {
      message: echo,
      error: echo,
      error_description: echo,
      code: echo.slice(0, 200),
      errors: [{ message: echo, detail: echo }],
    };
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-echo': encodeURIComponent(echo).slice(0, 1_000),
    });
    response.end(JSON.stringify(isToken && status === 200 ? token : said));
  });
  return { calls, ...(await listening(server)) };
}

function readable(headers: IncomingHttpHeaders): string[] {
  return Object.values(headers).flatMap((value) => {
    const [, basic] = /^Basic (.*)$/.exec(String(value)) ?? [];
    return [String(value), basic === undefined ? '' : Buffer.from(basic, 'base64').toString()];
  });
}

async function startSink(): Promise<{ readonly exported: string[]; readonly url: string; close(): Promise<void> }> {
  const exported: string[] = [];
  const server = createServer(async (request, response) => {
    exported.push(await text(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  return { exported, ...(await listening(server)) };
}

async function listening(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, close };
}

function policy(url: string): object {
  const channels = VENDORS.map(({ type }) => {
    const settings = { ...SETTINGS[type], ...(type === 'amazon' ? { tokenUrl: `${url}/auth/o2/token` } : {}) };
    const connector = {
      type,
      url: `${url}/${type}`,
      secretEnv: type.toUpperCase(),
      settings,
      timeoutMs: 1_000,
      ratePerSecond: 20,
    };
    return { id: type, locations: ['warehouse'], connector };
  });
  const webhooks = ['FIT', 'UNFIT'].map((secretEnv) => {
    return { id: secretEnv.toLowerCase(), url: `${url}/told/${secretEnv}`, secretEnv };
  });
  return { version: 'secrets-1', locations: [{ id: 'warehouse' }], channels, webhooks };
}

let directory: string;
let child: ChildProcess;
let echo: Awaited<ReturnType<typeof startEcho>>;
let sink: Awaited<ReturnType<typeof startSink>>;
let output = '';
const answers: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-secrets-'));
  echo = await startEcho();
  sink = await startSink();
  writeFileSync(join(directory, 'policy.json'), JSON.stringify(policy(echo.url)));
  const client = {
    id: 'test',
    scopes: ['admin'],
    locations: 'all',
    channels: 'all',
    keys: [{ sha256: hashOfKey(KEY) }],
  };
  writeFileSync(join(directory, 'keys.json'), JSON.stringify({ version: 1, clients: [client] }));
  // One from a file, as containers mount them.
  writeFileSync(join(directory, 'secret'), canarySecret('file'));
  const secrets = VENDORS.flatMap(({ type }) =>
    SECRETS.map((suffix) => [`${type.toUpperCase()}${suffix}`, canarySecret(`${type}${suffix}`.replaceAll('_', '-'))]),
  );
  child = spawn(process.execPath, [MAIN, 'serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: join(directory, 'data'),
      ...{ PORT: '0', LOG_LEVEL: 'trace', CASE_PATIENCE_MS: '500' },
      POLICY_FILE: join(directory, 'policy.json'),
      KEYS_FILE: join(directory, 'keys.json'),
      ...Object.fromEntries(secrets),
      ...{ HTTP: '', HTTP_FILE: join(directory, 'secret') },
      ...{ FIT: WEBHOOK_SECRET, UNFIT: canarySecret('unfit'), WEBHOOK_HOSTS: '127.0.0.1' },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      ...{ OTEL_METRIC_EXPORT_INTERVAL: '500', OTEL_BSP_SCHEDULE_DELAY: '200' },
    },
  });
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (output += chunk));
  await trade(await urlOf());
}, 90_000);

afterAll(async () => {
  await echo.close();
  await sink.close();
  rmSync(directory, { recursive: true, force: true });
});

async function urlOf(): Promise<string> {
  for (let n = 0; n < 600; n++) {
    const url = /listens on (http:\/\/\S+)/.exec(output)?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it does not listen: ${output}`);
}

/** Stock to tell, names that are mapped, webhooks true and false, and everything that can be read. */
async function trade(url: string): Promise<void> {
  const ask = async (path: string, init: RequestInit = {}, key = KEY) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    answers.push(`${JSON.stringify([...response.headers])} ${await response.text()}`);
  };
  const post = (path: string, body: unknown, headers = {}) =>
    ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  const skus = ['A', 'B', 'C'];
  for (const { type } of VENDORS)
    await post(`/v1/systems/${type}/identifiers`, [
      ...skus.map((ours, n) => ({
        ours,
        theirs: `4711${n}`,
        more: { item: `1${n}`, offer: `2${n}`, product: `3${n}` },
      })),
      { what: 'location', ours: 'warehouse', theirs: 'L88917AVBK2S5' },
    ]);
  const occurredAt = new Date().toISOString();
  for (const [n, sku] of skus.entries())
    await post('/v1/commands', { id: `r-${n}`, type: 'receipt', sku, location: 'warehouse', quantity: 9, occurredAt });
  const body = '{"orders":[{"id":"1","lines":[]}]}';
  for (const { type } of VENDORS) {
    const secret = canarySecret(`${type}-WEBHOOK`);
    await post(`/v1/hooks/${type}`, body, signedNow(secret, body));
    await post(`/v1/hooks/${type}`, body, { 'x-wc-webhook-signature': secret, authorization: secret, cookie: secret });
  }
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await ask('/v1/channels', {}, `evs_${CANARY}`);
  const reads = [
    ...['channels', 'cases?status=all&limit=100', 'events?limit=1000', 'policy', 'policy/history', 'sources'],
    'webhooks',
  ];
  for (const path of reads) await ask(`/v1/${path}`);
  for (const { type } of VENDORS) {
    await ask(`/v1/channels/${type}`);
    await ask(`/v1/channels/${type}/go-live`);
    await post('/v1/reconciliations', { channel: type });
  }
  await post('/v1/policy', { document: policy(echo.url), author: CANARY.slice(0, 3), reason: 'again' });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await ask('/v1/reconciliations');
  child.kill('SIGTERM');
  await once(child, 'exit');
}

describe('no secret is in', () => {
  const never = (what: string, text: string) => {
    expect(canariesIn(text), what).toEqual([]);
    expect(text.includes(KEY), what).toBe(false);
  };

  // Seen failing: the answers, the events and the exports on credentials of WooCommerce that the channel had cut before it sent
  // them back (a fault of ours that this test found); the output with the environment planted in it.
  test('what it wrote to its output', () => {
    expect(output).toContain('listens on');
    never('standard output and error', output);
  });

  test('what it answered', () => {
    const all = answers.join('\n');
    expect(all).toContain('refused-publish');
    expect(all).toContain('the secret must be whsec_');
    never('answers', all);
  });

  test('the files of its data directory: events, projections, snapshots', () => {
    const files = readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['log.sqlite', 'projections.sqlite']));
    for (const { parentPath, name } of files) never(name, readFileSync(join(parentPath, name)).toString('latin1'));
  });

  test('what it exported: traces and metrics', () => {
    const exported = sink.exported.join('\n');
    expect(exported).toContain('resourceSpans');
    expect(exported).toContain('resourceMetrics');
    never('traces and metrics', exported);
  });

  test('and it was tried: every adapter called, with its secrets, and was answered with them', () => {
    for (const { type } of VENDORS)
      expect(
        echo.calls.some((path) => path.startsWith(`/${type}`) || (type === 'amazon' && /token/.test(path))),
        type,
      ).toBe(true);
    expect(echo.calls).toContain('/told/FIT');
  });
});

describe('a connection string with a password', () => {
  const PASSWORD = canarySecret('esdb');
  test.each([
    ['of nobody', `esdb://admin:${PASSWORD}@127.0.0.1:9?tls=false`],
    ['of no shape', `postgres://admin:${PASSWORD}@127.0.0.1:9`],
  ])('%s is not repeated', async (_, eventLog) => {
    const env = { PATH: process.env['PATH'], EVENT_LOG: eventLog, DATA_DIR: join(directory, 'other'), PORT: '0' };
    const server = spawn(process.execPath, [MAIN, 'serve'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, POLICY_FILE: join(directory, 'policy.json'), LOG_LEVEL: 'trace' },
    });
    const said = Promise.all([text(server.stdout), text(server.stderr)]);
    const timer = setTimeout(() => server.kill('SIGKILL'), 4_000);
    const [stdout, stderr] = await said;
    clearTimeout(timer);
    expect(canariesIn(stdout + stderr)).toEqual([]);
  });
});
