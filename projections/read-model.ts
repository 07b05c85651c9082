// The read side in one piece: stock levels, available-to-sell per channel, source sequences and whatever projections
// are passed in, over one log and one store. The figures follow a rebuild or a new policy by a single switch.
import { availableToSell } from '../domain/channel/available-to-sell.ts';
import type { Policy } from '../domain/channel/policy.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { Availability } from './availability.ts';
import { createAvailabilityView } from './availability-view.ts';
import { createPools, type OnFigure, type Pools } from './available-to-sell.ts';
import type { Projection, ProjectionDefinition } from './projection.ts';
import { openRunner, type Runner, type RunnerOptions } from './runner.ts';
import { createSourceSequences, SOURCE_SEQUENCES, type SourceSequences } from './source-sequences.ts';
import { createStockLevels, STOCK_LEVELS, type StockLevels } from './stock-levels.ts';
import { type ProofOfProjections, verifyProjections } from './verify.ts';

export interface ReadModelOptions extends Omit<RunnerOptions, 'projections' | 'onSwitch'> {
  readonly log: EventLog;
  readonly policy: Policy;
  /** More projections to run and store; ask for them by `projection`. */
  readonly projections?: readonly ProjectionDefinition[];
}

export interface ReadModel extends Pick<Runner, 'waitFor' | 'status' | 'deadLetters' | 'rebuild' | 'flush' | 'close'> {
  readonly availability: Availability;
  /** The instance that serves now: ask again after a rebuild. */
  sequences(): SourceSequences;
  /** The instance of a projection passed in that serves now. */
  projection<P extends Projection>(definition: ProjectionDefinition<P>): P;
  /** Calls `listener` when a rebuilt instance takes the place of the one that served. Returns its removal. */
  onSwitch(listener: (name: string) => void): () => void;
  /** Computes every figure under another policy, in one step, and tells the listeners what changed. */
  setPolicy(policy: Policy): void;
  /** Folds everything again beside, and compares byte by byte. */
  verify(): Promise<ProofOfProjections>;
}

export const OWN_PROJECTIONS: readonly ProjectionDefinition[] = [
  { name: STOCK_LEVELS, create: createStockLevels },
  { name: SOURCE_SEQUENCES, create: createSourceSequences },
];

/** @throws CheckpointAhead when the stored state is not of this log · Unavailable when the log cannot be read */
export async function openReadModel(options: ReadModelOptions): Promise<ReadModel> {
  const listeners = new Set<OnFigure>();
  const switchListeners = new Set<(name: string) => void>();
  const tell: OnFigure = (channel, sku, before, after) => {
    for (const listener of listeners) listener(channel, sku, before, after);
  };
  let levels: StockLevels;
  let pools: Pools;
  let policy = options.policy;
  const compute = () => {
    const computed = createPools(levels, policy, runner.position(), tell);
    computed.follow();
    return computed;
  };
  /** New levels or a new policy: from one set of figures to another. */
  const switchFigures = () => {
    const old = { pools, levels };
    pools = compute();
    if (old.levels !== levels) old.levels.watch(undefined);
    tellDifferences(old, { pools, levels }, tell);
  };

  const runner = await openRunner({
    ...options,
    projections: [...OWN_PROJECTIONS, ...(options.projections ?? [])],
    onSwitch(name, projection) {
      if (name === STOCK_LEVELS) {
        levels = projection as StockLevels;
        switchFigures();
      }
      for (const listener of switchListeners) listener(name);
    },
  });
  levels = runner.projection(STOCK_LEVELS) as StockLevels;
  pools = compute();
  const view = createAvailabilityView({ table: () => levels.table, pools: () => pools, position: runner.position });
  runner.start();

  return {
    availability: {
      ...view,
      waitFor: runner.waitFor,
      onChange(listener) {
        const own: OnFigure = (...change) => listener(...change);
        listeners.add(own);
        return () => listeners.delete(own);
      },
    },
    sequences: () => runner.projection(SOURCE_SEQUENCES) as SourceSequences,
    projection: <P extends Projection>(definition: ProjectionDefinition<P>) => runner.projection(definition.name) as P,
    onSwitch(listener) {
      const own = (name: string) => listener(name);
      switchListeners.add(own);
      return () => switchListeners.delete(own);
    },
    setPolicy(next) {
      policy = next;
      switchFigures();
    },
    verify: () => verifyProjections(runner, options.log, options.time),
    waitFor: runner.waitFor,
    status: runner.status,
    deadLetters: runner.deadLetters,
    rebuild: runner.rebuild,
    flush: runner.flush,
    close: runner.close,
  };
}

interface Figures {
  readonly pools: Pools;
  readonly levels: StockLevels;
}

function tellDifferences(old: Figures, now: Figures, tell: OnFigure): void {
  const { skus } = now.levels.table;
  for (const channel of now.pools.policy.channels) {
    const before = old.pools.policy.channel(channel.id);
    for (let id = 0; id < skus.size; id++) {
      const pool = now.pools.pool(channel.id, id);
      if (pool === undefined) continue;
      const oldId = old.levels === now.levels ? id : old.levels.table.skus.find(skus.name(id));
      const oldPool = before === undefined || oldId < 0 ? undefined : old.pools.pool(channel.id, oldId);
      const was = oldPool === undefined || before === undefined ? undefined : availableToSell(oldPool, before);
      const is = availableToSell(pool, channel);
      if (was !== is) tell(channel.id, skus.name(id), was ?? 0, is);
    }
  }
}
