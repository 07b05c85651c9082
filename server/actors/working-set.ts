// The actors in memory: finds or starts the one of an SKU-location, and lets the least recently used idle ones leave
// when there are too many, or when their stocks remember too many commands together. What leaves comes back from the log.
import { recentSize } from '../../domain/stock/recent.ts';
import type { Stock } from '../../domain/stock/stock.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { createRecency } from './recency.ts';
import type { Room } from './room.ts';
import { crashed, isIdle, passivate, type StockActor, startStockActor, stockEffects } from './stock-actor.ts';
import { startSupervisor } from './supervisor.ts';

/** How many busy actors to look past for an idle one to passivate, at most. */
const PASSIVATION_SCAN_MAX = 32;

/** Snapshots are a cache, those of hot stocks take most of a second each, and SIGTERM has 10 in all. */
const CLOSING_SNAPSHOTS_MS = 1_000;

export interface WorkingSet {
  /** The actor of an SKU-location, now the most recently used. */
  actorOf(sku: string, location: string): StockActor;
  /** The stock of an actor in memory as of its last durable event; undefined: ask the log. */
  stockOf(sku: string, location: string): Stock | undefined;
  size(): number;
  /** Stops all of them; none may be busy. */
  close(): void;
}

export interface WorkingSetLimits {
  readonly residentMax: number;
  /** Commands remembered by all stocks in memory, some 120 bytes each: under load they, not the actors, are what grows. */
  readonly rememberedMax: number;
}

export function createWorkingSet(room: Room, { residentMax, rememberedMax }: WorkingSetLimits): WorkingSet {
  const resident = new Map<string, StockActor>();
  const recency = createRecency<StockActor>();
  let remembered = 0;

  const count = (actor: StockActor) => {
    const { stock } = actor.machine.getSnapshot().context;
    const now = stock === undefined ? 0 : recentSize(stock.recent);
    remembered += now - actor.remembered;
    actor.remembered = now;
  };

  const leave = (actor: StockActor) => {
    if (resident.get(actor.stream) === actor) resident.delete(actor.stream);
    recency.remove(actor);
    remembered -= actor.remembered;
    actor.remembered = 0;
  };
  const effects = stockEffects(room, leave);
  const supervisor = startSupervisor((stream, error) => {
    const actor = resident.get(stream);
    if (actor !== undefined) crashed(actor, error, effects);
  });
  const stop = (actor: StockActor, maySnapshot = true) => {
    passivate(actor, room, maySnapshot);
    supervisor.stop(actor.machine);
  };
  const makeRoom = (isFull: () => boolean, kept?: StockActor) => {
    let actor = recency.oldest();
    for (let looked = 0; actor !== undefined && isFull() && looked < PASSIVATION_SCAN_MAX; looked++) {
      const newer = recency.newerThan(actor);
      if (actor !== kept && isIdle(actor)) {
        leave(actor);
        stop(actor);
      }
      actor = newer;
    }
  };
  return {
    actorOf(sku, location) {
      const stream = stockStream(sku, location);
      let actor = resident.get(stream);
      if (actor === undefined) {
        makeRoom(() => resident.size >= residentMax);
        actor = startStockActor(sku, location, effects, supervisor.parent);
        resident.set(stream, actor);
      }
      recency.touch(actor);
      count(actor);
      if (remembered > rememberedMax) makeRoom(() => remembered > rememberedMax, actor);
      return actor;
    },
    stockOf: (sku, location) => resident.get(stockStream(sku, location))?.machine.getSnapshot().context.stock,
    size: () => resident.size,
    close() {
      const until = room.clock.now() + CLOSING_SNAPSHOTS_MS;
      for (const actor of resident.values()) stop(actor, room.clock.now() < until);
      resident.clear();
    },
  };
}
