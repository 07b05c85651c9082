// All stock actors of this process behind one `submit`. Bounds what waits, and gathers: at the end of each event-loop
// turn the actors with waiting commands judge them, so the commands of one turn share appends and the appends of one
// turn share a commit.
import { stockStream } from '../../domain/stock/stream.ts';
import { SECOND } from '../../domain/time.ts';
import type { Answer, Envelope, Failed, StockActors } from './answer.ts';
import { lookAt, type StockReader } from './look.ts';
import type { Room } from './room.ts';
import { proceed, type StockActor } from './stock-actor.ts';
import { createWorkingSet } from './working-set.ts';

export interface StockActorLimits {
  /** Actors kept in memory; the least recently used idle ones leave first. */
  readonly residentMax: number;
  /** Commands that the stocks in memory remember, together: beyond that actors leave, too. */
  readonly rememberedMax: number;
  /** Commands waiting for one actor. */
  readonly waitingPerActorMax: number;
  /** Commands waiting for all actors. */
  readonly waitingMax: number;
}

export const DEFAULT_LIMITS: StockActorLimits = {
  ...{ residentMax: 200_000, rememberedMax: 8_000_000 },
  ...{ waitingPerActorMax: 1_000, waitingMax: 50_000 },
};

export function startStockActors(room: Room, limits: StockActorLimits = DEFAULT_LIMITS): StockActors & StockReader {
  const working = createWorkingSet(room, limits);
  const makeDue = atTurnEnd(room);
  let waiting = 0;
  let closing = false;
  let drained: (() => void) | undefined;
  const refuse = (envelope: Envelope, failed: Failed): Promise<Answer> => {
    const { sku, location } = envelope.command;
    room.observe.failed([{ envelope }], failed.reason, failed.detail, stockStream(sku, location));
    return Promise.resolve(failed);
  };

  return {
    submit(envelope: Envelope): Promise<Answer> {
      if (closing) return refuse(envelope, SHUTTING_DOWN);
      if (waiting >= limits.waitingMax) return refuse(envelope, overloaded('too many commands are waiting'));
      const { sku, location } = envelope.command;
      const actor = working.actorOf(sku, location);
      if (actor.inbox.length >= limits.waitingPerActorMax) {
        return refuse(envelope, overloaded(`too many commands are waiting for ${sku} at ${location}`));
      }
      waiting += 1;
      return new Promise((resolve) => {
        const answer = (given: Answer) => {
          resolve(given);
          waiting -= 1;
          if (waiting === 0) drained?.();
        };
        actor.inbox.push({ envelope, answer });
        makeDue(actor);
      });
    },
    look: (sku, location) => lookAt(stockStream(sku, location), working.stockOf(sku, location), room),
    stats: () => ({ resident: working.size(), waiting }),
    async close() {
      closing = true;
      if (waiting > 0) await new Promise<void>((resolve) => (drained = resolve));
      working.close();
    },
  };
}

/** Lets an actor proceed at the end of the turn, once however often it is called for. */
function atTurnEnd(room: Room): (actor: StockActor) => void {
  let due: StockActor[] = [];
  const proceedAll = () => {
    const actors = due;
    due = [];
    for (const actor of actors) {
      actor.due = false;
      proceed(actor);
    }
  };
  return (actor) => {
    if (actor.due) return;
    actor.due = true;
    due.push(actor);
    if (due.length === 1) room.atTurnEnd(proceedAll);
  };
}

const SHUTTING_DOWN: Failed = {
  outcome: 'failed',
  reason: 'shutting-down',
  detail: 'this server is shutting down',
  retryAfterMs: 5 * SECOND,
};

function overloaded(detail: string): Failed {
  return { outcome: 'failed', reason: 'overloaded', detail, retryAfterMs: SECOND };
}
