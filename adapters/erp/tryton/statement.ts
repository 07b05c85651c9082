// Tryton's on-hand of every product at one of our locations, page by page: done moves up to today, everything inside the
// location included.
import { z } from 'zod';
import type { StatementRow } from '../../../domain/reconciliation/statement.ts';
import type { ReadStatement, StatementReply } from '../../channels/statement.ts';
import { parseRows } from './names.ts';
import type { TrytonBooks } from './post.ts';
import type { Trouble } from './rpc.ts';
import { dateOf } from './value.ts';

const PAGE = 500;
const Row = z.object({ id: z.int(), code: z.string().nullish(), quantity: z.number() });

export function readTrytonStatement(
  { tryton, names, identifiers, timeZone }: TrytonBooks,
  location: string,
  now: () => number,
): ReadStatement {
  return async (cursor, signal): Promise<StatementReply> => {
    const known = await names(signal);
    if ('kind' in known) return unread(known);
    const place = known.locations.whole(location);
    if (place === undefined) return { kind: 'denied', reason: `Tryton has no location for ${location}` };
    const asOf = now();
    const found = await tryton.call(
      'product.product.search_read',
      [[['id', '>', Number(cursor ?? 0)]], 0, PAGE, [['id', 'ASC']], ['code', 'quantity']],
      signal,
      { locations: [place], with_childs: true, stock_date_end: dateOf(asOf, timeZone) },
    );
    if (found.kind !== 'result') return unread(found);
    const products = parseRows(found.value, Row);
    const rows = products.flatMap(({ code, quantity }): StatementRow[] => {
      const sku = code ? identifiers.skuOf(code) : undefined;
      // Books below zero show nothing that could be sold.
      return sku === undefined ? [] : [{ sku, units: Math.max(0, Math.round(quantity)), asOf }];
    });
    const last = products.at(-1)?.id;
    return { kind: 'page', rows, asOf, next: products.length < PAGE ? undefined : String(last) };
  };
}

function unread(trouble: Trouble): StatementReply {
  if (trouble.kind === 'fault') return { kind: 'denied', reason: `${trouble.name} ${trouble.message}` };
  return trouble.kind === 'denied' ? trouble : { kind: 'later', reason: trouble.reason };
}
