// A world for reconciliation in virtual time: a real log in memory, the real read model and stock actors, a channel that
// shows what it is made to show, and a process that can be killed between any two appends.

import type { StatementReply } from '../../adapters/channels/statement.ts';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { createPublished } from '../../projections/published.ts';
import { openReadModel, type ReadModel } from '../../projections/read-model.ts';
import { RECONCILIATIONS_PROJECTION } from '../../projections/reconciliations.ts';
import { verifyChain } from '../../projections/verify-chain.ts';
import { createLogger } from '../../server/logging.ts';
import { openReconciliation, type Reconciliation } from '../../server/reconciliation/open-reconciliation.ts';
import type { RunRequest } from '../../server/reconciliation/reconciler.ts';
import type { StoredRun } from '../../server/reconciliation/run-record.ts';
import { actorsOver, command } from './actors.ts';
import { temporaryDirectory, virtualRunnerTime } from './read-side.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

const PUBLISHED = { name: 'published', create: createPublished };

export interface ReconciliationWorld {
  readonly time: VirtualTime;
  readonly log: EventLog;
  /** What the channel `market` shows. */
  readonly shows: Map<string, number>;
  /** SKUs whose update is under way. */
  readonly inFlight: Set<string>;
  /** It takes what it is told. */
  obeys: boolean;
  /** Instead of a page of what it shows. */
  answer: (() => Promise<StatementReply>) | undefined;
  /** Instead of a read model that is up to date: it is behind until this resolves. */
  behind: Promise<void> | undefined;
  readonly republished: string[];
  readonly raised: Cause[];
  readonly cleared: string[];
  /** The process dies at its n-th append from now on: before it is written, or right after. */
  dieAt(append: number, isWritten: boolean): void;
  readonly isDead: boolean;
  stock(fields: Record<string, unknown> & { type: 'receipt' | 'sale' | 'count' }): Promise<void>;
  onHand(sku: string): number | undefined;
  process(): Reconciliation;
  /** Starts a run and waits for its end. */
  run(request?: Partial<RunRequest>): Promise<StoredRun>;
  runs(): Promise<readonly StoredRun[]>;
  /** What is wrong with the log, or with a projection compared with a rebuild. */
  faults(): Promise<readonly string[]>;
  /** A new process over the same log. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const never = <T>() => new Promise<T>(() => {});

export async function createReconciliationWorld(
  policy: Partial<PolicyDocumentJson> = {},
  soleWriter = true,
): Promise<ReconciliationWorld> {
  const time = createVirtualTime();
  const log = createMemoryLog();
  const compiled = compilePolicy(PolicyDocument.parse({ ...BASE, ...policy }));
  const actors = actorsOver(log, { policy: { ...BASE, ...policy }, now: time.now, random: () => 0.5 });
  let mortal = mortalLog(log);
  let opened: { reconciliation: Reconciliation; readModel: ReadModel; remove: () => void } | undefined;
  let runs = 0;

  const settle = async (reached: () => boolean, what: string) => {
    if (!(await time.until(reached, 120_000, 50))) throw new Error(`not reached in two minutes: ${what}`);
  };
  const open = async () => {
    mortal = mortalLog(log);
    const directory = temporaryDirectory();
    const runnerTime = virtualRunnerTime(time);
    const readModel = await openReadModel({
      ...{ log, directory: directory.path, policy: compiled, time: runnerTime },
      projections: [PUBLISHED, RECONCILIATIONS_PROJECTION],
    });
    const head = await log.head();
    await settle(() => readModel.status().position >= head, 'the read model is up to date');
    const reconciliation = await openReconciliation({
      ...{
        ...runnerTime,
        log: mortal.log,
        readModel: late(readModel, () => world.behind),
        publishedProjection: PUBLISHED,
        policy: () => compiled,
      },
      publishing: {
        status: () => undefined,
        isInFlight: (_, sku) => world.inFlight.has(sku),
        republish(_, sku) {
          if (mortal.isDead()) return false;
          world.republished.push(sku);
          if (world.obeys) world.shows.set(sku, readModel.availability.units('market', sku) ?? 0);
          return true;
        },
      },
      actors: { submit: (envelope) => (mortal.isDead() ? never() : actors.submit(envelope)) },
      readStatementOf: () => () => world.answer?.() ?? Promise.resolve(pageOf(world)),
      ...{ timers: time.timers, hashes: systemHashes, soleWriter },
      cases: { raise: (cause) => void world.raised.push(cause), cleared: (_, key) => void world.cleared.push(key) },
      remedies: { add() {} },
      ...{ logger: createLogger('silent', false), telemetry: undefined },
    });
    opened = { reconciliation, readModel, remove: directory.remove };
  };

  const world: ReconciliationWorld = {
    ...{ time, log, shows: new Map(), inFlight: new Set(), obeys: true, answer: undefined, behind: undefined },
    ...{ republished: [], raised: [], cleared: [] },
    dieAt: (append, isWritten) => mortal.dieAt(append, isWritten),
    get isDead() {
      return mortal.isDead();
    },
    async stock(fields) {
      const occurredAt = new Date(time.now()).toISOString();
      await actors.submit({ command: command({ location: 'x', occurredAt, ...fields }), client: 'test' });
      const head = await log.head();
      await settle(() => opened!.readModel.status().position >= head, 'the fact is in the read model');
    },
    onHand: (sku) => opened!.readModel.availability.stock(sku, 'x')?.levels.onHand,
    process: () => opened!.reconciliation,
    async run(request = {}) {
      runs += 1;
      const { reconciliation } = opened!;
      const subject = { channel: 'market' };
      const source = { kind: 'adapter', read: reconciliation.readStatementOf('market')! } as const;
      const common = { id: `run-${runs}`, subject, cause: 'on-demand', by: 'test', correct: true, source } as const;
      const started = await reconciliation.start({ ...common, ...request });
      if (started.outcome === 'refused') throw new Error(started.detail);
      let isOver = false;
      void started.ended.then(() => (isOver = true));
      await settle(() => isOver, 'the run ended');
      return (await reconciliation.read(started.id))!;
    },
    async runs() {
      const ids = Array.from(opened!.reconciliation.found().runs(), ({ id }) => id);
      return Promise.all(ids.map(async (id) => (await opened!.reconciliation.read(id))!));
    },
    async faults() {
      const chain = await verifyChain(log, systemHashes);
      const { equal } = await opened!.readModel.verify();
      const unchained = chain.unchained === 0 ? [] : [`${chain.unchained} events without a hash`];
      return [...chain.faults.map(({ what }) => what), ...unchained, ...(equal ? [] : ['a projection differs'])];
    },
    async restart() {
      // The process is gone without a word: its reconciliation is not closed.
      await opened?.readModel.close();
      opened?.remove();
      await open();
    },
    async close() {
      void opened?.reconciliation.close();
      await opened?.readModel.close();
      opened?.remove();
    },
  };
  await open();
  return world;
}

function late(readModel: ReadModel, behind: () => Promise<void> | undefined): ReadModel {
  return {
    ...readModel,
    async waitFor(...given) {
      await behind();
      return readModel.waitFor(...given);
    },
  };
}

const BASE: PolicyDocumentJson = {
  version: '1',
  locations: [{ id: 'x' }],
  channels: [
    {
      id: 'market',
      locations: ['x'],
      connector: { type: 'http', url: 'http://127.0.0.1:9/availability', secretEnv: 'SECRET' },
    },
  ],
};

function pageOf({ shows, time }: ReconciliationWorld): StatementReply {
  const asOf = time.clock.now();
  return { kind: 'page', asOf, next: undefined, rows: Array.from(shows, ([sku, units]) => ({ sku, units, asOf })) };
}

/** Appends until it dies; what was under way then never comes to anything for the process that is gone. */
function mortalLog(log: EventLog) {
  let left = Number.POSITIVE_INFINITY;
  let writesTheLast = false;
  let isDead = false;
  return {
    isDead: () => isDead,
    dieAt(append: number, isWritten: boolean) {
      left = append;
      writesTheLast = isWritten;
    },
    log: {
      ...log,
      async append(...given: Parameters<EventLog['append']>) {
        left -= 1;
        if (isDead || left < 0) {
          isDead = true;
          return never<Awaited<ReturnType<EventLog['append']>>>();
        }
        if (left > 0 || !Number.isFinite(left)) return log.append(...given);
        isDead = true;
        if (writesTheLast) await log.append(...given);
        return never<Awaited<ReturnType<EventLog['append']>>>();
      },
    },
  };
}
