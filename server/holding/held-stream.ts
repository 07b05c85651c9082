// Holds a stream that one process at a time may write: who posts to an ERP, or calls a webhook. Whoever takes it over says so
// in it; an append of anybody else then conflicts, and ends their work. Another process takes over what has been silent for
// a lease by its own clock, so no two clocks are compared. Promise: what is answered as appended is in the log, and ours.
import type { Timers } from '../../adapters/publishing/timers.ts';
import { chainedEvents, type Hashes, type StreamEnd } from '../../domain/event-id.ts';
import { Conflict, type EventLog, type JsonObject, type RecordedEvent } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { type Found, findEnd } from './find-end.ts';
import { insist } from './insist.ts';

export interface HoldRoom {
  readonly log: Pick<EventLog, 'append' | 'read'>;
  readonly hashes: Hashes;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly soleWriter: boolean;
  /** How long a stream may be silent before another process takes it over, ms. */
  readonly leaseMs: number;
  readonly signal: AbortSignal;
  /** Called before each repeat of an append, with why; without: it worked. */
  readonly stalled: (reason: string | undefined) => void;
}

/** What such a stream holds: events `E` that fold to a state `S`, appended as `N`. */
export interface HeldKind<S, E extends { readonly type: string }, N> {
  readonly stream: string;
  /** @throws UnknownEventVersion */
  read(recorded: RecordedEvent): E;
  evolve(state: S, event: E): S;
  /** With its version and the session that writes it. */
  framed(event: N, session: string): E;
  data(event: E): JsonObject;
  /** The field of the events that carry the whole state: what a start has to read is bounded by the last of them. */
  readonly carriedIn: string;
  carriedBy(event: E): S;
  /** The state of a stream that nobody has ever begun. */
  beginning(): Promise<S>;
  started(state: S): N;
  held(): N;
  carried(state: S): N;
  /** It says that its process stopped in order: no call was under way. */
  isStop(event: E): boolean;
}

/** Another process holds the stream now. */
export class LostStream extends Error {
  override readonly name = 'LostStream';
}

export interface HeldStream<S, N> {
  readonly state: S;
  /** Of its last event. */
  readonly revision: number;
  /** The one before stopped in order: no call of its own is under way. */
  readonly wasStopped: boolean;
  /** One after another. @throws LostStream · when the signal aborts */
  append(events: readonly N[]): Promise<void>;
  /** Before each call, and from time to time: holds on to it. @throws LostStream somebody else has written */
  hold(): Promise<void>;
}

/** Of its own events, after which the state is carried on. */
const CARRY_EVERY = 200;

/** Waits until nobody else holds the stream, then takes it. Rejects when the signal aborts. */
export async function takeStream<S, E extends { readonly type: string }, N>(
  kind: HeldKind<S, E, N>,
  session: string,
  room: HoldRoom,
): Promise<HeldStream<S, N>> {
  const persist = <R>(attempt: () => Promise<R>) => insist(room, attempt, (error) => error instanceof LostStream);
  for (;;) {
    const found = await persist(() => findEnd(kind, room.log));
    const wasStopped = found.last !== undefined && kind.isStop(found.last);
    if (!room.soleWriter && found.last !== undefined && !wasStopped) {
      await room.sleep(room.leaseMs, room.signal);
      if (room.signal.aborted) throw new Error('closed');
      const [next] = await persist(() => room.log.read(kind.stream, found.end.revision + 1, 1));
      if (next !== undefined) continue;
    }
    const state = found.carried === undefined ? await persist(() => kind.beginning()) : found.carried.state;
    const held = heldFrom(kind, found, state, session, room);
    try {
      await held.append([kind.started(state)]);
      return held;
    } catch (error) {
      if (!(error instanceof LostStream)) throw error;
    }
  }
}

function heldFrom<S, E extends { readonly type: string }, N>(
  kind: HeldKind<S, E, N>,
  found: Found<S, E>,
  begun: S,
  session: string,
  room: HoldRoom,
): HeldStream<S, N> {
  const { log, hashes } = room;
  const wasStopped = found.last !== undefined && kind.isStop(found.last);
  const persist = <R>(attempt: () => Promise<R>) => insist(room, attempt, (error) => error instanceof LostStream);
  let end: StreamEnd = found.end;
  let state = begun;
  let sinceCarried = 0;
  let heldAt = room.timers.now();
  let count = 0;
  let appending: Promise<unknown> = Promise.resolve();
  const lost = () => new LostStream(`another process writes to ${end.stream}`);

  const write = async (events: readonly N[]) => {
    const framed = events.map((event) => kind.framed(event, session));
    const after = framed.reduce(kind.evolve, state);
    sinceCarried += framed.length;
    if (sinceCarried >= CARRY_EVERY) {
      framed.push(kind.framed(kind.carried(after), session));
      sinceCarried = 0;
    }
    count += 1;
    const unlinked = framed.map((event) => ({ type: event.type, data: kind.data(event), metadata: {} }));
    const chained = chainedEvents(end, unlinked, `${session}:${count}`, hashes);
    await persist(async () => {
      try {
        await log.append(end.stream, end.revision, chained);
      } catch (error) {
        throw error instanceof Conflict ? lost() : error;
      }
    });
    const hash = String(chained.at(-1)!.metadata['hash']);
    end = { stream: end.stream, revision: end.revision + chained.length, hash };
    state = after;
    heldAt = room.timers.now();
  };

  const held: HeldStream<S, N> = {
    get state() {
      return state;
    },
    get revision() {
      return end.revision;
    },
    wasStopped,
    append(events) {
      const appended = appending.then(() => write(events));
      appending = appended.catch(() => {});
      return appended;
    },
    async hold() {
      await appending;
      if (room.soleWriter) return;
      // An append conflicts if somebody else has written; where one is not due yet, a look tells the same.
      if (room.timers.now() - heldAt >= room.leaseMs / 3) {
        await held.append([kind.held()]);
        return;
      }
      const [next] = await persist(() => log.read(end.stream, end.revision + 1, 1));
      if (next !== undefined) throw lost();
    },
  };
  return held;
}
