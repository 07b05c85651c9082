// The real server with five channels that show every SKU and nothing to tell them: its memory, and what it does of a core
// in a quiet while. The whole process: log, every read model, names of the SKUs, publishing, polls of the channels' orders.
// Then how long the dashboard's overview takes to be there, where a browser is.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteLog } from '../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../adapters/platform.ts';
import { systemTimers } from '../../adapters/publishing/timers.ts';
import { figure } from '../figure.ts';
import { skuName } from '../load/request.ts';
import type { Part } from '../part.ts';
import { processUse } from '../process-use.ts';
import { overviewLoads } from '../publishing/overview-page.ts';
import { seedPublished, UNITS } from '../publishing/seed.ts';
import { policyOf, SECRET, SHOPS, type Shop, startShops } from '../publishing/shops.ts';
import { createStocks } from '../publishing/stocks.ts';
import { type EvenstockProcess, startEvenstockProcess } from '../servers/evenstock-process.ts';

/** Of the time watched: until what is stored after a start is stored. */
const SETTLE_PART = 0.25;
const SECRETS = ['', '_CLIENT_ID', '_CLIENT_SECRET', '_REFRESH_TOKEN', '_KEY', '_SECRET', '_WEBHOOK'];
const NAMES_PER_REQUEST = 5_000;

export const publishingIdle: Part = {
  name: 'publishing-idle',
  title: 'An idle server with five channels',
  async run({ sizes, directory, progress }) {
    const { publishedSkus, idleMs } = sizes;
    const shown = `${SHOPS.length} channels × ${publishedSkus.toLocaleString('en')} SKUs`;
    progress(`${shown}: the log of a retailer that has published`);
    await writeLog(join(directory, 'data'), publishedSkus);
    const skus = Array.from({ length: publishedSkus }, (_, n) => skuName(n));
    const shops = await startShops({ skus, units: UNITS, now: Date.now });
    const secrets = Object.fromEntries(SECRETS.map((suffix) => [`BENCH${suffix}`, SECRET]));
    const policy = join(directory, 'channels.json');
    writeFileSync(policy, JSON.stringify(policyOf(shops)));
    const start = () => startEvenstockProcess(directory, { POLICY_FILE: policy, ...secrets });
    progress('names of the SKUs in the channels that have their own');
    const first = await start();
    for (const [id, shop] of shops) await tellNames(first, id, shop, skus);
    await first.stop();
    const server = await start();
    try {
      progress('started; until it has settled');
      await pause(SETTLE_PART * idleMs);
      await expectNothingToTell(server);
      progress(`a quiet ${idleMs / 1_000} s`);
      const use = await watch(server.pid, idleMs);
      if (use === undefined) return { skipped: 'needs /proc, that is Linux' };
      const told = shops.values().reduce((sum, { log }) => sum + log.count('publish') + log.count('bulk'), 0);
      if (told > 0) throw new Error(`${told} calls told the channels something`);
      progress('the overview, opened');
      const loads = await overviewLoads(server, SHOPS);
      const over = `whole process, over ${(idleMs / 1_000).toFixed(0)} s`;
      return [
        figure('idle.resident', `idle server, ${shown}: resident`, 'MB', use.residentMB, over),
        figure('idle.cpu', `idle server, ${shown}: CPU of one core`, '%', use.percent, over),
        ...(loads === undefined ? [] : [figure('idle.overview', `overview in a browser, ${shown}`, 'ms', loads)]),
      ];
    } finally {
      await server.stop();
      for (const shop of shops.values()) await shop.close();
    }
  },
};

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

async function watch(pid: number, ms: number) {
  const before = processUse(pid);
  const from = performance.now();
  await pause(ms);
  const after = processUse(pid);
  if (before === undefined || after === undefined) return undefined;
  const seconds = (performance.now() - from) / 1_000;
  return {
    residentMB: after.residentBytes / 1e6,
    percent: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds,
  };
}

async function writeLog(directory: string, skus: number): Promise<void> {
  const log = await openSqliteLog({ directory, clock: systemClock });
  const stocks = createStocks(log, systemClock);
  await seedPublished({ log, stocks, skus, channels: SHOPS, clock: systemClock, timers: systemTimers });
  await log.close();
}

/** Nothing, where the channel has our names. */
async function tellNames(
  { port, headers }: EvenstockProcess,
  id: string,
  { identifiers }: Shop,
  skus: readonly string[],
): Promise<void> {
  const lines = skus.flatMap((ours) => {
    const theirs = identifiers.ofSku(ours)!.id;
    return theirs === ours ? [] : [JSON.stringify({ what: 'sku', ours, theirs })];
  });
  for (let from = 0; from < lines.length; ) {
    const response = await fetch(`http://127.0.0.1:${port}/v1/systems/${id}/identifiers`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: lines.slice(from, from + NAMES_PER_REQUEST).join('\n'),
    });
    const text = await response.text();
    if (response.ok) from += NAMES_PER_REQUEST;
    else if (response.status === 503) await pause(1_000 * Number(response.headers.get('retry-after')));
    else throw new Error(`names of ${id} were not taken (${response.status}): ${text.slice(0, 300)}`);
  }
}

interface Publishing {
  readonly state: string;
  readonly backlog: number;
  readonly inFlight: number;
}

/** @throws Error where the server does not publish to all, or has something to tell */
async function expectNothingToTell({ port, headers }: EvenstockProcess): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/channels`, { headers });
  const text = await response.text();
  const { channels } = JSON.parse(text) as { readonly channels: readonly { readonly publishing: Publishing }[] };
  const idle = channels.filter(
    ({ publishing: { state, backlog, inFlight } }) => state === 'running' && backlog + inFlight === 0,
  );
  if (idle.length !== SHOPS.length) throw new Error(`it is not idle: ${text.slice(0, 2_000)}`);
}
