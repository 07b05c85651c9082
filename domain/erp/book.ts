// How far posting to one ERP has come, folded from its stream: up to which event of the log its books are told, what waits
// apart, and up to where it was read. What waits apart waits by SKU: later movements of the SKU wait behind it, in order.
import type { Position } from '../event-log.ts';
import type { Instant } from '../time.ts';
import type { BookJson, Dismissed, ErpEvent, ErpEventOf, ParkedMovement, Unread } from './events.ts';
import type { Movement } from './movement.ts';
import type { ErpReads } from './policy.ts';

export interface Book {
  /** All events up to it are posted, parked, or no movements. */
  readonly upTo: Position;
  /** References of the event after it that are posted: an event may be several movements. */
  readonly begun: ReadonlySet<string>;
  /** Movements posted since the beginning. */
  readonly posted: number;
  readonly lastPosted: { readonly reference: string; readonly theirId: string; readonly at: Instant } | undefined;
  /** By reference, in log order. */
  readonly parked: ReadonlyMap<string, ParkedMovement>;
  readonly watermarks: Partial<Readonly<Record<ErpReads, string>>>;
  /** What it told that is not mapped: read again from there when somebody has mapped it. */
  readonly unread: Partial<Readonly<Record<ErpReads, Unread>>>;
  /** By `sku~location`: what people gave up. */
  readonly dismissed: ReadonlyMap<string, Dismissed>;
}

/** More waits in the queue: the log is the queue. One event carries them all, below about 700 KiB. */
export const PARKED_MAX = 2_000;
/** Stocks of which something was dismissed: the same event carries them too. */
export const DISMISSED_MAX = 2_000;

export function newBook(upTo: Position): Book {
  const nothing = { begun: new Set<string>(), parked: new Map(), watermarks: {}, unread: {}, dismissed: new Map() };
  return { upTo, posted: 0, lastPosted: undefined, ...nothing };
}

export function evolveBook(book: Book, event: ErpEvent): Book {
  switch (event.type) {
    case 'ErpPostingStarted':
    case 'ErpBookCarried':
    case 'ErpPostingStopped':
      return bookOf(event.book);
    case 'MovementsPosted': {
      const { posted, finishedAt, parked: newlyParked = [] } = event;
      const parked = new Map(book.parked);
      const upTo = BigInt(event.upTo);
      const begun = new Set(upTo === book.upTo ? book.begun : []);
      for (const [reference] of posted) if (!parked.delete(reference)) begun.add(reference);
      if (upTo !== book.upTo) begun.clear();
      for (const one of newlyParked) parked.set(one.movement.reference, one);
      const last = posted.at(-1);
      const lastPosted =
        last === undefined ? book.lastPosted : { reference: last[0], theirId: last[5], at: finishedAt };
      return { ...book, upTo, begun, posted: book.posted + posted.length, lastPosted, parked };
    }
    case 'MovementsDismissed':
      return dismissedIn(book, event);
    case 'ErpRead':
      return {
        ...book,
        watermarks: { ...book.watermarks, [event.what]: event.watermark },
        unread: event.unread === undefined ? book.unread : { ...book.unread, [event.what]: event.unread ?? undefined },
      };
    case 'ErpPostingHeld':
      return book;
  }
}

function dismissedIn(book: Book, { dismissed: references }: ErpEventOf<'MovementsDismissed'>): Book {
  const [parked, dismissed] = [new Map(book.parked), new Map(book.dismissed)];
  for (const reference of references) {
    const movement = parked.get(reference)?.movement;
    if (movement === undefined || !parked.delete(reference)) continue;
    const { sku, location } = movement;
    const before = dismissed.get(stockKey(movement)) ?? { movements: 0, units: 0 };
    const units = before.units + booksChange(movement);
    dismissed.set(stockKey(movement), { sku, location, movements: before.movements + 1, units });
  }
  return { ...book, parked, dismissed };
}

export function stockKey({ sku, location }: Pick<Movement, 'sku' | 'location'>): string {
  return `${sku}~${location}`;
}

/** By how much it changes on-hand in the books. */
export function booksChange({ from, to, quantity }: Pick<Movement, 'from' | 'to' | 'quantity'>): number {
  return (to === 'stock' ? quantity : 0) - (from === 'stock' ? quantity : 0);
}

export function bookOf(json: BookJson): Book {
  const { upTo, begun = [], posted, lastPosted, parked, watermarks, unread = {}, dismissed = [] } = json;
  return {
    ...{ upTo: BigInt(upTo), begun: new Set(begun), posted, lastPosted, watermarks, unread },
    parked: new Map(parked.map((one) => [one.movement.reference, one])),
    dismissed: new Map(dismissed.map((one) => [stockKey(one), one])),
  };
}

export function bookJson(book: Book): BookJson {
  const { upTo, begun, posted, lastPosted, parked, watermarks, unread, dismissed } = book;
  const json = { upTo: String(upTo), posted, parked: [...parked.values()], watermarks };
  return {
    ...json,
    ...(Object.values(unread).some((one) => one !== undefined) ? { unread } : {}),
    ...(dismissed.size === 0 ? {} : { dismissed: [...dismissed.values()] }),
    ...(begun.size === 0 ? {} : { begun: [...begun] }),
    ...(lastPosted === undefined ? {} : { lastPosted }),
  };
}

/** What waits apart of each SKU, in log order. */
export function lanes({ parked }: Pick<Book, 'parked'>): ReadonlyMap<string, readonly ParkedMovement[]> {
  const bySku = new Map<string, ParkedMovement[]>();
  for (const one of parked.values()) {
    const lane = bySku.get(one.movement.sku);
    if (lane === undefined) bySku.set(one.movement.sku, [one]);
    else lane.push(one);
  }
  return bySku;
}

/** That wait in a lane. */
export function unitsOf(lane: readonly ParkedMovement[]): number {
  return lane.reduce((sum, { movement }) => sum + movement.quantity, 0);
}
