// The server of an overload as people run it: `evenstock serve` in a process of its own, an embedded log on the disk, keys
// with limits, and three marketplaces that it publishes to, each with a rate of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type RunningMarketplace, startMarketplace } from '../../adapters/channels/marketplace-simulator/server.ts';
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { generateKey, hashOfKey } from '../../server/auth/keys.ts';
import type { Keys } from './crowd/crowd.ts';
import { LOCATIONS } from './names.ts';
import type { Probed } from './probe.ts';
import type { Sizes } from './sizes.ts';

const MAIN = new URL('../../server/cli/evenstock.ts', import.meta.url).pathname;
const PROBE = new URL('./probe.ts', import.meta.url).pathname;
const SECRET = 'a-secret-of-an-overload-and-long-enough';

/** What the policy allows Evenstock; the second marketplace allows less than it says. */
const MARKETS = [
  { id: 'market-1', ratePerSecond: 5, batchSize: 100, allows: 5 },
  { id: 'market-2', ratePerSecond: 4, batchSize: 50, allows: 3 },
  { id: 'market-3', ratePerSecond: 10, batchSize: 25, allows: 10 },
] as const;
export const CHANNELS: readonly string[] = MARKETS.map(({ id }) => id);
const BURST = 10;
/** Of the client that does not know its limit, commands a second. */
const GREEDY_RATE = 50;

export interface Surroundings {
  readonly directory: string;
  readonly keys: Keys & { readonly operator: string };
  readonly markets: ReadonlyMap<string, RunningMarketplace>;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface Served {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
  /** The last that was heard of it. */
  probed(): Probed | undefined;
  /** Milliseconds from the signal until the process is gone, and its exit code. */
  end(signal: NodeJS.Signals): Promise<{ readonly tookMs: number; readonly code: number | null }>;
}

export async function surround(directory: string, sizes: Sizes): Promise<Surroundings> {
  const markets = new Map<string, RunningMarketplace>();
  for (const { id, allows } of MARKETS)
    markets.set(id, await startMarketplace({ secrets: [SECRET], ratePerSecond: allows, burst: BURST }));
  const keys = {
    ...{ shop: generateKey(), feed: generateKey(), tills: generateKey(), greedy: generateKey() },
    ...{ desk: generateKey(), operator: generateKey() },
  };
  const files = { policy: join(directory, 'policy.json'), keys: join(directory, 'keys.json') };
  writeFileSync(files.policy, JSON.stringify(policyOver(markets)));
  writeFileSync(files.keys, JSON.stringify(keysFile(keys)));
  const env = {
    ...{ DATA_DIR: join(directory, 'data'), POLICY_FILE: files.policy, KEYS_FILE: files.keys, MARKET: SECRET },
    ...{ LOG_LEVEL: 'error', METRICS: 'loopback', CONNECTIONS_MAX: String(sizes.room) },
  };
  const close = async () => void (await Promise.all([...markets.values()].map((market) => market.close())));
  return { directory, keys, markets, env, close };
}

function policyOver(markets: ReadonlyMap<string, RunningMarketplace>): PolicyDocumentJson {
  const locations = [...LOCATIONS];
  return {
    version: 'overload',
    locations: locations.map((id) => ({ id })),
    channels: [
      { id: 'webshop', locations },
      ...MARKETS.map(({ id, ratePerSecond, batchSize }) => {
        const url = `${markets.get(id)!.url}/availability`;
        const pace = { batchSize, ratePerSecond, burst: BURST };
        return { id, locations, connector: { type: 'http', url, secretEnv: 'MARKET', ...pace } };
      }),
    ],
  };
}

function keysFile(keys: Surroundings['keys']): object {
  const clients = Object.entries(keys).map(([id, key]) => ({
    ...{ id, scopes: ['admin'], locations: 'all', channels: 'all', keys: [{ sha256: hashOfKey(key) }] },
    ...(id === 'greedy' && { ratePerSecond: GREEDY_RATE }),
  }));
  return { version: 1, clients };
}

/** @param port 0: any free one. @throws Error when it ends before it listens */
export async function serve({ env }: Surroundings, port = 0): Promise<Served> {
  // As `npm start` has it.
  const child = spawn(process.execPath, ['--max-semi-space-size=16', '--import', PROBE, MAIN, 'serve'], {
    env: { PATH: process.env['PATH'], ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let probed: Probed | undefined;
  child.on('message', (message) => {
    probed = message as Probed;
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const url = await addressOf(child);
  return {
    ...{ url, port: Number(new URL(url).port), process: child },
    probed: () => probed,
    async end(signal) {
      const gone = once(child, 'exit');
      const from = performance.now();
      child.kill(signal);
      const [code] = (await gone) as [number | null];
      return { tookMs: performance.now() - from, code };
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    const url = /http:\/\/[^\s/]+/.exec(line)?.[0];
    if (url === undefined) continue;
    child.stdout!.resume();
    return url;
  }
  throw new Error('the server ended before it listened');
}
