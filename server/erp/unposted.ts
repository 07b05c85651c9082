// What the books of an ERP cannot show yet of one stock: movements that wait in the queue or apart. It is the most common
// complaint in this field, and here it has a number: the ERP still counts units that are sold.
import { type Book, booksChange, stockKey } from '../../domain/erp/book.ts';
import type { Movement, MovementRules } from '../../domain/erp/movement.ts';
import { mayMove } from '../../domain/erp/movement.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Unposted } from '../../domain/reconciliation/known.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { readBackwards } from '../reconciliation/backwards.ts';
import { entryOf } from './entries.ts';

const EVENTS_MAX = 5_000;

export async function unpostedOf(
  { book, rules, log }: { readonly book: Book; readonly rules: MovementRules; readonly log: Pick<EventLog, 'read'> },
  stock: { readonly sku: string; readonly location: string; readonly revision: number },
): Promise<Unposted> {
  const { sku, location, revision } = stock;
  const waiting: Movement[] = [];
  for await (const event of readBackwards(log, stockStream(sku, location), revision, EVENTS_MAX)) {
    if (event.position <= book.upTo) break;
    if (!mayMove(event.type)) continue;
    const { movements } = await entryOf(event, rules, log);
    waiting.push(...movements.filter(({ reference }) => !book.begun.has(reference)));
  }
  const parked = [...book.parked.values()].flatMap(({ movement }) =>
    movement.sku === sku && movement.location === location ? [movement] : [],
  );
  const all = [...waiting, ...parked];
  const units = all.reduce((sum, movement) => sum + booksChange(movement), 0);
  const dismissed = book.dismissed.get(stockKey(stock));
  return { movements: all.length, units, parked: parked.length, dismissed };
}
