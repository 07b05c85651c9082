// The actors in memory: finds or starts the one of an SKU-location, and lets the least recently used idle ones leave
// when there are too many. What leaves comes back from the log.
import type { Stock } from '../../domain/stock/stock.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { createRecency } from './recency.ts';
import type { Room } from './room.ts';
import { crashed, isIdle, passivate, type StockActor, startStockActor, stockEffects } from './stock-actor.ts';
import { startSupervisor } from './supervisor.ts';

/** How many busy actors to look past for an idle one to passivate, at most. */
const PASSIVATION_SCAN_MAX = 32;

export interface WorkingSet {
  /** The actor of an SKU-location, now the most recently used. */
  actorOf(sku: string, location: string): StockActor;
  /** The stock of an actor in memory as of its last durable event; undefined: ask the log. */
  stockOf(sku: string, location: string): Stock | undefined;
  size(): number;
  /** Stops all of them; none may be busy. */
  close(): void;
}

export function createWorkingSet(room: Room, residentMax: number): WorkingSet {
  const resident = new Map<string, StockActor>();
  const recency = createRecency<StockActor>();

  const leave = (actor: StockActor) => {
    if (resident.get(actor.stream) === actor) resident.delete(actor.stream);
    recency.remove(actor);
  };
  const effects = stockEffects(room, leave);
  const supervisor = startSupervisor((stream, error) => {
    const actor = resident.get(stream);
    if (actor !== undefined) crashed(actor, error, effects);
  });
  const stop = (actor: StockActor) => {
    passivate(actor, room);
    supervisor.stop(actor.machine);
  };
  const makeRoom = () => {
    let actor = recency.oldest();
    for (
      let looked = 0;
      actor !== undefined && resident.size >= residentMax && looked < PASSIVATION_SCAN_MAX;
      looked++
    ) {
      const newer = recency.newerThan(actor);
      if (isIdle(actor)) {
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
        makeRoom();
        actor = startStockActor(sku, location, effects, supervisor.parent);
        resident.set(stream, actor);
      }
      recency.touch(actor);
      return actor;
    },
    stockOf: (sku, location) => resident.get(stockStream(sku, location))?.machine.getSnapshot().context.stock,
    size: () => resident.size,
    close() {
      for (const actor of resident.values()) stop(actor);
      resident.clear();
    },
  };
}
