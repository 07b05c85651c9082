// One simulated process of the product: the real stock actors and, in the first one, the real read model and publishers,
// put together as server/wiring.ts does, over the simulated log, disk, clock and channels.
import { systemHashes } from '../../adapters/platform.ts';
import { type Publishing, startPublishing } from '../../adapters/publishing/publisher.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { createPublished, currentPublished } from '../../projections/published.ts';
import { openReadModel, type ReadModel } from '../../projections/read-model.ts';
import { stakesOf } from '../../projections/stakes.ts';
import type { RunnerTime } from '../../projections/time.ts';
import type { Answer, StockActors } from '../../server/actors/answer.ts';
import { unobserved } from '../../server/actors/room.ts';
import { DEFAULT_LIMITS, startStockActors } from '../../server/actors/stock-actors.ts';
import { ORDERS_PROJECTION } from '../../server/orders/open-orders.ts';
import { virtualRunnerTime } from '../support/read-side.ts';
import { connectorOf, type SimulatedChannel } from './channels.ts';
import { type Life, mortal } from './life.ts';
import { connect } from './log-connection.ts';
import { type ProcessWorkflows, startWorkflows, type WorkflowSurroundings } from './process-workflows.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { type Repair, witnessDefinition } from './witness.ts';

export const PUBLISHED = { name: 'published', create: createPublished };
/** Rare wake-ups: an hour of virtual time must not cost a second of real time. */
const HEARTBEAT_MS = 30_000;
const FLUSH_MS = 60_000;

export interface ProcessRoom extends WorkflowSurroundings {
  readonly channels: ReadonlyMap<string, SimulatedChannel>;
  readonly snapshots: SnapshotStore;
  readonly repair: Repair;
}

export interface SimulatedProcess {
  readonly name: string;
  readonly life: Life;
  /** Milliseconds its clock is ahead. */
  skewMs: number;
  /** Undefined in a process without a read side, and before `ready`. */
  readonly readModel: ReadModel | undefined;
  readonly publishing: Publishing | undefined;
  readonly directory: string | undefined;
  /** Resolves once it serves; rejects if it cannot start. */
  readonly ready: Promise<void>;
  submit(command: StockCommand): Promise<Answer>;
  readonly workflows: ProcessWorkflows;
  /** Its memory is gone at once. Resolves when nothing of it holds a file any more. */
  crash(): Promise<void>;
  /** As at SIGTERM. */
  stop(): Promise<void>;
}

export function startProcess(
  name: string,
  room: ProcessRoom,
  skewMs: number,
  directory: string | undefined,
): SimulatedProcess {
  const { trace } = room;
  const life: Life = { alive: true };
  const ahead = { ms: skewMs };
  let readModel: ReadModel | undefined;
  let publishing: Publishing | undefined;
  const clock = { now: () => room.time.clock.now() + ahead.ms };
  const actors = startActors(name, room, life, clock);
  const workflows = startWorkflows(name, room, life, clock, actors, () => readModel);
  void workflows.resumeAll();
  const start = async () => {
    if (directory === undefined) return;
    const opened = await openReadSide(room, life, clock, directory);
    if (!life.alive) return opened.close();
    readModel = opened;
    publishing = startPublishers(name, room, life, clock, opened);
  };
  const ready = start();
  ready.catch(() => {});
  return {
    name,
    life,
    get skewMs() {
      return ahead.ms;
    },
    set skewMs(ms) {
      ahead.ms = ms;
    },
    get readModel() {
      return readModel;
    },
    get publishing() {
      return publishing;
    },
    directory,
    ready,
    submit: (command) => mortal(life, actors.submit({ command, client: 'simulated' })),
    workflows,
    async crash() {
      life.alive = false;
      await ready.catch(() => {});
      await readModel?.close();
    },
    async stop() {
      await workflows.close();
      await actors.close();
      await publishing?.close();
      await readModel?.close();
      life.alive = false;
      trace.note(`${name} has stopped`);
    },
  };
}

type ProcessClock = RunnerTime['clock'];

function startActors(name: string, room: ProcessRoom, life: Life, clock: ProcessClock): StockActors {
  const { time, chance, trace, plant, server, snapshots, scenario } = room;
  const { policy } = scenario;
  const forked = chance.fork(`${name} actors ${time.now()}`);
  const log = connect(server, life, name);
  const hydrated = new Set<string>();
  const actors = startStockActors(
    {
      log: {
        ...log,
        read(stream, from, limit) {
          // One event at a time is read to answer a duplicate; more than one, to bring a stock back.
          if (limit > 1 && hydrated.has(stream)) trace.mark('rehydration');
          hydrated.add(stream);
          if (hydrated.size > actors.stats().resident) trace.mark('passivation');
          return log.read(stream, from, limit);
        },
      },
      snapshots: plant?.snapshots?.(snapshots) ?? snapshots,
      policy: () => plant?.policy?.(policy) ?? policy,
      clock,
      hashes: systemHashes,
      random: forked.next,
      sleep: (ms) => mortal(life, time.sleep(ms)),
      atTurnEnd: (run) => void time.timers.after(0, () => life.alive && run()),
      observe: {
        ...unobserved,
        conflicted(stream) {
          trace.mark('conflict', `${name} conflict on ${stream}`);
        },
      },
      soleWriter: !scenario.remote,
    },
    { ...DEFAULT_LIMITS, residentMax: scenario.residentMax },
  );
  return actors;
}

function openReadSide(room: ProcessRoom, life: Life, clock: ProcessClock, directory: string): Promise<ReadModel> {
  const { time, chance, server, scenario, repair, plant } = room;
  const forked = chance.fork(`read side ${time.now()}`);
  const log = connect(server, life, 'read side');
  return openReadModel({
    log: plant?.readSideLog?.(log) ?? log,
    directory,
    policy: scenario.policy,
    projections: [PUBLISHED, ORDERS_PROJECTION, witnessDefinition(repair)],
    flush: { eventsMax: scenario.flushEventsMax, msMax: FLUSH_MS },
    supervision: { heartbeatMs: HEARTBEAT_MS },
    time: {
      ...virtualRunnerTime(time),
      clock,
      random: forked.next,
      atTurnEnd: (run) => void time.timers.after(0, run),
    },
  });
}

function startPublishers(
  name: string,
  room: ProcessRoom,
  life: Life,
  clock: ProcessClock,
  readModel: ReadModel,
): Publishing {
  const { time, chance, server, channels, scenario, trace, plant } = room;
  const { availability } = readModel;
  const published = currentPublished(() => readModel.projection(PUBLISHED), readModel.onSwitch);
  const log = connect(server, life, `${name} publisher`);
  return startPublishing({
    availability: {
      ...availability,
      waitFor: (after, timeoutMs) => mortal(life, availability.waitFor(after, timeoutMs)),
      onChange: (listener) => availability.onChange((...change) => life.alive && listener(...change)),
    },
    published: {
      ...published,
      folded: (channel, revision, signal) => mortal(life, published.folded(channel, revision, signal)),
      onDoubt: (listener) => published.onDoubt((...doubt) => life.alive && listener(...doubt)),
      onSteered: (listener) => published.onSteered((...to) => life.alive && listener(...to)),
    },
    stakes: stakesOf(readModel, () => scenario.policy),
    log: { append: log.append, read: (...read) => mortal(life, log.read(...read)) },
    clock,
    timers: { now: time.timers.now, after: (ms, action) => time.timers.after(ms, () => life.alive && action()) },
    random: chance.fork(`${name} publishers ${time.now()}`).next,
    hashes: systemHashes,
    policy: {
      channels: scenario.policy.channels.map((channel) => plant?.channelPolicy?.(channel) ?? channel),
      fingerprint: () => scenario.policy.version,
    },
    connect: ({ id }) => {
      const connector = connectorOf(channels.get(id)!, life, trace);
      return plant?.connector?.(connector) ?? connector;
    },
  });
}
