// `evenstock serve` as a process of its own, on a marketplace of the test's that notes the trace context of each call.
// For what registers itself for a whole process, as OpenTelemetry's SDK does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createAdaptorServer } from '@hono/node-server';
import { createMarketplace, type Marketplace } from '../../adapters/channels/marketplace-simulator/app.ts';
import { canarySecret } from './canary.ts';

const MAIN = new URL('../../server/cli/evenstock.ts', import.meta.url).pathname;
const SECRET = canarySecret('marketplace');

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly afterMs: number;
}

export interface ServedProduct {
  readonly url: string;
  readonly marketplace: Marketplace;
  /** Of every call that reached the marketplace, in order. */
  readonly traceparents: readonly (string | undefined)[];
  post(path: string, body: unknown, traceparent?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** SIGTERM, and how it ended. Once it has, the same answer again. */
  stop(): Promise<Ended>;
}

export interface ServedOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Over the policy. */
  readonly policy?: (channels: readonly object[]) => Readonly<Record<string, unknown>>;
  /** Arguments of Node itself. */
  readonly nodeArguments?: readonly string[];
}

/** @throws Error with what it wrote to standard error, if it ended instead of listening */
export async function serveProduct({ env, policy, nodeArguments = [] }: ServedOptions): Promise<ServedProduct> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-served-'));
  const marketplace = createMarketplace({ secrets: [SECRET] });
  const traceparents: (string | undefined)[] = [];
  const marketplaceServer = createAdaptorServer({
    fetch(request, bindings) {
      if (request.method === 'POST') traceparents.push(request.headers.get('traceparent') ?? undefined);
      return marketplace.app.fetch(request, bindings);
    },
  });
  await new Promise<void>((resolve) => marketplaceServer.listen(0, '127.0.0.1', resolve));
  const { port } = marketplaceServer.address() as AddressInfo;
  const policyFile = join(directory, 'policy.json');
  const usual = policyFor(`http://127.0.0.1:${port}`);
  writeFileSync(policyFile, JSON.stringify({ ...usual, ...policy?.(usual.channels) }));
  const child = spawn(process.execPath, [...nodeArguments, MAIN, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: join(directory, 'data'),
      PORT: '0',
      POLICY_FILE: policyFile,
      EVENSTOCK_INSECURE_NO_AUTH: '1',
      LOG_LEVEL: 'warn',
      MARKETPLACE_SECRET: SECRET,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = text(child.stderr);
  const ended = once(child, 'exit').then(async ([code]) => {
    await new Promise((resolve) => marketplaceServer.close(resolve));
    rmSync(directory, { recursive: true, force: true });
    return { code: code as number | null, stderr: await stderr };
  });
  const url = await Promise.race([listening(child), ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const call = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    url,
    marketplace,
    traceparents,
    post(path, body, traceparent) {
      const headers = { 'content-type': 'application/json', ...(traceparent === undefined ? {} : { traceparent }) };
      return call(path, { method: 'POST', headers, body: JSON.stringify(body) });
    },
    get: (path) => call(path, {}),
    async stop() {
      const startedAt = performance.now();
      child.kill('SIGTERM');
      const { code, stderr } = await ended;
      return { code, stderr, afterMs: performance.now() - startedAt };
    },
  };
}

async function listening({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let output = '';
    stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const url = /listens on (http:\/\/\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

function policyFor(marketplaceUrl: string) {
  const url = `${marketplaceUrl}/availability`;
  const connector = { type: 'http', url, secretEnv: 'MARKETPLACE_SECRET', ratePerSecond: 200, burst: 50 };
  return {
    version: 'test-1',
    locations: [{ id: 'warehouse' }],
    channels: [
      { id: 'webshop', locations: ['warehouse'] },
      { id: 'marketplace', locations: ['warehouse'], connector },
    ],
  };
}
