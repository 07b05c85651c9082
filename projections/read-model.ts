// The read side in one piece: stock levels, available-to-sell per channel, source sequences and whatever projections
// are passed in, over one log and one store. The figures follow a rebuild or a new policy by a single switch.
import type { Policy } from '../domain/channel/policy.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { Availability } from './availability.ts';
import { createAvailabilityView } from './availability-view.ts';
import { createPools, type OnFigure, type Pools } from './available-to-sell.ts';
import { type FiguresOfBundles, tellWithBundles } from './bundle-changes.ts';
import { withBundles } from './bundle-view.ts';
import { poolsUnder } from './changed-policy.ts';
import { tellDifferences, unitsIn } from './figure-differences.ts';
import { type FigureChanges, plannedFigures } from './planned-figures.ts';
import type { Projection, ProjectionDefinition } from './projection.ts';
import { openRunner, type Runner, type RunnerOptions } from './runner.ts';
import { createSourceSequences, SOURCE_SEQUENCES, type SourceSequences } from './source-sequences.ts';
import { createStockLevels, STOCK_LEVELS, type StockLevels } from './stock-levels.ts';
import { createVelocity, VELOCITY, type Velocity } from './velocity.ts';
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
  /** The instances that serve now, both as of one position. */
  levels(): StockLevels;
  velocity(): Velocity;
  /** The instance of a projection passed in that serves now. */
  projection<P extends Projection>(definition: ProjectionDefinition<P>): P;
  /** Calls `listener` when a rebuilt instance takes the place of the one that served. Returns its removal. */
  onSwitch(listener: (name: string) => void): () => void;
  /** Puts every figure under another policy, in one step, and tells the listeners what changed. */
  setPolicy(policy: Policy): void;
  /** What another policy would change of the figures, as the stock is now; changes nothing. */
  figuresUnder(before: Policy, after: Policy): readonly FigureChanges[];
  /** Folds everything again beside, and compares byte by byte. */
  verify(): Promise<ProofOfProjections>;
}

export const OWN_PROJECTIONS: readonly ProjectionDefinition[] = [
  { name: STOCK_LEVELS, create: createStockLevels },
  { name: SOURCE_SEQUENCES, create: createSourceSequences },
  { name: VELOCITY, create: createVelocity },
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
  let levels!: StockLevels;
  let pools!: Pools;
  /** From one set of figures to another, in one step. */
  const serve = (next: Pools, of: StockLevels) => {
    const old = pools === undefined ? undefined : { pools, levels };
    pools = next;
    levels = of;
    old?.pools.leave();
    pools.follow();
    if (old !== undefined) tellDifferences(old, { pools, levels }, tell);
  };
  const velocity = () => runner.projection(VELOCITY) as Velocity;
  const serveAnew = (of: StockLevels, policy: Policy) => {
    const pricing = { velocity: velocity(), later: options.time.atTurnEnd };
    serve(createPools(of, policy, runner.position(), tellAll, pricing), of);
  };

  const runner = await openRunner({
    ...options,
    projections: [...OWN_PROJECTIONS, ...(options.projections ?? [])],
    onSwitch(name, projection) {
      if (name === STOCK_LEVELS) serveAnew(projection as StockLevels, pools.policy);
      if (name === VELOCITY) serveAnew(levels, pools.policy);
      switched.tell(name);
    },
  });
  serveAnew(runner.projection(STOCK_LEVELS) as StockLevels, options.policy);
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
    levels: () => levels,
    velocity,
    sequences: () => runner.projection(SOURCE_SEQUENCES) as SourceSequences,
    projection: <P extends Projection>(definition: ProjectionDefinition<P>) => runner.projection(definition.name) as P,
    onSwitch: (listener) => switched.listen((name) => listener(name)),
    setPolicy(next) {
      serve(poolsUnder(pools, next, levels, runner.position(), tellAll), levels);
    },
    figuresUnder: (before, after) => plannedFigures({ pools, levels }, before, after),
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
