// All stock actors of this process: finds or starts the one for a command, keeps the working set resident, and
// bounds everything. At the end of each event-loop turn the actors with waiting commands judge them, so the
// commands of one turn share appends and the appends of one turn share a commit.
import type { Snapshots } from '../../adapters/snapshots.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { StockPolicy } from '../../domain/stock/decide.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { type Clock, SECOND } from '../../domain/time.ts';
import type { Answer, Envelope, Failed, StockActors } from './answer.ts';
import type { Batch, Waiting } from './batch.ts';
import { createRecency } from './recency.ts';
import { isIdle, passivate, proceed, type StockActor, startStockActor } from './stock-actor.ts';

export interface StockActorDependencies {
  readonly log: EventLog;
  readonly snapshots: Snapshots;
  readonly policy: () => {
    stockPolicy(sku: string, location: string): StockPolicy;
    /** How long command ids are remembered: at least the window plus the clock skew, ms. */
    readonly memoryMs: number;
  };
  readonly clock: Clock;
  readonly hashes: Hashes;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Runs a function at the end of the event-loop turn. */
  readonly atTurnEnd: (run: () => void) => void;
  readonly observe: StockActorsObserver;
}

/** For metrics and traces. Called on the hot path: must not throw and must be cheap. */
export interface StockActorsObserver {
  /** A reading of a monotonic clock, or 0 when nothing is measured. */
  started(): number;
  appended(batch: Batch, startedAt: number, stream: string): void;
  conflicted(stream: string): void;
  repeated(stream: string): void;
}

export const unobserved: StockActorsObserver = {
  started: () => 0,
  appended() {},
  conflicted() {},
  repeated() {},
};

export interface StockActorLimits {
  /** Actors kept in memory; the least recently used idle ones leave first. */
  readonly residentMax: number;
  /** Commands waiting for one actor. */
  readonly waitingPerActorMax: number;
  /** Commands waiting for all actors. */
  readonly waitingMax: number;
}

export const DEFAULT_LIMITS: StockActorLimits = { residentMax: 50_000, waitingPerActorMax: 1_000, waitingMax: 50_000 };
/** How many busy actors to look past for an idle one to passivate, at most. */
const PASSIVATION_SCAN_MAX = 32;

export function startStockActors(room: StockActorDependencies, limits: StockActorLimits = DEFAULT_LIMITS): StockActors {
  const resident = new Map<string, StockActor>();
  const recency = createRecency<StockActor>();
  let due: StockActor[] = [];
  let waiting = 0;
  let closing = false;
  let drained: (() => void) | undefined;

  const onEnded = (actor: StockActor) => {
    if (resident.get(actor.stream) === actor) resident.delete(actor.stream);
    recency.remove(actor);
  };
  const answered = () => {
    waiting -= 1;
    if (waiting === 0) drained?.();
  };
  const proceedAll = () => {
    const actors = due;
    due = [];
    for (const actor of actors) {
      actor.due = false;
      proceed(actor);
    }
  };
  const makeDue = (actor: StockActor) => {
    if (actor.due) return;
    actor.due = true;
    due.push(actor);
    if (due.length === 1) room.atTurnEnd(proceedAll);
  };
  /** Stops the least recently used idle actors until one more may come, looking past a few busy ones. */
  const makeRoom = () => {
    let actor = recency.oldest();
    for (
      let looked = 0;
      actor !== undefined && resident.size >= limits.residentMax && looked < PASSIVATION_SCAN_MAX;
      looked++
    ) {
      const newer = recency.newerThan(actor);
      if (isIdle(actor)) {
        onEnded(actor);
        passivate(actor);
      }
      actor = newer;
    }
  };
  const findOrStart = (sku: string, location: string): StockActor => {
    const stream = stockStream(sku, location);
    let actor = resident.get(stream);
    if (actor === undefined) {
      makeRoom();
      actor = startStockActor(sku, location, room, onEnded);
      resident.set(stream, actor);
    }
    recency.touch(actor);
    return actor;
  };

  return {
    submit(envelope: Envelope): Promise<Answer> {
      if (closing) return Promise.resolve(SHUTTING_DOWN);
      if (waiting >= limits.waitingMax) return Promise.resolve(overloaded('too many commands are waiting'));
      const { sku, location } = envelope.command;
      const actor = findOrStart(sku, location);
      if (actor.inbox.length >= limits.waitingPerActorMax) {
        return Promise.resolve(overloaded(`too many commands are waiting for ${sku} at ${location}`));
      }
      waiting += 1;
      return new Promise((resolve) => {
        const entry: Waiting = {
          envelope,
          answer(answer) {
            resolve(answer);
            answered();
          },
        };
        actor.inbox.push(entry);
        makeDue(actor);
      });
    },
    stats: () => ({ resident: resident.size, waiting }),
    async close() {
      closing = true;
      if (waiting > 0) await new Promise<void>((resolve) => (drained = resolve));
      for (const actor of resident.values()) passivate(actor);
      resident.clear();
    },
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
