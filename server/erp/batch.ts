// Which movements go in one call: the next ones in log order. A movement whose SKU has one waiting apart waits behind it,
// so each SKU keeps its order; other SKUs go on.

import { type Book, lanes, PARKED_MAX } from '../../domain/erp/book.ts';
import type { ParkedMovement } from '../../domain/erp/events.ts';
import type { Movement } from '../../domain/erp/movement.ts';
import type { Position } from '../../domain/event-log.ts';
import type { Instant } from '../../domain/time.ts';
import type { Entry } from './entries.ts';

export interface Batch {
  /** Those that it covers whole. */
  readonly entries: readonly Entry[];
  /** To be posted, all or none. */
  readonly movements: readonly Movement[];
  /** W3C trace contexts of the events that made them. */
  readonly causes: readonly (string | undefined)[];
  /** Behind others of their SKUs. */
  readonly behind: readonly ParkedMovement[];
  /** Where posting has come to afterwards. */
  readonly upTo: Position;
  /** No more may wait apart. */
  readonly isFull: boolean;
}

/** @param sizeMax movements; one event's go together where they are no more than that */
export function nextBatch(entries: readonly Entry[], book: Book, sizeMax: number, now: Instant): Batch {
  const blocked = lanes(book);
  const chosen: Entry[] = [];
  const movements: Movement[] = [];
  const causes: (string | undefined)[] = [];
  const behind: ParkedMovement[] = [];
  let isFull = false;
  for (const entry of entries) {
    const open = entry.movements.filter(({ reference }) => !book.begun.has(reference));
    if (blocked.has(entry.sku)) {
      isFull = book.parked.size + behind.length + open.length > PARKED_MAX;
      if (isFull) break;
      behind.push(...open.map((movement) => parkedMovement(entry, movement, 'behind', '', now)));
    } else if (movements.length + open.length <= sizeMax) {
      movements.push(...open);
      if (open.length > 0) causes.push(entry.traceparent);
    } else {
      // An event of more movements than fit in a call: part after part, and it is covered with the last. Alone: what is
      // begun is known only of the event after the last that is covered (domain/erp/book.ts).
      if (chosen.length === 0) {
        movements.push(...open.slice(0, sizeMax));
        causes.push(entry.traceparent);
      }
      break;
    }
    chosen.push(entry);
  }
  return { entries: chosen, movements, causes, behind, upTo: chosen.at(-1)?.position ?? book.upTo, isFull };
}

export function parkedMovement(
  { position }: Pick<Entry, 'position'>,
  movement: Movement,
  why: ParkedMovement['why'],
  reason: string,
  now: Instant,
): ParkedMovement {
  return { movement, why, reason, parkedAt: now, position: String(position) };
}
