// Several processes that publish on one log, in virtual time. A node may be killed, closed in order, or held up (as by SIGSTOP):
// then nothing it does goes on until it is let go, but calls that are under way reach the channel. Each has its own read models.
import type { Connector } from '../../../adapters/channels/channel.ts';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { type Publishing, startPublishing } from '../../../adapters/publishing/publisher.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { createVirtualTime, type VirtualTime } from '../virtual-time.ts';
import { createVirtualChannel, type VirtualChannel } from './virtual-channel.ts';
import { channelPolicy, policyOf, readModel, seeded } from './world.ts';

export const LEASE_MS = 30_000;
export const CHANNEL = 'shop';

/** A call that began, by which node, and who held the channel then by the log. */
export interface NodeCall {
  readonly node: string;
  readonly at: number;
  readonly holder: string | undefined;
}

export interface PublishingNode {
  readonly name: string;
  readonly publishing: Publishing;
  kill(): void;
  hold(): void;
  letGo(): void;
  /** In order. */
  close(): Promise<void>;
}

export interface Nodes {
  readonly time: VirtualTime;
  readonly log: EventLog;
  readonly channel: VirtualChannel;
  readonly calls: readonly NodeCall[];
  set(sku: string, units: number): Promise<void>;
  figures(): ReadonlyMap<string, number>;
  start(name: string): PublishingNode;
  /** Types of the channel's events, with the node that took it. */
  story(): Promise<readonly string[]>;
  end(): void;
}

export const LIMITS = { ratePerSecond: 5, burst: 3, batchSize: 2, timeoutMs: 5_000 };

export function createNodes(seed = 1, channel?: VirtualChannel, time: VirtualTime = createVirtualTime()): Nodes {
  const log = createMemoryLog();
  const shop = channel ?? createVirtualChannel(time);
  const random = seeded(seed);
  const abort = new AbortController();
  const calls: NodeCall[] = [];
  const gates: Gate[] = [];
  const figures = new Map<string, number>();
  let facts = 0;
  const holder = async () => {
    const last = (await log.read(`channel-${CHANNEL}`, 0, 1_000_000)).findLast(
      ({ type }) => type === 'PublishingStarted' || type === 'PublishingStopped',
    );
    return last?.data['node'] as string | undefined;
  };

  return {
    time,
    log,
    channel: shop,
    calls,
    figures: () => figures,
    async set(sku, units) {
      facts += 1;
      figures.set(sku, units);
      const id = `00000000-0000-4000-8000-${String(facts).padStart(12, '0')}`;
      const head = (await log.read(`stock-${sku}~x`, 0, 1_000_000)).length - 1;
      await log.append(`stock-${sku}~x`, head, [
        { id, type: 'FigureSet', data: { channel: CHANNEL, sku, units }, metadata: {} },
      ]);
    },
    start(name) {
      const gate = createGate(time);
      gates.push(gate);
      const gated = gatedLog(log, gate);
      const model = readModel(gated, time, abort.signal);
      const { availability } = model;
      const called = async () => calls.push({ node: name, at: time.now(), holder: await holder() });
      const publishing = startPublishing({
        published: model.published,
        availability: {
          ...availability,
          waitFor: (after, ms) => availability.waitFor(after, ms).then(gate.through),
        },
        log: gated,
        policy: policyOf([channelPolicy(CHANNEL, LIMITS)]),
        connect: () => gatedConnector(shop.connector, gate, called),
        ...{ clock: time.clock, timers: gate.timers, random, hashes: systemHashes },
        sharing: { node: name, takes: true, leaseMs: LEASE_MS },
      });
      return {
        name,
        publishing,
        kill: gate.kill,
        hold: gate.hold,
        letGo: gate.letGo,
        close: () => publishing.close(100),
      };
    },
    async story() {
      const events = await log.read(`channel-${CHANNEL}`, 0, 1_000_000);
      return events.map(({ type, data }) => [type, data['node']].filter((part) => part !== undefined).join(' '));
    },
    end() {
      for (const gate of gates) gate.kill();
      abort.abort();
    },
  };
}

interface Gate extends Pick<PublishingNode, 'kill' | 'hold' | 'letGo'> {
  readonly timers: VirtualTime['timers'];
  /** Resolves while the node runs. */
  through<T>(value: T): Promise<T>;
}

function createGate({ timers }: VirtualTime): Gate {
  let isUp = true;
  let isDead = false;
  let waiting: (() => void)[] = [];
  const run = (action: () => void) => {
    if (isDead) return;
    if (isUp) action();
    else waiting.push(action);
  };
  return {
    timers: { now: timers.now, after: (ms, action) => timers.after(ms, () => run(action)) },
    through: (value) => new Promise((resolve) => run(() => resolve(value))),
    kill() {
      isDead = true;
      waiting = [];
    },
    hold() {
      isUp = false;
    },
    letGo() {
      isUp = true;
      for (const action of waiting.splice(0)) run(action);
    },
  };
}

function gatedLog(log: EventLog, { through }: Gate): EventLog {
  return {
    ...log,
    append: async (...args) => through(await log.append(...(await through(args)))),
    read: async (...args) => through(await log.read(...(await through(args)))),
    async *subscribe(after, signal) {
      for await (const batch of log.subscribe(after, signal)) yield await through(batch);
    },
  };
}

/** A call that has begun goes on, whatever becomes of the node. */
function gatedConnector(
  { declares, publish }: Connector,
  { through }: Gate,
  called: () => Promise<unknown>,
): Connector {
  return {
    declares,
    async publish(batch, signal) {
      await called();
      return through(await publish(batch, signal));
    },
  };
}
