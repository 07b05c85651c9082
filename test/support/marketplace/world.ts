// A world for publishing in virtual time: a real event log, the real `published` projection folding it, available-to-sell
// that is set by the test through events, and channels that misbehave. A crash drops the publisher without a word.
import type { Connector } from '../../../adapters/channels/channel.ts';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import type { PublishObserver } from '../../../adapters/publishing/observe.ts';
import { type Publishing, type PublishingPolicy, startPublishing } from '../../../adapters/publishing/publisher.ts';
import type { PublishedAvailability, Surroundings } from '../../../adapters/publishing/surroundings.ts';
import type { Timers } from '../../../adapters/publishing/timers.ts';
import { type ChannelPolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import {
  Conflict,
  type EventLog,
  type JsonObject,
  type Position,
  type RecordedEvent,
  START,
  Unavailable,
  UnknownOutcome,
} from '../../../domain/event-log.ts';
import { STOCK_EVENT_VERSION } from '../../../domain/stock/events.ts';
import { parseStockStream } from '../../../domain/stock/stream.ts';
import { createPublished, type Published } from '../../../projections/published.ts';
import { createVirtualTime, type VirtualTime } from '../virtual-time.ts';

/** What the log does with the next append to a channel's stream. */
export type LogFault = 'none' | 'unavailable' | 'lost-answer' | 'lost-append';

export interface World {
  readonly time: VirtualTime;
  readonly log: EventLog;
  readonly published: Published;
  logFault: LogFault;
  /** Sets a figure by an event, as a receipt or a policy would. Folded a little later. */
  set(channel: string, sku: string, units: number): Promise<void>;
  /** The channel reports that it sold; `figureStays`: of stock that does not move its figure (a cap, a count since). */
  sold(channel: string, sku: string, units: number, figureStays?: boolean): Promise<void>;
  units(channel: string, sku: string): number;
  figures(channel: string): ReadonlyMap<string, number>;
  readModel(): Pick<ReadModel, 'published' | 'availability'>;
  start(
    connectors: Readonly<Record<string, Connector>>,
    policy?: Partial<WorldPolicy>,
    stakes?: Surroundings['stakes'],
    observe?: PublishObserver,
  ): Publishing;
  /** The process of the last `start` is gone: its timers, calls and appends never come to anything. */
  crash(): void;
  /** Read models of a new process: folded anew from the log alone. */
  restart(): Promise<void>;
  /** Stops everything that runs in the background. */
  end(): void;
}

export interface WorldPolicy {
  readonly batchSize: number;
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly timeoutMs: number;
  readonly policyVersion: string;
  readonly mode: 'live' | 'shadow';
}

export function channelPolicy(id: string, policy: Partial<WorldPolicy> = {}): ChannelPolicy {
  const { policyVersion: _, mode, ...limits } = policy;
  const connector = { type: 'http', url: 'http://127.0.0.1:9/availability', secretEnv: 'SECRET', ...limits } as const;
  const document = { version: '1', locations: [{ id: 'x' }], channels: [{ id, locations: ['x'], mode, connector }] };
  return PolicyDocument.parse(document).channels[0]!;
}

/** A version is another policy, whatever it says. */
export function policyOf(channels: readonly ChannelPolicy[], version = '1'): PublishingPolicy {
  return { channels, fingerprint: () => version };
}

/** Deterministic: the same seed gives the same numbers (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface ReadModel {
  readonly published: Published;
  readonly availability: PublishedAvailability;
  readonly figures: (channel: string) => Map<string, number>;
}

/** Follows the log as the runner would, a few milliseconds behind. */
export function readModel(log: EventLog, time: VirtualTime, signal: AbortSignal): ReadModel {
  const published = createPublished();
  const units = new Map<string, Map<string, number>>();
  const moved = new Map<string, Position>();
  const listeners = new Set<Parameters<PublishedAvailability['onChange']>[0]>();
  let position: Position = START;
  const figures = (channel: string) => {
    const known = units.get(channel) ?? new Map<string, number>();
    units.set(channel, known);
    return known;
  };
  const move = (event: RecordedEvent) => {
    const change = figureChange(event);
    if (change === undefined) return;
    const { channel, sku } = change;
    const known = figures(channel).get(sku);
    const after = change.to ?? Math.max(0, (known ?? 0) - change.less);
    figures(channel).set(sku, after);
    moved.set(sku, event.position);
    if (known === after) return;
    for (const listener of listeners) listener(channel, sku, known ?? 0, after);
  };
  /** In the order of the product: the figures first, and who listens to them hears only of what changed. */
  const follow = async () => {
    for await (const batch of log.subscribe(START, signal)) {
      for (const event of batch) {
        position = event.position;
        move(event);
        published.apply(event);
      }
    }
  };
  void follow().catch(() => {});
  const availability: PublishedAvailability = {
    position: () => position,
    async waitFor(after, timeoutMs) {
      return time
        .until(() => position >= after, 0, 1)
        .then(async (reached) => {
          for (let waited = 0; !reached && waited < timeoutMs && position < after; waited += 5) await time.sleep(5);
          return position >= after;
        });
    },
    units: (channel, sku) => figures(channel).get(sku),
    skus: (channel) => figures(channel).keys(),
    stockOf: (sku) => {
      const at = moved.get(sku);
      const levels = { onHand: 0, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
      return at === undefined ? [] : [{ sku, location: 'x', levels, life: 'active', revision: 0, position: at }];
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { published, availability, figures };
}

type FigureChange = { readonly channel: string; readonly sku: string; readonly to?: number; readonly less: number };

function figureChange({ type, stream, data }: RecordedEvent): FigureChange | undefined {
  if (type === 'FigureSet') {
    const { channel, sku, units } = data as { channel: string; sku: string; units: number };
    return { channel, sku, to: units, less: 0 };
  }
  if (type !== 'UnitsSold') return undefined;
  const { channel, quantity, figureStays } = data as { channel: string; quantity: number; figureStays: boolean };
  return { channel, sku: parseStockStream(stream)!.sku, less: figureStays ? 0 : quantity };
}

export async function createWorld(seed = 1): Promise<World> {
  const time = createVirtualTime();
  const log = createMemoryLog();
  const random = seeded(seed);
  let abort = new AbortController();
  let model = readModel(log, time, abort.signal);
  let alive = { now: true };
  let facts = 0;

  const fact = async (sku: string, type: string, data: JsonObject) => {
    facts += 1;
    const id = `00000000-0000-4000-8000-${String(facts).padStart(12, '0')}`;
    const head = (await log.read(`stock-${sku}~x`, 0, 1_000_000)).length - 1;
    await log.append(`stock-${sku}~x`, head, [{ id, type, data, metadata: {} }]);
  };

  const world: World = {
    time,
    log,
    get published() {
      return model.published;
    },
    logFault: 'none',
    set: (channel, sku, units) => fact(sku, 'FigureSet', { channel, sku, units }),
    sold: (channel, sku, quantity, figureStays = false) =>
      fact(sku, 'UnitsSold', { v: STOCK_EVENT_VERSION, channel, quantity, figureStays }),
    units: (channel, sku) => model.figures(channel).get(sku) ?? 0,
    figures: (channel) => model.figures(channel),
    readModel: () => model,
    start(connectors, policy = {}, stakes = undefined, observe = undefined) {
      alive = { now: true };
      return startPublishing({
        ...model,
        log: faultyLog(log, world, alive),
        policy: policyOf(
          Object.keys(connectors).map((id) => channelPolicy(id, policy)),
          policy.policyVersion,
        ),
        connect: ({ id }) => mortalConnector(connectors[id]!, alive),
        clock: time.clock,
        timers: mortalTimers(time.timers, alive),
        random,
        hashes: systemHashes,
        ...(stakes && { stakes }),
        ...(observe && { observe }),
      });
    },
    crash() {
      alive.now = false;
    },
    async restart() {
      abort.abort();
      abort = new AbortController();
      model = readModel(log, time, abort.signal);
      await time.advance(1);
    },
    end() {
      alive.now = false;
      abort.abort();
    },
  };
  return world;
}

const never = <T>() => new Promise<T>(() => {});

export function mortalTimers(timers: Timers, alive: { now: boolean }): Timers {
  return { now: timers.now, after: (ms, action) => timers.after(ms, () => alive.now && action()) };
}

function mortalConnector(connector: Connector, alive: { now: boolean }): Connector {
  const mortal =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (!alive.now) return never();
      const reply = await call(...args);
      return alive.now ? reply : never();
    };
  const { declares, publish, publishBulk, readBack } = connector;
  return {
    declares,
    publish: mortal(publish),
    ...(publishBulk === undefined ? {} : { publishBulk: mortal(publishBulk) }),
    ...(readBack === undefined ? {} : { readBack: mortal(readBack) }),
  };
}

function faultyLog(log: EventLog, world: World, alive: { now: boolean }): Pick<EventLog, 'append' | 'read'> {
  return {
    async append(stream, expectedRevision, events) {
      if (!alive.now) return never();
      const fault = world.logFault;
      if (fault === 'unavailable') throw new Unavailable('down', 'the log is down');
      if (fault === 'lost-append') throw new UnknownOutcome('no answer');
      const appended = await log.append(stream, expectedRevision, events);
      if (fault === 'lost-answer') throw new UnknownOutcome('no answer');
      return alive.now ? appended : never();
    },
    read: (stream, from, limit) => (alive.now ? log.read(stream, from, limit) : never()),
  };
}

/** Another process that publishes to the same channel appends an event of its own. */
export async function appendForeign(
  log: EventLog,
  channel: string,
  data: Record<string, string | number>,
): Promise<void> {
  for (;;) {
    const revision = (await log.read(`channel-${channel}`, 0, 1_000_000)).length - 1;
    const id = crypto.randomUUID();
    try {
      await log.append(`channel-${channel}`, revision, [
        { id, type: 'PublishingStarted', data: { v: 1, ...data }, metadata: { hash: `foreign-${id}` } },
      ]);
      return;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}
