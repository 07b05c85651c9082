// One run: a world from a seed, some hundred steps of trading and disaster, then everything heals, and within a bound of
// virtual time everything must be right again. The product's own code runs; only log, disk, clock, network and channels
// are simulated. The same seed gives the same trace, to the letter.
import { type Position, START } from '../../domain/event-log.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-time.ts';
import { createChance } from './chance.ts';
import { createChannels, type SimulatedChannel } from './channels.ts';
import { checkOrders } from './check-orders.ts';
import { checkTransfers } from './check-transfers.ts';
import { checkCalls, checkConfirmed, checkLog, checkSequences, checkStocks } from './checks.ts';
import { type Cluster, type ClusterRoom, startCluster } from './cluster.ts';
import { createDisasters, observe } from './disasters.ts';
import { createJournal, type Journal } from './journal.ts';
import { createLogServer } from './log-connection.ts';
import { createOrderTraffic, type OrderTraffic } from './order-traffic.ts';
import type { Plant } from './plant.ts';
import { createReference, type Reference } from './reference.ts';
import { drawScenario } from './scenario.ts';
import { createSimulatedLog } from './simulated-log.ts';
import { createSnapshotStore } from './snapshot-store.ts';
import { createStoredFiles } from './stored-files.ts';
import { createTrace, type Mark, type Trace, type Violation } from './trace.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { createTransferTraffic, type TransferTraffic } from './transfer-traffic.ts';
import { FINE } from './weather.ts';
import { WITNESS, type Witness, witnessDefinition, witnessedAll } from './witness.ts';

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  readonly violations: readonly Violation[];
  readonly marks: ReadonlyMap<Mark, number>;
  readonly lines: readonly string[];
  /** Of the whole trace. */
  readonly hash: string;
  readonly events: number;
  readonly calls: number;
  readonly virtualMs: number;
  /** From the end of all faults until everything was right. */
  readonly healedMs: number;
}

export interface SimulationOptions {
  readonly steps?: number | undefined;
  readonly plant?: Plant | undefined;
}

/** P10: when faults stop, each channel shows its figures within this. The longest pause a channel can ask for is 5 minutes. */
const HEAL_MS_MAX = 15 * 60_000;
/** A publisher that has just started does not know yet what it has to say: right is what stays right for so long. */
const STAYS_RIGHT_MS = 15_000;
/** Then what was reserved and never confirmed is due, and given back. */
const EXPIRE_MS_MAX = 6 * 60_000;
/** Then nothing more is said. */
const QUIET_MS = 120_000;
const STOP_MS_MAX = 120_000;

interface World {
  readonly room: ClusterRoom;
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly traffic: Traffic;
  readonly orders: OrderTraffic;
  readonly transfers: TransferTraffic;
  readonly reference: Reference;
}

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const world = createWorld(seed, options);
  const { room } = world;
  const { time, trace, server, files, channels, scenario } = room;
  const startedAt = time.now();
  try {
    await trade(world);
    const healedMs = await heal(world);
    await check(world);
    await during(time, world.cluster.end(), STOP_MS_MAX, trace, 'ending');
    trace.note(`end ${server.log.events.map(({ id, position }) => `${id}@${position}`).join(' ')}`);
    const calls = [...channels.values()].reduce((sum, channel) => sum + channel.calls.length, 0);
    return {
      seed,
      steps: scenario.steps,
      violations: trace.violations,
      marks: trace.marks,
      lines: trace.lines,
      hash: trace.hash(),
      events: server.log.events.length,
      calls,
      virtualMs: time.now() - startedAt,
      healedMs,
    };
  } finally {
    files.remove();
  }
}

function createWorld(seed: number, { steps, plant }: SimulationOptions): World {
  const chance = createChance(seed);
  const time = createVirtualTime(undefined, 1);
  const trace = createTrace(time.now);
  const drawn = drawScenario(seed, chance.fork('scenario'), steps);
  const scenario = { ...drawn, ambush: plant?.ambush ?? drawn.ambush };
  const log = createSimulatedLog(scenario.logShape, chance.fork('positions'), trace);
  const room: ClusterRoom = {
    scenario,
    time,
    server: createLogServer({
      log,
      time,
      chance: chance.fork('log'),
      trace,
      weather: scenario.weather,
      acknowledgesEarly: plant?.acknowledgesEarly === true,
    }),
    channels: createChannels(scenario, time, chance.fork('channels'), trace),
    snapshots: createSnapshotStore(chance.fork('snapshots'), trace, scenario.snapshotDamage),
    chance,
    trace,
    repair: { done: false },
    plant,
    hooks: { asked: () => () => {}, ambush: () => {} },
    files: createStoredFiles(),
  };
  const cluster = startCluster(room);
  const { networkLoss: loss, policy } = scenario;
  const journal = createJournal({ time, chance: chance.fork('network'), trace, loss, pick: cluster.pick });
  room.hooks.asked = journal.asked;
  const reference = createReference(policy, journal, trace);
  const { server, channels } = room;
  const clients = { scenario, time, trace, journal };
  const workflowClients = { ...clients, server, pick: cluster.pick };
  const orders = createOrderTraffic({ ...workflowClients, reference, chance: chance.fork('orders') });
  const transfers = createTransferTraffic({ ...workflowClients, chance: chance.fork('transfers') });
  const traffic = createTraffic({
    ...clients,
    chance: chance.fork('traffic'),
    channels,
    order: orders.any,
    transfer: transfers.any,
  });
  return { room, cluster, journal, traffic, orders, transfers, reference };
}

async function trade({ room, cluster, traffic, orders }: World): Promise<void> {
  const { scenario, time, chance: all, server } = room;
  const chance = all.fork('steps');
  const disasters = createDisasters(room, cluster);
  await time.advance(100);
  if (scenario.opening > 0) traffic.open();
  for (let step = 0; step < scenario.steps; step += 1) {
    const act = chance.weighted(scenario.acts);
    if (act === 'disaster') await disasters.strike();
    else if (act === 'rush') traffic.rush();
    else if (act === 'repeats') traffic.repeats();
    else if (act === 'backup') cluster.backUp();
    else for (let n = chance.between(1, 2); n > 0; n -= 1) traffic.any();
    await time.advance(chance.maybe(0.03) ? chance.wide(1_000, 60_000) : chance.wide(1, 300));
    if (step % 5 === 0) observe(room, cluster, server.log.head);
    if (step % 10 === 0) orders.expireDue();
  }
}

/** All faults end. Resolves to how long it took until everything was right. */
async function heal({ room, cluster, journal, orders, transfers, reference }: World): Promise<number> {
  const { server, channels, time, trace, scenario, repair } = room;
  trace.note('healed');
  const healedAt = time.now();
  server.weather = FINE;
  server.down = false;
  journal.heal();
  orders.end();
  transfers.end();
  scenario.ambush = 0;
  cluster.setClocks();
  for (const channel of channels.values()) {
    channel.mood = { behaviour: 'ok', until: Number.POSITIVE_INFINITY };
    channel.refused.clear();
  }
  const isRight = (): string => {
    if (cluster.main?.readModel === undefined) return 'the process does not serve';
    if (journal.unsettled() > 0) return `${journal.unsettled()} commands are not settled`;
    const unsettled = orders.unsettled() + transfers.unsettled();
    if (unsettled > 0) return `${unsettled} orders, transfers or commands to them are not settled`;
    const { readModel, publishing } = cluster.main;
    // What was refused is put right by people, who then have it tried again.
    for (const id of channels.keys()) publishing!.retryDeadLetter(id);
    const { position } = readModel.status();
    if (position !== server.log.head) return `the read model is at ${position} of ${server.log.head}`;
    reference.follow(server.log.events);
    for (const [id, channel] of channels) {
      const { backlog, inFlight, state, lastError } = publishing!.status(id)!;
      if (backlog + inFlight > 0)
        return `${id} (${state}) must be told ${backlog}, ${inFlight} under way; ${lastError}`;
      for (const sku of scenario.skus) {
        const [must, does] = [reference.units(id, sku) ?? 0, channel.listings.get(sku)?.units ?? 0];
        const fewest = must - reference.parkedSales(id, sku, lastTold(channel, sku));
        if (does > must || does < fewest) return `${id} shows ${does} of ${sku}, must ${must}`;
      }
    }
    return '';
  };
  let rightSince: number | undefined;
  const hasStayedRight = () => {
    rightSince = isRight() === '' ? (rightSince ?? time.now()) : undefined;
    return rightSince !== undefined && time.now() - rightSince >= STAYS_RIGHT_MS;
  };
  if (!(await time.until(hasStayedRight, HEAL_MS_MAX, 500))) trace.violated('P10', isRight());
  const wasRightAt = rightSince ?? time.now();
  const hasExpired = () => orders.expireDue() === 0 && hasStayedRight();
  if (!(await time.until(hasExpired, EXPIRE_MS_MAX, 5_000)))
    trace.violated('expiry', `holds that nobody wants are left ${isRight()}`);
  repair.done = true;
  return wasRightAt - healedAt;
}

async function check({ room, cluster, journal, traffic, orders, transfers, reference }: World): Promise<void> {
  const { server, channels, time, trace, scenario, repair } = room;
  const { events } = server.log;
  const callsBefore = [...channels.values()].map(({ calls }) => calls.length).join();
  await time.advance(QUIET_MS);
  const callsAfter = [...channels.values()].map(({ calls }) => calls.length).join();
  if (callsBefore !== callsAfter)
    trace.violated('P10', `calls went on when all was said: ${callsBefore}, ${callsAfter}`);
  reference.follow(events);
  await checkLog(events, journal, trace);
  checkTransfers({ transfers: transfers.transfers, events, reference, journal, trace });
  checkOrders({ orders: orders.orders, events, reference, journal, trace });
  for (const channel of channels.values()) {
    checkCalls(channel, reference, scenario, trace);
    checkConfirmed(channel, events, trace);
  }
  const readModel = cluster.main?.readModel;
  if (readModel === undefined) return trace.violated('P10', 'the process does not serve');
  checkStocks(readModel, reference, journal, scenario, trace);
  checkSequences(readModel, journal, traffic.leftOut, trace);
  await during(time, readModel.rebuild(WITNESS), STOP_MS_MAX, trace, 'rebuilding what was repaired');
  const { hash } = readModel.projection<Witness>(witnessDefinition(repair));
  if (hash !== witnessedAll(events)) trace.violated('P8', 'not every event was folded once and in order');
  const proof = await during(time, readModel.verify(), STOP_MS_MAX, trace, 'verifying');
  for (const { name, difference } of proof?.projections ?? []) {
    if (difference !== undefined) trace.violated('P8', `${name} differs from a rebuild: ${JSON.stringify(difference)}`);
  }
  if (proof?.notStored.length !== 0) trace.violated('P8', `not stored: ${JSON.stringify(proof?.notStored)}`);
}

/** The version of the last value that a channel was told of a SKU. */
function lastTold({ calls }: SimulatedChannel, sku: string): Position {
  return calls.findLast(({ updates }) => updates.some((update) => update.sku === sku))?.version ?? START;
}

/** Lets time pass until `work` is done; undefined, and a broken promise, if it is not done in `msMax`. */
async function during<T>(
  time: VirtualTime,
  work: Promise<T>,
  msMax: number,
  trace: Trace,
  what: string,
): Promise<T | undefined> {
  let done: { readonly value: T } | undefined;
  let failed = false;
  work.then(
    (value) => {
      done = { value };
    },
    (error: unknown) => {
      failed = true;
      trace.violated(what, String(error));
    },
  );
  await time.until(() => done !== undefined || failed, msMax, 100);
  if (done === undefined && !failed) trace.violated(what, `not done in ${msMax} ms`);
  return done?.value;
}
