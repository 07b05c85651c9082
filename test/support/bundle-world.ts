// Bundles over stock actors and a log in memory, in processes that end at any append: what the next one finds is the log.
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import type { BundleDefinition } from '../../domain/bundle/definition.ts';
import type { BundleEvent } from '../../domain/bundle/events.ts';
import type { Handling } from '../../domain/bundle/handling.ts';
import { bundleWorkflow } from '../../domain/bundle/workflow.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { type EventLog, type RecordedEvent, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { readStockEvent, type StockEvent } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import { createOpenBundles } from '../../projections/open-bundles.ts';
import type { StockActors } from '../../server/actors/answer.ts';
import { bundledStocks } from '../../server/bundles/bundled-stocks.ts';
import { runWorkflow } from '../../server/workflows/workflows.ts';
import { actorsOver } from './actors.ts';

export const BUNDLES: readonly BundleDefinition[] = [
  {
    sku: 'KIT',
    components: [
      { sku: 'A', quantity: 2 },
      { sku: 'B', quantity: 1 },
    ],
  },
  {
    sku: 'BOX',
    components: [
      { sku: 'A', quantity: 1 },
      { sku: 'C', quantity: 3 },
      { sku: 'D', quantity: 1 },
    ],
  },
];

export interface BundleProcess {
  readonly stocks: StockActors;
  /** Goes on with all that the log says is owed. */
  resume(): Promise<void>;
  /** It has ended: nothing it does any more reaches the log. */
  isDead(): boolean;
  /** Resolves then: what waits for an answer gets none. */
  readonly died: Promise<void>;
  close(): Promise<void>;
}

export interface ProcessFaults {
  /** Ends at its append of this number, before it or after it is written. Default: never. */
  readonly endsAt?: number;
  readonly isWritten?: boolean;
  /** Every so many answers of components do not arrive. Default: all do. */
  readonly deafTo?: number;
}

export interface BundleWorld {
  readonly log: EventLog;
  now: number;
  bundles: readonly BundleDefinition[];
  start(faults?: ProcessFaults): BundleProcess;
  /** All that is in the log. */
  events(): Promise<readonly RecordedEvent[]>;
}

export function createBundleWorld(now: number): BundleWorld {
  const log = createMemoryLog();
  const world: BundleWorld = {
    log,
    now,
    bundles: BUNDLES,
    start({ endsAt = Number.POSITIVE_INFINITY, isWritten = false, deafTo = Number.POSITIVE_INFINITY } = {}) {
      return startProcess(world, mortalLog(log, endsAt, isWritten), deafTo);
    },
    events: () => log.readAll(-1n, 100_000),
  };
  return world;
}

function mortalLog(log: EventLog, endsAt: number, isWritten: boolean) {
  let appends = 0;
  let dead = false;
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  const mortal: EventLog = {
    ...log,
    async append(...append) {
      appends += 1;
      if (dead) throw new Unavailable('down', 'the process has ended');
      if (appends < endsAt) return log.append(...append);
      dead = true;
      setImmediate(die);
      if (!isWritten) throw new Unavailable('down', 'the process has ended');
      await log.append(...append);
      throw new UnknownOutcome('the process has ended');
    },
  };
  return { log: mortal, isDead: () => dead, died };
}

type MortalLog = ReturnType<typeof mortalLog>;

function startProcess(world: BundleWorld, { log, isDead, died }: MortalLog, deafTo: number): BundleProcess {
  const policy = compilePolicy(
    PolicyDocument.parse({
      version: 'test',
      locations: [{ id: 'store-1' }],
      channels: [{ id: 'shop', locations: ['store-1'] }],
      bundles: world.bundles,
    }),
  );
  const stocks = actorsOver(log, { policy: policy.document, now: () => world.now, random: () => 0 });
  let answers = 0;
  const components: Pick<StockActors, 'submit'> = {
    async submit(envelope) {
      const answer = await stocks.submit(envelope);
      answers += 1;
      return answers % deafTo === 0
        ? { outcome: 'failed', reason: 'unavailable', detail: 'deaf', retryAfterMs: 1 }
        : answer;
    },
  };
  const workflows = runWorkflow(bundleWorkflow, {
    ...{ log, stocks: components, clock: { now: () => world.now }, hashes: systemHashes, random: () => 0 },
    // A process that has ended wakes no more.
    sleep: () => (isDead() ? new Promise<never>(() => {}) : new Promise((resolve) => setImmediate(resolve))),
    view: () => ({ policy, free: () => 0 }),
  });
  const isBundle = (sku: string) => policy.bundles.of(sku) !== undefined;
  return {
    stocks: bundledStocks({ stocks, workflows, log, isBundle, isOfStock: () => false }),
    async resume() {
      const open = createOpenBundles();
      for (const event of await world.events()) open.apply(event);
      await Promise.all(Array.from(open.owing(), ({ id }) => workflows.resume(id)));
    },
    isDead,
    died,
    close: () => workflows.close(),
  };
}

/** The stocks and the bundles' handlings that the log says there are. */
export function foldAll(events: readonly RecordedEvent[]) {
  const stocks = new Map<string, { readonly stock: Stock; readonly events: readonly StockEvent[] }>();
  const handlings = new Map<string, Handling>();
  const open = createOpenBundles();
  for (const recorded of events) {
    open.apply(recorded);
    const { stream } = recorded;
    if (stream.startsWith('stock-')) {
      const sku = stream.slice('stock-'.length, stream.indexOf('~'));
      const before = stocks.get(sku) ?? { stock: emptyStock(), events: [] };
      const event = readStockEvent(recorded);
      stocks.set(sku, { stock: evolve(before.stock, event), events: [...before.events, event] });
    } else if (stream.startsWith('bundle-')) {
      const id = stream.slice('bundle-'.length);
      const event = { type: recorded.type, ...recorded.data } as unknown as BundleEvent;
      const before = handlings.get(id) ?? bundleWorkflow.initial(id);
      handlings.set(id, bundleWorkflow.evolve(before, event as Parameters<typeof bundleWorkflow.evolve>[1]));
    }
  }
  return { stocks, handlings, open: open.size };
}

/** What the expiry manager would ask for: every hold of a component whose time has come. */
export function dueExpiries(stocks: ReturnType<typeof foldAll>['stocks'], now: number): readonly StockCommand[] {
  return [...stocks].flatMap(([sku, { stock }]) =>
    [...stock.reservations.entries()].flatMap(([reservationId, { held, expiresAt }]): StockCommand[] =>
      held === 0 || expiresAt > now
        ? []
        : [
            {
              type: 'reservation.expire',
              id: `expire ${reservationId} ${expiresAt}`,
              sku,
              location: 'store-1',
              reservationId,
            },
          ],
    ),
  );
}
