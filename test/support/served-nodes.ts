// Several nodes of the product as processes of their own, on one scripted EventStoreDB and one marketplace that outlives them all:
// alike but for their names. For tests that kill one, or stop it as the kernel would.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAdaptorServer } from '@hono/node-server';
import { createMarketplace, type Marketplace } from '../../adapters/channels/marketplace-simulator/app.ts';
import { canarySecret } from './canary.ts';
import { type ScriptedEventStoreDb, startEventStoreDb } from './eventstoredb/server.ts';

const MAIN = new URL('../../server/cli/evenstock.ts', import.meta.url).pathname;
const SECRET = canarySecret('marketplace');

export interface ServedNode {
  readonly name: string;
  readonly url: string;
  get(path: string): Promise<Record<string, unknown>>;
  post(path: string, body: unknown): Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it is gone. */
  readonly ended: Promise<unknown>;
}

export interface ServedNodes {
  readonly server: ScriptedEventStoreDb;
  readonly marketplace: Marketplace;
  /** When calls reached the marketplace, ms. */
  readonly calls: readonly number[];
  start(name: string): Promise<ServedNode>;
  close(): Promise<void>;
}

/** @param leaseMs of channels; their calls may take a third of it */
export async function serveNodes(leaseMs: number): Promise<ServedNodes> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-nodes-'));
  const server = await startEventStoreDb();
  const marketplace = createMarketplace({ secrets: [SECRET] });
  const calls: number[] = [];
  const market = createAdaptorServer({
    fetch(request, bindings) {
      if (request.method === 'POST') calls.push(performance.now());
      return marketplace.app.fetch(request, bindings);
    },
  });
  await new Promise<void>((resolve) => market.listen(0, '127.0.0.1', resolve));
  const { port } = market.address() as AddressInfo;
  const policyFile = join(directory, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(policyFor(`http://127.0.0.1:${port}`, leaseMs)));
  const running: ServedNode[] = [];
  return {
    server,
    marketplace,
    calls,
    async start(name) {
      const child = spawn(process.execPath, [MAIN, 'serve'], {
        env: {
          ...{ PATH: process.env['PATH'], DATA_DIR: join(directory, name), PORT: '0', POLICY_FILE: policyFile },
          ...{ EVENSTOCK_INSECURE_NO_AUTH: '1', LOG_LEVEL: 'error', MARKETPLACE_SECRET: SECRET },
          ...{ NODE_NAME: name, CHANNEL_LEASE_MS: String(leaseMs) },
          EVENT_LOG: server.connectionString.replace(/^esdb/, 'eventstoredb'),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const node = nodeOf(name, child, await listening(child));
      running.push(node);
      return node;
    },
    async close() {
      for (const node of running) node.signal('SIGKILL');
      await Promise.all(running.map(({ ended }) => ended));
      await new Promise((resolve) => market.close(resolve));
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function nodeOf(name: string, child: ChildProcess, url: string): ServedNode {
  return {
    name,
    url,
    ended: once(child, 'exit'),
    signal: (signal) => void child.kill(signal),
    get: async (path) => (await (await fetch(`${url}${path}`)).json()) as Record<string, unknown>,
    async post(path, body) {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    },
  };
}

async function listening({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: stdout! })) {
    const url = /listens on (http:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the node ended before it listened');
}

function policyFor(marketplaceUrl: string, leaseMs: number) {
  const limits = { ratePerSecond: 50, burst: 10, timeoutMs: Math.min(120_000, Math.floor(leaseMs / 3)) };
  const connector = { type: 'http', url: `${marketplaceUrl}/availability`, secretEnv: 'MARKETPLACE_SECRET', ...limits };
  return {
    version: 'test-1',
    locations: [{ id: 'warehouse' }],
    channels: [{ id: 'marketplace', locations: ['warehouse'], connector }],
  };
}
