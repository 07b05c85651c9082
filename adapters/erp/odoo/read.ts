// Reads from Odoo what it received and counted: done moves by the time they were done (whole seconds there) and id. The last
// minutes are read again, because a transaction that takes long shows its moves late; what is told twice has the same id.
import { z } from 'zod';
import type { ErpFact } from '../../../domain/erp/own-fact.ts';
import type { ErpReads } from '../../../domain/erp/policy.ts';
import type { StatementRow } from '../../../domain/reconciliation/statement.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { ReadStatement, StatementReply } from '../../channels/statement.ts';
import type { ReadReply, Unmapped } from '../erp.ts';
import { Reference } from './names.ts';
import type { OdooBooks } from './post.ts';
import { type OdooTrouble, rowsOf } from './rpc.ts';

const PAGE = 200;
const STATEMENT_PAGE = 500;
const AGAIN_MS = 2 * MINUTE;
const DAWN = '2000-01-01 00:00:00';

const Move = z.object({
  id: z.int(),
  date: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  quantity: z.number(),
  product_id: Reference,
  location_id: Reference,
  location_dest_id: Reference,
});
type Move = z.output<typeof Move>;
const Quantity = z.object({ id: z.int(), qty_available: z.number() });
const Row = z.object({ id: z.int(), default_code: z.union([z.string(), z.literal(false)]), qty_available: z.number() });

export interface OdooReading extends OdooBooks {
  readonly now: () => number;
  /** Where reading begins that never was. */
  readonly since: number;
}

const WHAT: Readonly<Record<ErpReads, readonly unknown[]>> = {
  receipts: [
    ['location_id.usage', '=', 'supplier'],
    ['location_dest_id.usage', '=', 'internal'],
  ],
  counts: [['is_inventory', '=', true]],
};

export async function readOdoo(
  books: OdooReading,
  what: ErpReads,
  watermark: string | undefined,
  signal: AbortSignal,
): Promise<ReadReply> {
  const { odoo, since, now } = books;
  const uid = await odoo.uid(signal);
  if (typeof uid !== 'number') return notNow(uid);
  const [date = textOf(since), id = '0'] = watermark?.split('|') ?? [];
  const after = ['|', ['date', '>', date], '&', ['date', '=', date], ['id', '>', Number(id)]];
  const domain = [['state', '=', 'done'], ['create_uid', '!=', uid], ...WHAT[what], ...after];
  const fields = ['date', 'quantity', 'product_id', 'location_id', 'location_dest_id'];
  const keywords = { fields, order: 'date, id', limit: PAGE };
  const reply = await odoo.call('stock.move', 'search_read', [domain], keywords, signal);
  if (reply.kind !== 'result') return notNow(reply);
  const moves = rowsOf(reply.value, Move);
  const made = await factsOf(books, what, moves, signal);
  if ('kind' in made) return notNow(made);
  const more = moves.length >= PAGE;
  const settled = more ? moves.at(-1) : moves.findLast((move) => instantOf(move.date) <= now() - AGAIN_MS);
  const next = settled === undefined ? `${date}|${id}` : `${settled.date}|${settled.id}`;
  return { kind: 'facts', ...made, watermark: next, more };
}

async function factsOf(
  books: OdooReading,
  what: ErpReads,
  moves: readonly Move[],
  signal: AbortSignal,
): Promise<{ readonly facts: readonly ErpFact[]; readonly unmapped: readonly Unmapped[] } | OdooTrouble> {
  const names = await books.names(signal);
  if ('kind' in names) return names;
  const codes = await names.codes(
    moves.flatMap(({ product_id: product }) => (product ? [product[0]] : [])),
    signal,
  );
  if ('kind' in codes) return codes;
  const facts: ErpFact[] = [];
  const unmapped: Unmapped[] = [];
  for (const move of moves) {
    const [from, to] = [idOf(move.location_id), idOf(move.location_dest_id)];
    const inward = names.ours(to) !== undefined;
    const location = names.ours(inward ? to : from);
    const product = idOf(move.product_id);
    const code = codes.get(product);
    const sku = code === undefined ? undefined : books.identifiers.skuOf(code);
    if (location === undefined) unmapped.push({ what: 'location', id: String(inward ? to : from) });
    else if (sku === undefined) unmapped.push({ what: 'sku', id: code ?? `product ${product}` });
    else if (what === 'receipts') {
      const { quantity } = move;
      if (Number.isInteger(quantity) && quantity > 0)
        facts.push({ kind: 'receipt', id: String(move.id), sku, location, quantity, occurredAt: instantOf(move.date) });
      else if (quantity !== 0) unmapped.push({ what: 'sku', id: `${code} (${quantity} units)` });
    } else {
      const counted = await onHandAt(books, product, names.whole(location)!, move.date, signal);
      if (typeof counted !== 'number') return counted;
      const booked = Math.round(inward ? move.quantity : -move.quantity);
      const occurredAt = instantOf(move.date);
      facts.push({
        kind: 'count',
        id: String(move.id),
        sku,
        location,
        counted: Math.max(0, counted),
        booked,
        occurredAt,
      });
    }
  }
  return { facts, unmapped };
}

/** Odoo keeps by how much a count changed its books; what was counted is its on-hand right after. */
async function onHandAt(
  { odoo }: OdooReading,
  product: number,
  location: number,
  date: string,
  signal: AbortSignal,
): Promise<number | OdooTrouble> {
  const context = { location, to_date: date };
  const reply = await odoo.call('product.product', 'read', [[product], ['qty_available']], { context }, signal);
  if (reply.kind !== 'result') return reply;
  return Math.round(rowsOf(reply.value, Quantity)[0]?.qty_available ?? 0);
}

export function readOdooStatement({ odoo, names, identifiers, now }: OdooReading, location: string): ReadStatement {
  return async (cursor, signal): Promise<StatementReply> => {
    const known = await names(signal);
    if ('kind' in known) return unread(known);
    const place = known.whole(location);
    if (place === undefined) return { kind: 'denied', reason: `Odoo has no warehouse ${location}` };
    const asOf = now();
    const keywords = {
      fields: ['default_code', 'qty_available'],
      order: 'id',
      limit: STATEMENT_PAGE,
      context: { location: place },
    };
    const reply = await odoo.call(
      'product.product',
      'search_read',
      [[['id', '>', Number(cursor ?? 0)]]],
      keywords,
      signal,
    );
    if (reply.kind !== 'result') return unread(reply);
    const products = rowsOf(reply.value, Row);
    const rows = products.flatMap(({ default_code: code, qty_available: units }): StatementRow[] => {
      const sku = code ? identifiers.skuOf(code) : undefined;
      return sku === undefined ? [] : [{ sku, units: Math.max(0, Math.round(units)), asOf }];
    });
    const next = products.length < STATEMENT_PAGE ? undefined : String(products.at(-1)!.id);
    return { kind: 'page', rows, asOf, next };
  };
}

function idOf(reference: z.output<typeof Reference>): number {
  return reference ? reference[0] : -1;
}

function instantOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

function textOf(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 19).replace('T', ' ') : DAWN;
}

function notNow(trouble: OdooTrouble): ReadReply {
  if (trouble.kind === 'fault') return { kind: 'denied', reason: `${trouble.name} ${trouble.message}` };
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}

function unread(trouble: OdooTrouble): StatementReply {
  if (trouble.kind === 'fault') return { kind: 'denied', reason: `${trouble.name} ${trouble.message}` };
  return trouble.kind === 'denied' ? trouble : { kind: 'later', reason: trouble.reason };
}
