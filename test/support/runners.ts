// Runners over a memory log in a directory of their own, closed and removed after each test.
import { afterEach, beforeEach } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import type { EventLog, RecordedEvent } from '../../domain/event-log.ts';
import type { Page, Projection } from '../../projections/projection.ts';
import { openRunner, type Runner, type RunnerOptions } from '../../projections/runner.ts';
import { createStockLevels, STOCK_LEVELS, type StockLevels } from '../../projections/stock-levels.ts';
import { realTime, temporaryDirectory } from './read-side.ts';

export const LEVELS = { name: STOCK_LEVELS, create: createStockLevels };
export const STREAMS = ['stock-A~store-1', 'stock-B~store-1'];

/** Of the test that runs. */
export let directory: ReturnType<typeof temporaryDirectory>;
export let log: EventLog;
const running: Runner[] = [];

export function runnersForEachTest(): void {
  beforeEach(() => {
    directory = temporaryDirectory();
    log = createMemoryLog();
  });
  afterEach(async () => {
    for (const runner of running.splice(0)) await runner.close();
    directory.remove();
  });
}

export async function open(options: Partial<RunnerOptions> = {}): Promise<Runner> {
  const runner = await openRunner({
    log,
    directory: directory.path,
    projections: [LEVELS],
    time: realTime,
    ...options,
  });
  running.push(runner);
  runner.start();
  return runner;
}
export async function close(runner: Runner): Promise<void> {
  running.splice(running.indexOf(runner), 1);
  await runner.close();
}
export const onHand = (runner: Runner, sku: string) => {
  const { table } = runner.projection(STOCK_LEVELS) as StockLevels;
  return table.columns.onHand[table.find(sku, 'store-1')];
};

/** Counts events and throws on those of one type, until told not to. */
export function counting(version = 1, poison: { type?: string } = {}): Projection & { seen: number } {
  let changed = false;
  const self = {
    name: 'counting',
    version,
    seen: 0,
    apply(event: RecordedEvent) {
      if (event.type === poison.type) throw new TypeError(`cannot fold ${event.type}`);
      self.seen += 1;
      changed = true;
    },
    takeChangedPages(): Page[] {
      const pages = changed ? [{ key: 'seen', bytes: Buffer.from(String(self.seen)) }] : [];
      changed = false;
      return pages;
    },
    restore(pages: Iterable<Page>) {
      for (const { bytes } of pages) self.seen = Number(Buffer.from(bytes).toString());
    },
  };
  return self;
}
