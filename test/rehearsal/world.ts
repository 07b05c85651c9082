// The retailer of a rehearsal: the whole product over real HTTP, a marketplace over real HTTP, an ERP whose books can be
// compared, tills that keep what they sold until it was acknowledged, and the shelves, which know the truth.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningMarketplace, startMarketplace } from '../../adapters/channels/marketplace-simulator/server.ts';
import type { ErpVendor } from '../../adapters/erp/erp.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import type { ProcessTime } from '../../server/wiring/time.ts';
import { type Evenstock, startEvenstock } from '../../server/wiring.ts';
import { fastTime } from '../scenario/fast-time.ts';
import { type LedgerErp, ledgerErp } from '../support/ledger-erp.ts';
import { seeded } from '../support/marketplace/world.ts';

export interface WorldOptions {
  readonly skus: number;
  readonly stores: number;
  readonly seed: number;
  /** On every shelf of a store and, four times as many, in the warehouse. */
  readonly unitsEach: number;
  /** Of the marketplace and what failing means there, over the defaults. */
  readonly marketplace: Readonly<Record<string, unknown>>;
  readonly erp: Readonly<Record<string, unknown>>;
  /** Default: embedded, in a folder of its own. */
  readonly eventLog: string;
  readonly env: Readonly<Record<string, string>>;
}

export type ChangePolicy = (document: PolicyDocumentJson) => PolicyDocumentJson;

export interface World {
  readonly skus: readonly string[];
  readonly stores: readonly string[];
  readonly warehouse: string;
  readonly marketplace: RunningMarketplace;
  readonly erp: LedgerErp;
  /** Of the product's caches and its embedded log. */
  readonly directory: string;
  /** What lies where: `sku~location`. */
  readonly shelves: Map<string, number>;
  /** Stores that cannot reach anybody now. */
  readonly offline: Set<string>;
  readonly random: () => number;
  /** Undefined while it is down. */
  readonly evenstock: Evenstock | undefined;
  readonly url: string;
  now(): number;
  minute(): number;
  rest(realMs: number): Promise<void>;
  stop(): Promise<void>;
  /** @throws what the start throws */
  start(change?: ChangePolicy): Promise<void>;
  get(path: string): Promise<Record<string, unknown> | undefined>;
  /** Nothing is left to be told to anybody. */
  isQuiet(): Promise<boolean>;
  /** Counts what a story wants to know at its end. */
  note(what: string, times?: number): void;
  noted(what: string): number;
  /** As people do over HTTP. @throws Error with what is wrong */
  applyPolicy(change: ChangePolicy, reason: string): Promise<void>;
  /** What tills and the like have not had acknowledged. */
  owed(): number;
  owe(count: () => number): void;
  close(): Promise<void>;
}

const SECRET = 'a-secret-of-a-rehearsal-and-long-enough';
const WAREHOUSE = 'warehouse';

export async function openWorld(given: Partial<WorldOptions> & { seed: number }, speed: number): Promise<World> {
  const options: WorldOptions = {
    ...{ skus: 40, stores: 4, unitsEach: 200, marketplace: {}, erp: {}, eventLog: '', env: {} },
    ...given,
  };
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-rehearsal-'));
  const time = fastTime([{ from: 0, speed }]);
  const marketplace = await startMarketplace({ secrets: [SECRET], now: time.clock.now });
  const erp = ledgerErp(25);
  const skus = Array.from({ length: options.skus }, (_, n) => `SKU-${n + 1}`);
  const stores = Array.from({ length: options.stores }, (_, n) => `store-${n + 1}`);
  const shelves = new Map<string, number>();
  const owing: (() => number)[] = [];
  let evenstock: Evenstock | undefined;
  const notes = new Map<string, number>();
  let port = 0;

  const document = policyOf(options, stores, marketplace.url);
  const start = async (change: ChangePolicy = (same) => same) => {
    const policy = change(document);
    evenstock = await startProduct(options, { policy, directory, port, erp, time });
    port = Number(new URL(evenstock.url).port);
  };
  const stop = async () => {
    const ending = evenstock;
    evenstock = undefined;
    await ending?.close();
  };
  await start();
  const world: World = {
    ...{ skus, stores, warehouse: WAREHOUSE, marketplace, erp, directory, shelves },
    offline: new Set(),
    random: seeded(options.seed),
    get evenstock() {
      return evenstock;
    },
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    now: time.clock.now,
    minute: time.minute,
    rest: (realMs) => new Promise((resolve) => setTimeout(resolve, realMs)),
    start,
    stop,
    async get(path) {
      try {
        const response = await fetch(`${world.url}${path}`, { signal: AbortSignal.timeout(5_000) });
        return response.ok ? ((await response.json()) as Record<string, unknown>) : undefined;
      } catch {
        return undefined;
      }
    },
    note: (what, times = 1) => void notes.set(what, (notes.get(what) ?? 0) + times),
    noted: (what) => notes.get(what) ?? 0,
    async applyPolicy(change, reason) {
      const body = JSON.stringify({ reason, document: { ...change(document), version: reason } });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${world.url}/v1/policy`, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(await response.text());
    },
    isQuiet: () => isQuiet(world),
    owed: () => owing.reduce((sum, count) => sum + count(), 0),
    owe: (count) => void owing.push(count),
    async close() {
      await stop();
      await marketplace.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await fill(world, options.unitsEach);
  for (let n = 0; n < 1_000 && !(await isQuiet(world)); n += 1) await world.rest(20);
  time.begin();
  return world;
}

interface Room {
  readonly policy: PolicyDocumentJson;
  readonly directory: string;
  readonly port: number;
  readonly erp: LedgerErp;
  readonly time: ProcessTime;
}

function startProduct(
  { eventLog, env }: WorldOptions,
  { policy, directory, port, erp, time }: Room,
): Promise<Evenstock> {
  const ledger: ErpVendor = { type: 'ledger', misfits: () => [], connect: () => erp };
  const config = readConfig({
    ...{ DATA_DIR: directory, PORT: String(port), EVENSTOCK_INSECURE_NO_AUTH: '1', RATE_PER_SECOND: 'off' },
    ...(eventLog === '' ? {} : { EVENT_LOG: eventLog }),
    ...env,
  });
  return startEvenstock(config, {
    env: { MARKETPLACE: SECRET, BOOKS: SECRET },
    time,
    erpVendors: [ledger],
    logger: createLogger('error', false),
    onFatal(error) {
      throw error;
    },
    policy: compilePolicy(PolicyDocument.parse(policy)),
  });
}

function policyOf({ marketplace, erp }: WorldOptions, stores: readonly string[], url: string): PolicyDocumentJson {
  const pool = [WAREHOUSE, ...stores];
  const connector = {
    ...{
      type: 'http',
      url: `${url}/availability`,
      secretEnv: 'MARKETPLACE',
      batchSize: 25,
      ratePerSecond: 2,
      burst: 4,
    },
    // A call takes as long as ever, whatever the clock of the story says.
    timeoutMs: 120_000,
  };
  return {
    version: 'rehearsal',
    locations: pool.map((id) => ({ id })),
    channels: [
      { id: 'webshop', locations: pool },
      { id: 'marketplace', locations: pool, connector, ...marketplace },
    ],
    erps: [
      { id: 'books', type: 'ledger', url: 'http://books.example', secretEnv: 'BOOKS', movements: [...ALL], ...erp },
    ],
    orders: { sourcing: 'balance' },
  };
}
const ALL = [
  'sale',
  'fulfilment',
  'return',
  'adjustment',
  'receipt',
  'count',
  'transfer',
  'writeOff',
  'disposal',
] as const;

async function fill({ skus, stores, shelves, url, now }: World, unitsEach: number): Promise<void> {
  const occurredAt = new Date(now()).toISOString();
  const receipts = [WAREHOUSE, ...stores].flatMap((location) =>
    skus.map((sku) => {
      const quantity = location === WAREHOUSE ? 4 * unitsEach : unitsEach;
      shelves.set(`${sku}~${location}`, quantity);
      return { type: 'receipt', id: `opening:${location}:${sku}`, sku, location, quantity, occurredAt };
    }),
  );
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(receipts) };
  const answer = await (await fetch(`${url}/v1/commands/batch`, sent)).text();
  if (
    !answer
      .trimEnd()
      .split('\n')
      .every((line) => line.includes('"accepted"'))
  )
    throw new Error(answer.slice(0, 500));
}

async function isQuiet(world: World): Promise<boolean> {
  const { evenstock } = world;
  if (evenstock === undefined || world.owed() > 0) return false;
  const status = evenstock.publishing.status('marketplace');
  if (status === undefined || status.backlog + status.inFlight > 0) return false;
  const books = evenstock.running.processes.erps.status('books');
  return books === undefined || books.state === 'off' || books.waiting === 0;
}
