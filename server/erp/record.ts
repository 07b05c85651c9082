// Writes an ERP's stream and holds it: one process posts to an ERP at a time. Whoever takes over says so in the stream; an
// append of anybody else then conflicts, and ends their posting. Another process takes over what has been silent for a
// lease by its own clock, so no two clocks are compared. Promise: what is answered as appended is in the log, and ours.

import type { Timers } from '../../adapters/publishing/timers.ts';
import { type Book, bookJson, bookOf, evolveBook, newBook } from '../../domain/erp/book.ts';
import { ERP_EVENT_VERSION, type ErpEvent, erpEventData, erpStream, readErpEvent } from '../../domain/erp/events.ts';
import { CHAIN_GENESIS, chainedEvents, type Hashes, type StreamEnd } from '../../domain/event-id.ts';
import { Conflict, type EventLog, type Position, type RecordedEvent, Unavailable } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';

export interface RecordRoom {
  readonly log: Pick<EventLog, 'append' | 'read'>;
  readonly hashes: Hashes;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly soleWriter: boolean;
  /** How long a stream may be silent before another process takes it over, ms. */
  readonly leaseMs: number;
  /** Where posting begins that nobody has begun: everything before is in its books. */
  readonly beginning: () => Promise<Position>;
  readonly signal: AbortSignal;
  /** Called before each repeat of an append, with why; without: it worked. */
  readonly stalled: (reason: string | undefined) => void;
}

/** Another process posts to this ERP. */
export class LostErp extends Error {
  override readonly name = 'LostErp';
}

type Unframed<E> = E extends unknown ? Omit<E, 'v' | 'session'> : never;
/** What is appended; version and session are added. */
export type NewErpEvent = Unframed<ErpEvent>;

export interface ErpRecord {
  readonly book: Book;
  /** The one before stopped in order: no call of its own is under way. */
  readonly wasStopped: boolean;
  /** One after another. @throws LostErp · when the signal aborts */
  append(events: readonly NewErpEvent[]): Promise<void>;
  /** Before each call, and from time to time: holds on to it. @throws LostErp somebody else has written */
  hold(): Promise<void>;
}

const PAGE = 200;
/** Of its own events, after which the book is carried on: what a start has to read is bounded by it. */
const CARRY_EVERY = 200;
const RETRY_BASE_MS = 100;
const RETRY_MS_MAX = 20_000;

/** Waits until nobody else holds the ERP, then takes it. Rejects when the signal aborts. */
export async function takeErp(erp: string, session: string, room: RecordRoom): Promise<ErpRecord> {
  const stream = erpStream(erp);
  for (;;) {
    const found = await insist(room, () => findEnd(stream, room.log));
    if (!room.soleWriter && found.last !== undefined && found.last.type !== 'ErpPostingStopped') {
      await room.sleep(room.leaseMs, room.signal);
      if (room.signal.aborted) throw new Error('closed');
      const [next] = await insist(room, () => room.log.read(stream, found.end.revision + 1, 1));
      if (next !== undefined) continue;
    }
    const book = found.book ?? newBook(await insist(room, room.beginning));
    const record = createRecord(found.end, book, session, found.last?.type === 'ErpPostingStopped', room);
    try {
      await record.append([{ type: 'ErpPostingStarted', startedAt: room.clock.now(), book: bookJson(book) }]);
      return record;
    } catch (error) {
      if (!(error instanceof LostErp)) throw error;
    }
  }
}

function createRecord(from: StreamEnd, begun: Book, session: string, wasStopped: boolean, room: RecordRoom): ErpRecord {
  const { log, hashes } = room;
  let end = from;
  let book = begun;
  let sinceCarried = 0;
  let heldAt = room.timers.now();
  let count = 0;
  let appending: Promise<unknown> = Promise.resolve();

  const write = async (events: readonly NewErpEvent[]) => {
    const framed = events.map((event) => ({ ...event, v: ERP_EVENT_VERSION, session }) as ErpEvent);
    const after = framed.reduce(evolveBook, book);
    sinceCarried += framed.length;
    if (sinceCarried >= CARRY_EVERY) {
      framed.push({ type: 'ErpBookCarried', v: ERP_EVENT_VERSION, session, book: bookJson(after) });
      sinceCarried = 0;
    }
    count += 1;
    const unlinked = framed.map((event) => ({ type: event.type, data: erpEventData(event), metadata: {} }));
    const chained = chainedEvents(end, unlinked, `${session}:${count}`, hashes);
    await insist(room, async () => {
      try {
        await log.append(end.stream, end.revision, chained);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        throw new LostErp(`another process writes to ${end.stream}`);
      }
    });
    end = {
      stream: end.stream,
      revision: end.revision + chained.length,
      hash: String(chained.at(-1)!.metadata['hash']),
    };
    book = after;
    heldAt = room.timers.now();
  };

  const record: ErpRecord = {
    get book() {
      return book;
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
        await record.append([{ type: 'ErpPostingHeld', heldAt: room.clock.now() }]);
        return;
      }
      const [next] = await insist(room, () => log.read(end.stream, end.revision + 1, 1));
      if (next !== undefined) throw new LostErp(`another process writes to ${end.stream}`);
    },
  };
  return record;
}

interface Found {
  readonly end: StreamEnd;
  readonly last: ErpEvent | undefined;
  /** Undefined: nobody has ever begun. */
  readonly book: Book | undefined;
}

/** The end of the stream and the book there, from its last pages alone. */
async function findEnd(stream: string, log: Pick<EventLog, 'read'>): Promise<Found> {
  const exists = async (revision: number) => (await log.read(stream, revision, 1)).length > 0;
  let known = -1;
  let step = 1;
  while (await exists(known + step)) {
    known += step;
    step *= 2;
  }
  for (; step > 1; step = Math.ceil(step / 2))
    if (await exists(known + Math.ceil(step / 2))) known += Math.ceil(step / 2);
  while (await exists(known + 1)) known += 1;
  if (known < 0) return { end: { stream, revision: -1, hash: CHAIN_GENESIS }, last: undefined, book: undefined };
  const tail: RecordedEvent[] = [];
  let carried = -1;
  for (let first = known + 1; first > 0 && carried < 0; ) {
    const from = Math.max(0, first - PAGE);
    tail.unshift(...(await log.read(stream, from, first - from)));
    first = from;
    carried = tail.findLastIndex(({ data }) => data['book'] !== undefined);
  }
  if (carried < 0) throw new Error(`${stream} has no book: it does not begin as a stream of an ERP does`);
  const events = tail.slice(carried).map(readErpEvent);
  const [start, ...rest] = events;
  const book = bookOf((start as Extract<ErpEvent, { book: unknown }>).book);
  const last = tail.at(-1)!;
  return {
    end: { stream, revision: last.revision, hash: String(last.metadata['hash']) },
    last: events.at(-1),
    book: rest.reduce(evolveBook, book),
  };
}

/** Until it works, but for what no repeat mends. */
async function insist<R>({ signal, sleep, random, stalled }: RecordRoom, attempt: () => Promise<R>): Promise<R> {
  for (let n = 1; ; n += 1) {
    try {
      const result = await attempt();
      if (n > 1) stalled(undefined);
      return result;
    } catch (error) {
      if (error instanceof LostErp || signal.aborted) throw error;
      if (error instanceof Unavailable && error.reason === 'closed') throw error;
      stalled(error instanceof Error ? error.message : String(error));
      await sleep(Math.min(RETRY_MS_MAX, random() * RETRY_BASE_MS * 2 ** Math.min(n, 10)), signal);
      if (signal.aborted) throw error;
    }
  }
}
