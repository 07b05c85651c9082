// Measures the read side: the fold alone, a rebuild from the embedded log, the turns of the event loop while state is
// stored, a new policy, and memory and time of a restart. `node bench/projections.ts [stocks] [events]` prints it.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSqliteLog } from '../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../adapters/platform.ts';
import { compilePolicy, type Policy, PolicyDocument } from '../domain/channel/policy.ts';
import { type EventLog, type NewEvent, NO_STREAM, type RecordedEvent, START } from '../domain/event-log.ts';
import { createPools } from '../projections/available-to-sell.ts';
import { openReadModel } from '../projections/read-model.ts';
import { createStockLevels } from '../projections/stock-levels.ts';
import type { RunnerTime } from '../projections/time.ts';

const SKUS = 40_000;
const time: RunnerTime = {
  clock: systemClock,
  random: Math.random,
  sleep: (ms, signal) => sleep(ms, undefined, { ref: false, ...(signal && { signal }) }).catch(() => {}),
  atTurnEnd: (run) => void setImmediate(run),
};

const streamOf = (stock: number) =>
  `stock-SKU-${String(stock % SKUS).padStart(5, '0')}~store-${Math.floor(stock / SKUS)}`;

/** About 600 bytes as stored, like a sale with its chain hashes. */
function sale(stock: number, revision: number): NewEvent {
  const id = `7c9e6679-7425-50de-${String(revision).padStart(4, '0')}-${String(stock).padStart(12, '0')}`;
  const levels = { onHand: 50 - revision, reserved: revision % 3, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
  const at = 1_790_000_000_000 + revision;
  return {
    id,
    type: 'UnitsSold',
    data: {
      v: 1,
      commandId: id,
      source: 'till-7',
      occurredAt: at,
      recordedAt: at,
      quantity: 1,
      channel: 'till',
      levels,
    },
    metadata: {
      client: 'till-7',
      causationId: id,
      previousHash: 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE',
      hash: 'c2hhMjU2LWxvb2thbGlrZS1mb3ItYmVuY2hFMTIzNDU',
    },
  };
}

/** Three channels that sell from nearly every store. */
function threeChannels(stocks: number, percentage = 80): Policy {
  const locations = Array.from({ length: Math.ceil(stocks / SKUS) }, (_, n) => ({
    id: `store-${n}`,
    safetyStock: n % 3,
  }));
  const ids = locations.map(({ id }) => id);
  return compilePolicy(
    PolicyDocument.parse({
      version: `${percentage}`,
      locations,
      channels: [
        { id: 'webshop', locations: ids },
        { id: 'marketplace', locations: ids, percentage, buffer: 1 },
        { id: 'partner', locations: ids, cap: 50 },
      ],
    }),
  );
}

/** CPU time of this process, ms: unlike the clock it does not run while others have the machine. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The fold alone, of events parsed as from a log and ready in memory, ns of CPU an event: first of new stocks, then of known ones. */
export function measureFold(stocks: number): {
  readonly newNs: number;
  readonly knownNs: number;
  readonly withAtsNs: number;
} {
  const levels = createStockLevels();
  let position = 0n;
  const pass = (revision: number): number => {
    let spentMs = 0;
    for (let from = 0; from < stocks; from += 1_000) {
      const page: RecordedEvent[] = [];
      for (let n = from; n < Math.min(stocks, from + 1_000); n++) {
        // A stride coprime to the number of stocks: no neighbour in memory follows.
        const stock = revision === 0 ? n : (n * 7_919) % stocks;
        const event = JSON.parse(JSON.stringify({ ...sale(stock, revision), stream: streamOf(stock), revision }));
        page.push({ ...event, position });
        position += 1n;
      }
      const started = cpuMs();
      for (const event of page) levels.apply(event);
      spentMs += cpuMs() - started;
    }
    return (spentMs * 1e6) / stocks;
  };
  const newNs = pass(0);
  const knownNs = pass(1);
  createPools(levels, threeChannels(stocks), START, () => {}).follow();
  return { newNs, knownNs, withAtsNs: pass(2) };
}

export interface RebuildFigures {
  readonly events: number;
  /** From an empty read model to the head of the embedded log: all own projections, ATS of 3 channels, stored. */
  readonly catchUpPerSecond: number;
  /** The same per second of CPU: what it would be on a machine with nothing else to do. */
  readonly catchUpPerCpuSecond: number;
  /** Beside one that serves: events a second in a pass over the log, mean over the projections (one pass each). */
  readonly rebuildPerSecond: number;
  readonly rebuildPerCpuSecond: number;
  readonly setPolicyMs: number;
  /** Longest turns of the event loop while events of all stocks arrive and every page is stored again and again, ms. */
  readonly turnMsP99: number;
  readonly turnMsMax: number;
}

/** Leaves log and read model in `directory`. */
export async function measureRebuild(directory: string, stocks: number, events: number): Promise<RebuildFigures> {
  const log = await openSqliteLog({ directory, clock: systemClock });
  await fill(log, stocks, 0, events);
  let started = performance.now();
  let cpu = cpuMs();
  const model = await openReadModel({ log, directory, policy: threeChannels(stocks), time });
  const head = await log.head();
  if (!(await model.waitFor(head, 600_000))) throw new Error('the read model did not catch up');
  const catchUpPerSecond = (events * 1_000) / (performance.now() - started);
  const catchUpPerCpuSecond = (events * 1_000) / (cpuMs() - cpu);
  started = performance.now();
  cpu = cpuMs();
  if (!(await model.rebuild())) throw new Error('not rebuilt');
  // One pass over the log for each projection.
  const folded = events * model.status().projections.length;
  const rebuildPerSecond = (folded * 1_000) / (performance.now() - started);
  const rebuildPerCpuSecond = (folded * 1_000) / (cpuMs() - cpu);
  started = performance.now();
  model.setPolicy(threeChannels(stocks, 70));
  const setPolicyMs = performance.now() - started;

  const turns = monitorEventLoopDelay({ resolution: 1 });
  turns.enable();
  await fill(log, stocks, events, Math.min(events, 200_000));
  await model.waitFor(await log.head(), 600_000);
  await model.flush();
  turns.disable();
  const turnMsP99 = turns.percentile(99) / 1e6;
  await model.close();
  await log.close();
  return {
    events,
    catchUpPerSecond,
    catchUpPerCpuSecond,
    rebuildPerSecond,
    rebuildPerCpuSecond,
    setPolicyMs,
    turnMsP99,
    turnMsMax: turns.max / 1e6,
  };
}

async function fill(log: EventLog, stocks: number, from: number, count: number): Promise<void> {
  const appends: Promise<unknown>[] = [];
  for (let n = from; n < from + count; n++) {
    const revision = Math.floor(n / stocks);
    const expected = revision === 0 ? NO_STREAM : revision - 1;
    appends.push(log.append(streamOf(n % stocks), expected, [sale(n % stocks, revision)]));
    if (appends.length === 500) await Promise.all(appends.splice(0));
  }
  await Promise.all(appends);
}

export interface RestartFigures {
  /** Until stored state is loaded, every figure computed and the model at the head. */
  readonly restartMs: number;
  /** Whole process with embedded log and read model, after a collection, MB. */
  readonly residentMB: number;
  /** Highest so far. */
  readonly residentPeakMB: number;
  /** First page of a channel's list: sorts the SKUs. */
  readonly firstPageMs: number;
}

/** Opens what `measureRebuild` left, in a process of its own. */
export function measureRestart(directory: string, stocks: number): Promise<RestartFigures> {
  const { promise, resolve, reject } = Promise.withResolvers<RestartFigures>();
  const child = fork(fileURLToPath(import.meta.url), ['restart', directory, String(stocks)], {
    execArgv: ['--expose-gc'],
  });
  child.once('message', (figures) => resolve(figures as RestartFigures));
  child.once('exit', (code) => reject(new Error(`the restarted process ended with ${code}`)));
  return promise;
}

async function restart(directory: string, stocks: number): Promise<RestartFigures> {
  const started = performance.now();
  const log = await openSqliteLog({ directory, clock: systemClock });
  const model = await openReadModel({ log, directory, policy: threeChannels(stocks), time });
  await model.waitFor(await log.head(), 60_000);
  const restartMs = performance.now() - started;
  const pageAt = performance.now();
  model.availability.page('webshop', { limit: 100 });
  const firstPageMs = performance.now() - pageAt;
  const residentPeakMB = process.resourceUsage().maxRSS / 1_000;
  globalThis.gc?.();
  await sleep(500);
  const residentMB = process.memoryUsage().rss / 1e6;
  await model.close();
  await log.close();
  return { restartMs, residentMB, residentPeakMB, firstPageMs };
}

async function main(stocks: number, events: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-bench-projections-'));
  try {
    mkdirSync(directory, { recursive: true });
    console.log({ stocks, ...measureFold(stocks) });
    console.log(await measureRebuild(directory, stocks, events));
    console.log(await measureRestart(directory, stocks));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'restart') {
  process.send?.(await restart(rest[0]!, Number(rest[1])), () => process.exit(0));
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(Number(first ?? 1_000_000), Number(rest[0] ?? 1_500_000));
}
