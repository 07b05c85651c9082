// One SKU-location at work: an XState actor with its inbox. It reads its stock from the log, judges all waiting
// commands in memory, appends their events in one call, and answers only after that append is durable (design 3).
// A conflict makes it read and judge again; any other failure answers everybody and ends it.

import { type Actor, type AnyActorRef, createActor } from 'xstate';
import { Conflict, type Position, START, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import { plural } from '../../domain/plural.ts';
import { conditionOf } from '../../domain/stock/levels.ts';
import { type StockEffects, stockLogic } from '../../domain/stock/machine.ts';
import { recentSize } from '../../domain/stock/recent.ts';
import { type Stock, stockToJson } from '../../domain/stock/stock.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { SECOND } from '../../domain/time.ts';
import { appendRepeating, RETRY_BASE_MS } from '../append-repeating.ts';
import type { FailureReason } from './answer.ts';
import { answerAll } from './answer-all.ts';
import { type Batch, judgeAll, type Waiting } from './batch.ts';
import { hydrate } from './hydrate.ts';
import type { Recent } from './recency.ts';
import type { Room } from './room.ts';

/** Commands one append answers; the rest of the inbox goes with the next. Keeps an append below the 1 MiB of EventStoreDB. */
const BATCH_COMMANDS_MAX = 250;
const CONFLICTS_MAX = 6;
/** A snapshot is written when at least this many events, and half of what the stock remembers, came after the last one. */
const SNAPSHOT_EVENTS_MIN = 256;
/** A larger one takes too long while others wait (60,000 remembered commands: 150 ms): it is written when the actor leaves. */
const SNAPSHOT_WHILE_BUSY_MAX = 5_000;
const RETRY_AFTER_MS: Readonly<Record<FailureReason, number>> = {
  conflict: 100,
  overloaded: SECOND,
  unavailable: SECOND,
  'unknown-outcome': SECOND,
  'disk-full': 30 * SECOND,
  'shutting-down': 5 * SECOND,
};

export interface StockActor extends Recent<StockActor> {
  readonly stream: string;
  readonly sku: string;
  readonly location: string;
  machine: Actor<typeof stockLogic>;
  /** Commands not judged yet, oldest first. */
  inbox: Waiting[];
  /** Taken from the inbox to be judged and appended; not answered yet. */
  inFlight: readonly Waiting[];
  /** Whether it is in the list of those to proceed at the end of this turn. */
  due: boolean;
  lastHash: string;
  /** Its stock remembers this much, ms: what the policy asked when it was read. */
  memoryMs: number;
  snapshotRevision: number;
  /** Commands that its stock remembers, as the working set counted them last. */
  remembered: number;
  /** Conflicts since the last successful append. */
  conflicts: number;
  /** Why it is going to give up. */
  failure: { readonly reason: FailureReason; readonly detail: string } | undefined;
  ended: boolean;
}

/** What all actors of a room do. `onEnded` is called when one has given up and must be evicted. */
export function stockEffects(room: Room, onEnded: (actor: StockActor) => void): StockEffects<StockActor> {
  return {
    hydrate: (actor) => void load(actor, room),
    append: (actor) => void judgeAndAppend(actor, room),
    backOff: (actor) => void backOff(actor, room),
    giveUp: (actor) => giveUp(actor, room, onEnded),
  };
}

/** Starts the actor; it begins to hydrate at once. */
export function startStockActor(
  sku: string,
  location: string,
  effects: StockEffects<StockActor>,
  parent: AnyActorRef,
): StockActor {
  const stream = stockStream(sku, location);
  const actor: StockActor = {
    stream,
    sku,
    location,
    machine: UNBORN,
    inbox: [],
    inFlight: NOTHING,
    due: false,
    lastHash: '',
    memoryMs: 0,
    snapshotRevision: -1,
    remembered: 0,
    conflicts: 0,
    failure: undefined,
    ended: false,
    older: undefined,
    newer: undefined,
  };
  const input = { effects: effects as StockEffects<unknown>, owner: actor };
  actor.machine = createActor(stockLogic, { id: stream, parent, input });
  actor.machine.start();
  return actor;
}
const UNBORN = undefined as unknown as StockActor['machine'];
const NOTHING: readonly Waiting[] = [];

/** Judges what waits, if the actor is ready; if it is not, it will when it becomes ready. */
export function proceed(actor: StockActor): void {
  if (actor.inbox.length > 0 && isReady(actor)) actor.machine.send({ type: 'commands' });
}

/** Nothing waits and nothing is in flight. */
export function isIdle(actor: StockActor): boolean {
  return actor.inbox.length === 0 && isReady(actor);
}

/** An idle actor leaves: with a snapshot if that pays and may be; its stock is in the log. The supervisor stops its machine. */
export function passivate(actor: StockActor, room: Room, maySnapshot: boolean): void {
  const { stock } = actor.machine.getSnapshot().context;
  if (stock !== undefined && maySnapshot) snapshotWhenLarge(actor, stock, room);
  actor.ended = true;
}

/** A throw in an action stopped the machine, which dropped what it was sent: whoever waits is answered all the same. */
export function crashed(actor: StockActor, error: unknown, effects: StockEffects<StockActor>): void {
  fail(actor, error);
  effects.giveUp(actor);
}

/** Ends the actor and answers everybody who waits. */
export function fail(actor: StockActor, error: unknown): void {
  if (actor.ended) return;
  actor.failure ??= { reason: reasonOf(error), detail: error instanceof Error ? error.message : String(error) };
  actor.machine.send({ type: 'failed' });
}

function isReady(actor: StockActor): boolean {
  const { value } = actor.machine.getSnapshot();
  return value !== 'appending' && value !== 'hydrating' && value !== 'conflicted' && value !== 'failed';
}

function settle(actor: StockActor, stock: Stock): void {
  actor.machine.send({ type: `settled.${conditionOf(stock.levels, stock.life)}`, stock });
  proceed(actor);
}

async function load(actor: StockActor, room: Room): Promise<void> {
  try {
    // After a conflict the log alone is asked: a snapshot ahead of the log would conflict for ever.
    const snapshots = actor.conflicts === 0 ? room.snapshots : undefined;
    const { memoryMs } = room.policy();
    const hydrated = await hydrate(actor.stream, room.log, snapshots, memoryMs);
    actor.memoryMs = memoryMs;
    actor.lastHash = hydrated.lastHash;
    actor.snapshotRevision = hydrated.snapshotRevision;
    settle(actor, hydrated.stock);
  } catch (error) {
    fail(actor, error);
  }
}

function takeFromInbox(actor: StockActor): readonly Waiting[] {
  const { inbox } = actor;
  if (inbox.length > BATCH_COMMANDS_MAX) return inbox.splice(0, BATCH_COMMANDS_MAX);
  actor.inbox = [];
  return inbox;
}

async function judgeAndAppend(actor: StockActor, room: Room): Promise<void> {
  try {
    const startedAt = room.observe.started();
    actor.inFlight = takeFromInbox(actor);
    const policy = room.policy();
    // It may have forgotten what must be known from now on: read again, it remembers.
    if (policy.memoryMs > actor.memoryMs) {
      await undefined;
      return conflicted(actor, room);
    }
    const batch = judgeAll(actor.inFlight, {
      stream: actor.stream,
      stock: actor.machine.getSnapshot().context.stock!,
      lastHash: actor.lastHash,
      context: { now: room.clock.now(), policy: policy.stockPolicy(actor.sku, actor.location) },
      memoryMs: actor.memoryMs,
      hashes: room.hashes,
    });
    if (mayBeBehind(batch, room)) await assertNotBehind(actor.stream, batch, room);
    // Waits in any case: until this turn of the machine is over, `settled` and the next `commands` would not be seen.
    const position = await (batch.events.length === 0 ? START : append(actor.stream, batch, room));
    actor.inFlight = NOTHING;
    actor.lastHash = batch.hashAfter;
    actor.conflicts = 0;
    settle(actor, batch.stockAfter);
    answerAll(batch, position, actor.stream, room.log);
    if (recentSize(batch.stockAfter.recent) <= SNAPSHOT_WHILE_BUSY_MAX)
      snapshotWhenLarge(actor, batch.stockAfter, room);
    room.observe.appended(batch, startedAt, actor.stream);
  } catch (error) {
    if (error instanceof Conflict) conflicted(actor, room);
    else fail(actor, error);
  }
}

/**
 * An append finds out that another process wrote first. A batch of refusals alone has none, and would be judged by what
 * this process happens to remember: a command accepted elsewhere would be refused here.
 */
function mayBeBehind({ events, verdicts }: Batch, room: Room): boolean {
  return room.soleWriter !== true && events.length === 0 && verdicts.some(({ outcome }) => outcome === 'refused');
}

/** @throws Conflict */
async function assertNotBehind(stream: string, { revisionBefore }: Batch, room: Room): Promise<void> {
  const [newer] = await room.log.read(stream, revisionBefore + 1, 1);
  if (newer !== undefined) throw new Conflict(stream, revisionBefore);
}

async function append(stream: string, { revisionBefore, events }: Batch, room: Room): Promise<Position> {
  return (await appendRepeating(room, stream, revisionBefore, events, room.observe.repeated)).position;
}

/** Another writer came first: what was judged is judged again, after the stock has been read again. */
function conflicted(actor: StockActor, room: Room): void {
  room.observe.conflicted(actor.stream);
  actor.conflicts += 1;
  actor.inbox.unshift(...actor.inFlight);
  actor.inFlight = NOTHING;
  actor.machine.send({ type: 'conflict' });
}

async function backOff(actor: StockActor, room: Room): Promise<void> {
  await room.sleep(room.random() * RETRY_BASE_MS * 2 ** actor.conflicts);
  if (actor.conflicts < CONFLICTS_MAX) return actor.machine.send({ type: 'retry' });
  fail(actor, new Conflict(actor.stream, -1, `other writers were faster ${plural(actor.conflicts, 'time')}`));
}

function giveUp(actor: StockActor, room: Room, onEnded: (actor: StockActor) => void): void {
  if (actor.ended) return;
  actor.ended = true;
  const { reason, detail } = actor.failure ?? { reason: 'unavailable', detail: 'the actor ended' };
  const unanswered = [...actor.inFlight, ...actor.inbox.splice(0)];
  actor.inFlight = NOTHING;
  onEnded(actor);
  for (const waiting of unanswered)
    waiting.answer({ outcome: 'failed', reason, detail, retryAfterMs: RETRY_AFTER_MS[reason] });
  room.observe.failed(unanswered, reason, detail, actor.stream);
}

function reasonOf(error: unknown): FailureReason {
  if (error instanceof Conflict) return 'conflict';
  if (error instanceof UnknownOutcome) return 'unknown-outcome';
  if (!(error instanceof Unavailable)) return 'unavailable';
  return error.reason === 'disk-full' || error.reason === 'overloaded' ? error.reason : 'unavailable';
}

function snapshotWhenLarge(actor: StockActor, stock: Stock, room: Room): void {
  const since = stock.revision - actor.snapshotRevision;
  if (since < SNAPSHOT_EVENTS_MIN || since < recentSize(stock.recent) / 2) return;
  room.snapshots.save(actor.stream, {
    stock: stockToJson(stock),
    hash: actor.lastHash,
    memoryMs: actor.memoryMs,
  });
  actor.snapshotRevision = stock.revision;
}
