// One node that lets holds expire, over real actors, in virtual time: its projection follows the log, and a restart reads
// it back from its own pages. The wall clock can be moved on its own.
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import type { EventLog, RecordedEvent } from '../../../domain/event-log.ts';
import { START } from '../../../domain/event-log.ts';
import type { StockCommand } from '../../../domain/stock/commands.ts';
import { createOpenHolds, type OpenHolds } from '../../../projections/open-holds.ts';
import type { Page } from '../../../projections/projection.ts';
import type { Answer, StockActors } from '../../../server/actors/answer.ts';
import { type Expiry, startExpiry } from '../../../server/expiry/expiry.ts';
import { CONFIRM_MS_DEFAULT, createTrustedClock } from '../../../server/trusted-clock.ts';
import { actorsOver } from '../../support/actors.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

export interface World {
  readonly time: VirtualTime;
  readonly log: EventLog;
  /** Added to the wall clock of all nodes. */
  wallOffMs: number;
  /** The wall clock stands still here. */
  frozenAt: number | undefined;
  wall(): number;
  /** Every event of this type, in log order. */
  events(type: string): Promise<readonly RecordedEvent[]>;
}

export function aWorld(): World {
  const time = createVirtualTime();
  const log = createMemoryLog();
  const world: World = {
    time,
    log,
    wallOffMs: 0,
    frozenAt: undefined,
    wall: () => world.frozenAt ?? time.clock.now() + world.wallOffMs,
    events: async (type) => (await log.readAll(START, 10_000_000)).filter((event) => event.type === type),
  };
  return world;
}

export interface Node {
  readonly actors: StockActors;
  expiry: Expiry;
  /** What the expiry sent, in order, with the time that really was and the answer. */
  readonly sent: Sent[];
  holds(): OpenHolds;
  inFlightMax: number;
  /** Ends it; another takes its place, with the projection as it was stored then. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface Sent {
  readonly command: StockCommand;
  readonly at: number;
  answer: Answer | undefined;
}

export interface NodeOptions {
  readonly confirmMs?: number;
  readonly ready?: () => boolean;
  /** Instead of the actors, for what the expiry sends. */
  readonly submit?: (actors: StockActors) => StockActors['submit'];
}

export function aNode(world: World, options: NodeOptions = {}): Node {
  const { time, log } = world;
  const wall = { now: world.wall };
  const actors = actorsOver(log, { now: world.wall, policy: { channels: [{ id: 'web', locations: ['store-1'] }] } });
  const submit = options.submit?.(actors) ?? actors.submit;
  const sent: Sent[] = [];
  const stored = new Map<string, Page>();
  let inFlight = 0;
  let holds = createOpenHolds();
  let following = follow(log, (event) => holds.apply(event));

  const start = () =>
    startExpiry({
      holds: () => holds,
      onSwitch: () => () => {},
      ready: options.ready ?? (() => true),
      stocks: {
        async submit(envelope) {
          const entry: Sent = { command: envelope.command, at: time.now(), answer: undefined };
          sent.push(entry);
          inFlight += 1;
          node.inFlightMax = Math.max(node.inFlightMax, inFlight);
          entry.answer = await submit(envelope);
          inFlight -= 1;
          return entry.answer;
        },
      },
      clock: createTrustedClock({
        wall,
        monotonic: time.timers.now,
        confirmMs: options.confirmMs ?? CONFIRM_MS_DEFAULT,
      }),
      timers: time.timers,
      random: () => 0.5,
    });
  const node: Node = {
    actors,
    sent,
    inFlightMax: 0,
    holds: () => holds,
    expiry: undefined as unknown as Expiry,
    async restart() {
      for (const page of holds.takeChangedPages()) stored.set(page.key, page);
      await node.close();
      holds = createOpenHolds();
      holds.restore(stored.values());
      following = follow(log, (event) => holds.apply(event));
      node.expiry = start();
    },
    async close() {
      following.abort();
      await node.expiry.close();
    },
  };
  node.expiry = start();
  return node;
}

function follow(log: EventLog, apply: (event: RecordedEvent) => void): AbortController {
  const closing = new AbortController();
  const run = async () => {
    for await (const batch of log.subscribe(START, closing.signal)) for (const event of batch) apply(event);
  };
  run().catch(() => {});
  return closing;
}
