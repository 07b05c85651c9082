// P8: any batching, crash point or redelivery gives projections byte-equal to a rebuild from the first event.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { type EventLog, type Position, type RecordedEvent, START, Unavailable } from '../../domain/event-log.ts';
import { createOpenHolds, OPEN_HOLDS } from '../../projections/open-holds.ts';
import type { Page } from '../../projections/projection.ts';
import { openRunner, type Runner, type RunnerOptions } from '../../projections/runner.ts';
import { createSourceSequences, SOURCE_SEQUENCES } from '../../projections/source-sequences.ts';
import { createStockLevels, STOCK_LEVELS } from '../../projections/stock-levels.ts';
import { createVelocity, VELOCITY } from '../../projections/velocity.ts';
import { verifyProjections, verifyStored } from '../../projections/verify.ts';
import { realTime, temporaryDirectory } from '../support/read-side.ts';
import { appendHistory, appendReceipts, arbitraryCommands, historyOf, recorded } from '../support/stock-history.ts';

const PROJECTIONS = [
  { name: STOCK_LEVELS, create: createStockLevels },
  { name: SOURCE_SEQUENCES, create: createSourceSequences },
  { name: OPEN_HOLDS, create: createOpenHolds },
  { name: VELOCITY, create: createVelocity },
];

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Delivers in batches of the given sizes, goes back now and then, and breaks off after each `life` batches. */
function unsteady(log: EventLog, sizes: readonly number[], backs: readonly number[], life: number): EventLog {
  let turn = 0;
  return {
    ...log,
    async *subscribe(after: Position, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[]> {
      let last = after;
      for (let batches = 0; !signal.aborted; batches++) {
        if (batches === life) throw new Unavailable('down', 'planted');
        const back = BigInt(backs[turn % backs.length]!);
        const from = last - back < START ? START : last - back;
        const events = await log.readAll(from, sizes[turn % sizes.length]! + Number(back));
        turn += 1;
        if (events.length > 0) yield events;
        last = events.at(-1)?.position ?? last;
        if (last >= (await log.head())) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

async function open(options: Partial<RunnerOptions> & { log: EventLog; directory: string }): Promise<Runner> {
  const supervision = { backoffMsBase: 0 };
  const runner = await openRunner({ projections: PROJECTIONS, time: realTime, supervision, ...options });
  runner.start();
  return runner;
}

function sortedBytes(pages: Iterable<Page>): string[] {
  return Array.from(pages, ({ key, bytes }) => `${key} ${Buffer.from(bytes).toString('hex')}`).sort();
}

/** Pages of a projection folded plainly, one event after the other. */
async function plainly(
  log: EventLog,
  create: (typeof PROJECTIONS)[number]['create'],
  upTo: Position,
): Promise<string[]> {
  const projection = create();
  for (const event of await log.readAll(START, 100_000)) if (event.position <= upTo) projection.apply(event);
  return sortedBytes(projection.takeChangedPages());
}

describe('P8', () => {
  // Seen failing: pages written outside a transaction.
  it('holds for any batching, redelivery, loss of the subscription and crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryCommands({ minLength: 5, maxLength: 80 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.nat(80), { maxLength: 3 }),
        async (commands, sizes, backs, life, crashes) => {
          const log = createMemoryLog();
          await appendHistory(log, historyOf(commands));
          const head = await log.head();
          if (head === START) return;
          let home = join(directory.path, `${Math.random()}`);
          mkdirSync(home);
          const shaky = unsteady(log, sizes, backs, life);
          const flush = { eventsMax: 1, msMax: 0, sliceMs: 0 };
          for (const crashAt of crashes) {
            const runner = await open({ log: shaky, directory: home, flush });
            await runner.waitFor(BigInt(crashAt) < head ? BigInt(crashAt) : head, 5_000);
            // The files as a kill leaves them: whatever transaction is open is not in them.
            const copy = `${home}-x`;
            cpSync(home, copy, { recursive: true });
            await runner.close();
            // Every other stop is a clean one: then all that was folded is in the files.
            if (crashAt % 2 === 0) home = copy;
          }
          const runner = await open({ log: shaky, directory: home, flush });
          expect(await runner.waitFor(head, 5_000)).toBe(true);
          for (const { name, create } of PROJECTIONS) {
            const live = runner.projection(name);
            const expected = await plainly(log, create, head);
            await runner.flush();
            const stored = runner.store.load(name, live.version);
            if ('absent' in stored) throw new Error(stored.absent);
            expect(sortedBytes(stored.pages)).toEqual(expected);
            live.markAllChanged?.();
            if (live.markAllChanged !== undefined) expect(sortedBytes(live.takeChangedPages())).toEqual(expected);
          }
          await runner.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  // Seen failing: reserved units not read back from a page; stock levels without the check of the revision.
  it('holds for state restored from its own pages, and for each event delivered twice', () => {
    fc.assert(
      fc.property(arbitraryCommands({ minLength: 2, maxLength: 80 }), fc.nat(80), (commands, cut) => {
        const events = recorded(historyOf(commands));
        for (const { create } of PROJECTIONS) {
          const straight = create();
          for (const event of events) straight.apply(event);
          const first = create();
          const pages = new Map<string, Page>();
          const keep = (changed: Iterable<Page>) => {
            for (const page of changed) pages.set(page.key, page);
          };
          for (const event of events.slice(0, cut)) first.apply(event);
          keep(first.takeChangedPages());
          const second = create();
          second.restore([...pages.values()].toReversed());
          for (const event of events.slice(Math.max(0, cut - 5))) {
            second.apply(event);
            second.apply(event);
          }
          keep(second.takeChangedPages());
          expect(sortedBytes(pages.values())).toEqual(sortedBytes(straight.takeChangedPages()));
        }
      }),
      { numRuns: 60 },
    );
  });

  // Seen failing: a page that changes before it is stored and is not copied first; the checkpoint taken when the flush
  // ends instead of when it begins; names stored once and not again when more come.
  it('holds for pages that are stored in slices while events go on changing them', async () => {
    const log = createMemoryLog();
    const streams = Array.from({ length: 5_000 }, (_, n) => `stock-SKU-${n % 1_700}~store-${n % 3}`);
    await appendReceipts(log, streams, 12_000);
    const flush = { eventsMax: 50, msMax: 0, sliceMs: 0 };
    const runner = await open({ log, directory: directory.path, flush });
    const adding = appendReceipts(
      log,
      streams.map((stream) => `${stream}-late`),
      12_000,
    );
    for (let n = 0; n < 20; n++) {
      await runner.waitFor(BigInt(n * 900), 5_000);
      await runner.flush();
      const stored = runner.store.load(STOCK_LEVELS, 1);
      if ('absent' in stored) throw new Error(stored.absent);
      expect(sortedBytes(stored.pages)).toEqual(await plainly(log, createStockLevels, stored.checkpoint.position));
    }
    await adding;
    await runner.close();
  });
});

describe('proof by replay', () => {
  it('finds stored and rebuilt state equal, live and stopped, and names the first byte that differs', async () => {
    const log = createMemoryLog();
    await appendReceipts(log, ['stock-A~store-1', 'stock-B~store-1', 'stock-A~store-2'], 50);
    const runner = await open({ log, directory: directory.path });
    await runner.waitFor(await log.head(), 5_000);
    const proof = await verifyProjections(runner, log, realTime);
    expect(proof).toMatchObject({
      equal: true,
      notStored: [],
      projections: [{ name: STOCK_LEVELS, pages: 3 }, {}, {}, {}],
    });

    const { table } = runner.projection(STOCK_LEVELS) as ReturnType<typeof createStockLevels>;
    table.columns.onHand[1] = 4_711;
    const wrong = await verifyProjections(runner, log, realTime);
    expect(wrong.equal).toBe(false);
    expect(wrong.projections[0]!.difference).toMatchObject({ page: 'rows/0' });
    await runner.close();
    const stopped = await verifyStored(directory.path, PROJECTIONS, log, realTime);
    expect(stopped.projections[0]!.difference).toEqual(wrong.projections[0]!.difference);
  });
});
