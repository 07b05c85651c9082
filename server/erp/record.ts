// An ERP's stream as its poster writes it: its book, held by one process at a time (server/holding/held-stream.ts).
import { type Book, bookJson, bookOf, evolveBook, newBook } from '../../domain/erp/book.ts';
import { ERP_EVENT_VERSION, type ErpEvent, erpEventData, erpStream, readErpEvent } from '../../domain/erp/events.ts';
import type { Position } from '../../domain/event-log.ts';
import { type HeldKind, type HeldStream, type HoldRoom, takeStream } from '../holding/held-stream.ts';

export interface RecordRoom extends HoldRoom {
  /** Where posting begins that nobody has begun: everything before is in its books. */
  readonly beginning: () => Promise<Position>;
}

type Unframed<E> = E extends unknown ? Omit<E, 'v' | 'session'> : never;
/** What is appended; version and session are added. */
export type NewErpEvent = Unframed<ErpEvent>;

export interface ErpRecord extends Omit<HeldStream<Book, NewErpEvent>, 'state' | 'revision'> {
  readonly book: Book;
}

/** Waits until nobody else holds the ERP, then takes it. Rejects when the signal aborts. */
export async function takeErp(erp: string, session: string, room: RecordRoom): Promise<ErpRecord> {
  const held = await takeStream(kindOf(erp, room), session, room);
  return {
    get book() {
      return held.state;
    },
    wasStopped: held.wasStopped,
    append: held.append,
    hold: held.hold,
  };
}

function kindOf(erp: string, { clock, beginning }: RecordRoom): HeldKind<Book, ErpEvent, NewErpEvent> {
  return {
    stream: erpStream(erp),
    read: readErpEvent,
    evolve: evolveBook,
    framed: (event, session) => ({ ...event, v: ERP_EVENT_VERSION, session }) as ErpEvent,
    data: erpEventData,
    carriedIn: 'book',
    carriedBy: (event) => bookOf((event as Extract<ErpEvent, { book: unknown }>).book),
    beginning: async () => newBook(await beginning()),
    started: (book) => ({ type: 'ErpPostingStarted', startedAt: clock.now(), book: bookJson(book) }),
    held: () => ({ type: 'ErpPostingHeld', heldAt: clock.now() }),
    carried: (book) => ({ type: 'ErpBookCarried', book: bookJson(book) }),
    isStop: ({ type }) => type === 'ErpPostingStopped',
  };
}
