// Starts the real server for a part: its policy of 3 channels, its key, its environment; fills it with stocks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { generateKey, hashOfKey } from '../../server/auth/keys.ts';
import { LOCATION, skuName } from '../load/request.ts';
import { type Child, startChild } from './child.ts';

export interface EvenstockProcess {
  readonly port: number;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  /** From the start of the process until it answers that it is ready, ms. */
  readonly readyMs: number;
  readonly child: Child;
  /** Lets it finish what is in flight, as the signal of an operator does. */
  stop(): Promise<void>;
}

/** Three channels that sell from the one location; none is published to, so no channel's pace is measured. */
export const POLICY: PolicyDocumentJson = {
  version: 'bench-1',
  locations: [{ id: LOCATION, safetyStock: 2 }],
  channels: [
    { id: 'webshop', locations: [LOCATION], buffer: 1 },
    { id: 'marketplace', locations: [LOCATION], buffer: 3, percentage: 80 },
    { id: 'partner', locations: [LOCATION], cap: 50 },
  ],
};

/** As `npm start` and the Dockerfile have it: half the young generation of Node 26, and no CPU more (docs/performance.md, Publishing). */
const NODE_OPTIONS = ['--max-semi-space-size=16'];

/**
 * @param directory made if missing; a server started there again finds what the last one kept
 * @param env over the environment of all
 */
export async function startEvenstockProcess(
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<EvenstockProcess> {
  const key = generateKey();
  const files = { policy: join(directory, 'policy.json'), keys: join(directory, 'keys.json') };
  mkdirSync(directory, { recursive: true });
  writeFileSync(files.policy, JSON.stringify(POLICY));
  const client = {
    id: 'bench',
    scopes: ['admin'],
    locations: 'all',
    channels: 'all',
    keys: [{ sha256: hashOfKey(key) }],
  };
  writeFileSync(files.keys, JSON.stringify({ version: 1, clients: [client] }));
  const startedAt = performance.now();
  const child = startChild('servers/evenstock.ts', [], NODE_OPTIONS, {
    PORT: '0',
    DATA_DIR: join(directory, 'data'),
    POLICY_FILE: files.policy,
    KEYS_FILE: files.keys,
    RATE_PER_SECOND: 'off',
    // Every connection of a run may have a whole batch for the one hot stock waiting; the default is 1,000.
    WAITING_PER_STOCK_MAX: '10000',
    ...env,
  });
  try {
    const { port } = await child.message<{ port: number }>();
    await ready(port);
    const headers = { authorization: `Bearer ${key}` };
    return { port, pid: child.pid, headers, child, readyMs: performance.now() - startedAt, stop: child.stop };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

const READY_MS_MAX = 120_000;

async function ready(port: number): Promise<void> {
  const endAt = performance.now() + READY_MS_MAX;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    if (answer.ok) return;
    const text = await answer.text();
    if (performance.now() > endAt) throw new Error(`not ready after ${READY_MS_MAX} ms: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const FILL_LINES = 10_000;
/** Units every stock starts with: no run sells out. */
const OPENING_UNITS = 1_000_000;

/** Gives each of the first `stocks` SKUs its opening units by receipts in batches. */
export async function openStocks({ port, headers }: EvenstockProcess, stocks: number): Promise<void> {
  const occurredAt = new Date().toISOString();
  for (let from = 0; from < stocks; from += FILL_LINES) {
    const count = Math.min(FILL_LINES, stocks - from);
    const lines = Array.from({ length: count }, (_, n) => {
      const sku = skuName(from + n);
      return JSON.stringify({
        type: 'receipt',
        id: `open-${sku}`,
        sku,
        location: LOCATION,
        quantity: OPENING_UNITS,
        occurredAt,
      });
    });
    const response = await fetch(`http://127.0.0.1:${port}/v1/commands/batch`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    const accepted = (await response.text()).split('"outcome":"accepted"').length - 1;
    if (accepted !== count)
      throw new Error(`${accepted} of ${count} opening receipts were accepted (${response.status})`);
  }
}

/** What the web shop never shows of a stock under `POLICY`: safety stock and buffer. */
const HIDDEN_UNITS = 3;
const SETTLE_MS_MAX = 30_000;

/**
 * Waits until the web shop's availability shows that this many units were taken from all stocks together: so every
 * answered command is in the log, in the projections and in available-to-sell.
 * @throws Error naming both numbers
 */
export async function expectTaken(server: EvenstockProcess, units: number): Promise<void> {
  const endAt = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const taken = await unitsTaken(server);
    if (taken === units) return;
    if (performance.now() > endAt) throw new Error(`${units} commands were answered, and the stocks gave ${taken}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function unitsTaken({ port, headers }: EvenstockProcess): Promise<number> {
  interface Page {
    readonly availability: readonly { readonly units: number }[];
    readonly next?: string;
  }
  let taken = 0;
  for (let cursor = ''; ; ) {
    const query = `limit=5000${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const response = await fetch(`http://127.0.0.1:${port}/v1/availability/webshop?${query}`, { headers });
    if (!response.ok) throw new Error(`availability: ${response.status} ${await response.text()}`);
    const { availability, next } = (await response.json()) as Page;
    for (const { units } of availability) taken += OPENING_UNITS - HIDDEN_UNITS - units;
    if (next === undefined) return taken;
    cursor = next;
  }
}
