// Posts movements to Odoo as transfers (stock.picking), one a movement, with our reference as their source document. They are
// created as drafts, confirmed and filled in, which moves nothing; one last call validates them all. A look-up cancels and
// removes what was begun and not done, so that it cannot come later.
import { z } from 'zod';
import type { Movement } from '../../../domain/erp/movement.ts';
import type { Identifiers } from '../../channels/identifiers.ts';
import type { LookUpReply, PostReply } from '../erp.ts';
import type { OdooNames, ReadOdooNames } from './names.ts';
import { type Odoo, type OdooReply, type OdooTrouble, rowsOf } from './rpc.ts';

export interface OdooBooks {
  readonly odoo: Odoo;
  readonly names: ReadOdooNames;
  readonly identifiers: Identifiers;
}

const PICKING = 'stock.picking';
const Ids = z.array(z.int());
const Move = z.object({ id: z.int(), product_uom_qty: z.number() });
const Found = z.object({ id: z.int(), origin: z.string(), state: z.string() });
/** No questions about what is left over, and no messages to customers. */
const QUIET = { context: { skip_backorder: true, skip_sms: true } };

export async function postToOdoo(
  books: OdooBooks,
  movements: readonly Movement[],
  signal: AbortSignal,
): Promise<PostReply> {
  const { odoo } = books;
  const names = await books.names(signal);
  if ('kind' in names) return beforeAnything(names);
  const pickings = await pickingsOf(books, names, movements, signal);
  if ('kind' in pickings) return pickings;
  const created = await odoo.call(PICKING, 'create', [pickings], {}, signal);
  if (created.kind !== 'result') return created.kind === 'unknown' ? created : beforeAnything(created);
  const ids = Ids.safeParse(created.value).data ?? [];
  if (ids.length !== pickings.length)
    return { kind: 'unknown', reason: 'transfers were created without telling their ids' };
  const confirmed = await odoo.call(PICKING, 'action_confirm', [ids], {}, signal);
  if (confirmed.kind !== 'result') return undone(odoo, ids, confirmed, signal);
  const fields = ['product_uom_qty'];
  const moves = await odoo.call('stock.move', 'search_read', [[['picking_id', 'in', ids]]], { fields }, signal);
  if (moves.kind !== 'result') return undone(odoo, ids, moves, signal);
  for (const [quantity, same] of Map.groupBy(rowsOf(moves.value, Move), (move) => move.product_uom_qty)) {
    const filled = [same.map(({ id }) => id), { quantity, picked: true }];
    const written = await odoo.call('stock.move', 'write', filled, {}, signal);
    if (written.kind !== 'result') return undone(odoo, ids, written, signal);
  }
  const done = await odoo.call(PICKING, 'button_validate', [ids], QUIET, signal);
  if (done.kind === 'unknown') return done;
  if (done.kind !== 'result') return undone(odoo, ids, done, signal);
  // Anything but true is a question to somebody at the screen, and nothing is done before it is answered.
  if (done.value !== true) {
    return undone(
      odoo,
      ids,
      { kind: 'fault', name: 'button_validate', message: 'Odoo asks a question instead' },
      signal,
    );
  }
  return { kind: 'confirmed', ids: new Map(movements.map(({ reference }, n) => [reference, String(ids[n])])) };
}

async function pickingsOf(
  { identifiers }: OdooBooks,
  names: OdooNames,
  movements: readonly Movement[],
  signal: AbortSignal,
): Promise<readonly object[] | PostReply> {
  const codes = movements.map(({ sku }) => identifiers.ofSku(sku)?.id ?? '');
  const products = await names.products(codes, signal);
  if ('kind' in products) return beforeAnything(products);
  const pickings: object[] = [];
  for (const [n, { reference, sku, location, from, to, quantity, kind }] of movements.entries()) {
    const product = products.get(codes[n]!);
    if (product === undefined) {
      return {
        kind: 'refused',
        reference,
        unmapped: 'sku',
        reason: `Odoo has no product with the reference ${codes[n] || sku}`,
      };
    }
    const at = (place: Movement['from']) => (place === 'stock' ? names.ofStock(location) : names.of(place));
    const type = from === 'stock' && to === 'customer' ? 'outgoing' : from === 'customer' ? 'incoming' : 'internal';
    const [source, target, pickingType] = [at(from), at(to), names.typeOf(location, type)];
    if (source === undefined || target === undefined || pickingType === undefined) {
      const reason = `Odoo has no warehouse ${location}, or nothing to move from ${from} to ${to} with there`;
      return { kind: 'refused', reference, unmapped: 'location', reason };
    }
    const way = { location_id: source, location_dest_id: target };
    const move = { name: kind, product_id: product.id, product_uom: product.unit, product_uom_qty: quantity, ...way };
    pickings.push({ picking_type_id: pickingType, origin: reference, ...way, move_ids: [[0, 0, move]] });
  }
  return pickings;
}

/** Nothing of the books has been done. */
function beforeAnything(trouble: OdooTrouble): PostReply {
  if (trouble.kind === 'fault') return { kind: 'refused', reason: faultText(trouble) };
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}

function faultText({ name, message }: { readonly name: string; readonly message: string }): string {
  return `${name.replace(/^odoo\.exceptions\./, '')}: ${message.replaceAll('\n', ' ')}`;
}

/** Takes back what was begun. Where that is not certain, a look-up does it. */
async function undone(
  odoo: Odoo,
  ids: readonly number[],
  why: Exclude<OdooReply, { kind: 'result' }>,
  signal: AbortSignal,
): Promise<PostReply> {
  if (why.kind === 'unknown') return why;
  const reason = why.kind === 'fault' ? faultText(why) : why.reason;
  const removed = await remove(odoo, ids, signal);
  if (removed !== undefined) return { kind: 'unknown', reason };
  return why.kind === 'fault' ? { kind: 'refused', reason } : why;
}

async function remove(odoo: Odoo, ids: readonly number[], signal: AbortSignal): Promise<OdooTrouble | undefined> {
  if (ids.length === 0) return undefined;
  for (const method of ['action_cancel', 'unlink']) {
    const reply = await odoo.call(PICKING, method, [ids], {}, signal);
    if (reply.kind !== 'result') return reply;
  }
  return undefined;
}

export async function lookUpInOdoo(
  { odoo }: OdooBooks,
  references: readonly string[],
  signal: AbortSignal,
): Promise<LookUpReply> {
  const fields = ['origin', 'state'];
  const reply = await odoo.call(PICKING, 'search_read', [[['origin', 'in', references]]], { fields }, signal);
  if (reply.kind !== 'result') return notNow(reply);
  const rows = rowsOf(reply.value, Found);
  const begun = rows.filter(({ state }) => state !== 'done').map(({ id }) => id);
  const trouble = await remove(odoo, begun, signal);
  if (trouble !== undefined) return notNow(trouble);
  const done = rows.filter(({ state }) => state === 'done');
  return { kind: 'found', ids: new Map(done.map(({ origin, id }) => [origin, String(id)])) };
}

function notNow(trouble: OdooTrouble): Exclude<LookUpReply, { kind: 'found' }> {
  if (trouble.kind === 'fault') return { kind: 'retryLater', reason: faultText(trouble) };
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}
