// The read side in one piece: stock levels, available-to-sell per channel, source sequences and whatever projections
// are passed in, over one log and one store. The figures follow a rebuild or a new policy by a single switch.
import { availableToSell } from '../domain/channel/available-to-sell.ts';
import type { Policy } from '../domain/channel/policy.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { Availability } from './availability.ts';
import { createAvailabilityView } from './availability-view.ts';
import { createPools, type OnFigure, type Pools } from './available-to-sell.ts';
import { type FiguresOfBundles, tellBundleDifferences, tellWithBundles } from './bundle-changes.ts';
import { withBundles } from './bundle-view.ts';
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
  const { tell, listen } = createListeners<Parameters<OnFigure>>();
  const switched = createListeners<[name: string]>();
  const serving: FiguresOfBundles = {
    get bundles() {
      return pools.policy.bundles;
    },
    units: (channel, sku) => unitsIn({ pools, levels }, channel, sku),
  };
  const tellAll = tellWithBundles(serving, tell);
  let levels: StockLevels;
  let pools: Pools;
  let policy = options.policy;
  const compute = () => {
    const computed = createPools(levels, policy, runner.position(), tellAll);
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
      switched.tell(name);
    },
  });
  levels = runner.projection(STOCK_LEVELS) as StockLevels;
  pools = compute();
  const view = withBundles(
    createAvailabilityView({ table: () => levels.table, pools: () => pools, position: runner.position }),
    () => pools.policy.bundles,
  );
  runner.start();

  return {
    availability: {
      ...view,
      waitFor: runner.waitFor,
      onChange: (listener) => listen((channel, sku, before, after) => listener(channel, sku, before, after)),
    },
    sequences: () => runner.projection(SOURCE_SEQUENCES) as SourceSequences,
    projection: <P extends Projection>(definition: ProjectionDefinition<P>) => runner.projection(definition.name) as P,
    onSwitch: (listener) => switched.listen((name) => listener(name)),
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

/** Who is told, each under a function of its own, so that one who listens twice is told twice. */
function createListeners<Told extends readonly unknown[]>() {
  const listeners = new Set<(...told: Told) => void>();
  return {
    tell(...told: Told) {
      for (const listener of listeners) listener(...told);
    },
    listen(listener: (...told: Told) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

interface Figures {
  readonly pools: Pools;
  readonly levels: StockLevels;
}

function tellDifferences(old: Figures, now: Figures, tell: OnFigure): void {
  const { skus } = now.levels.table;
  const bundles = [old, now].map(({ pools }) => pools.policy.bundles).filter((one) => one.skus.length > 0);
  const isBundle = (sku: string) => bundles.some((one) => one.of(sku) !== undefined);
  for (const channel of now.pools.policy.channels) {
    const before = old.pools.policy.channel(channel.id);
    for (let id = 0; id < skus.size; id++) {
      const pool = now.pools.pool(channel.id, id);
      if (pool === undefined || isBundle(skus.name(id))) continue;
      const oldId = old.levels === now.levels ? id : old.levels.table.skus.find(skus.name(id));
      const oldPool = before === undefined || oldId < 0 ? undefined : old.pools.pool(channel.id, oldId);
      const was = oldPool === undefined || before === undefined ? undefined : availableToSell(oldPool, before);
      const is = availableToSell(pool, channel);
      if (was !== is) tell(channel.id, skus.name(id), was ?? 0, is, was === undefined);
    }
  }
  const channels = now.pools.policy.channels.map(({ id }) => id);
  tellBundleDifferences(channels, figuresOfBundles(old), figuresOfBundles(now), tell);
}

function figuresOfBundles(figures: Figures): FiguresOfBundles {
  const { bundles } = figures.pools.policy;
  return { bundles, units: (channel, sku) => unitsIn(figures, channel, sku) };
}

/** Of a SKU with stock of its own. */
function unitsIn({ pools, levels }: Figures, channelId: string, sku: string): number | undefined {
  const channel = pools.policy.channel(channelId);
  const id = levels.table.skus.find(sku);
  const pool = channel === undefined || id < 0 ? undefined : pools.pool(channelId, id);
  return channel === undefined || pool === undefined ? undefined : availableToSell(pool, channel);
}
