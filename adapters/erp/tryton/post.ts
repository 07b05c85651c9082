// Posts movements to Tryton as stock moves, each with our references as notes on it. Only the last of the calls changes
// stock: moves are created as drafts, noted, assigned, and then done all at once. So of a call whose answer was lost only
// that one leaves a doubt; a look-up removes whatever was begun and not done, so that nothing of it can come later.
import { z } from 'zod';
import type { Movement } from '../../../domain/erp/movement.ts';
import type { Identifiers } from '../../channels/identifiers.ts';
import type { LookUpReply, PostReply } from '../erp.ts';
import { parseRows, type ReadNames, type TrytonNames } from './names.ts';
import type { RpcReply, Trouble, Tryton } from './rpc.ts';
import { dateOf, decimal } from './value.ts';

export interface TrytonBooks {
  readonly tryton: Tryton;
  readonly names: ReadNames;
  readonly identifiers: Identifiers;
  /** Of Tryton's dates. */
  readonly timeZone: string;
}

const Ids = z.array(z.int());
const NoteRow = z.object({ id: z.int(), message: z.string(), resource: z.string().nullish() });
const MoveRow = z.object({ id: z.int(), state: z.string() });
const MOVE = 'stock.move';

export async function post(
  books: TrytonBooks,
  movements: readonly Movement[],
  signal: AbortSignal,
): Promise<PostReply> {
  const names = await books.names(signal);
  if ('kind' in names) return beforeAnything(names);
  const moves = await movesOf(books, names, movements, signal);
  if ('kind' in moves) return moves;
  const call = (method: string, params: readonly unknown[]) => books.tryton.call(method, params, signal);

  const created = await call(`${MOVE}.create`, [moves.map(({ row }) => row)]);
  // Drafts may be there that nobody can name: the look-up removes them.
  if (created.kind !== 'result') return created.kind === 'unknown' ? created : beforeAnything(created);
  const ids = Ids.safeParse(created.value).data ?? [];
  if (ids.length !== moves.length)
    return { kind: 'unknown', reason: 'the moves were created without telling their ids' };
  const notes = moves.flatMap(({ references }, n) =>
    references.map((message) => ({ resource: `${MOVE},${ids[n]}`, message })),
  );
  for (const [method, params] of [
    ['ir.note.create', [notes]],
    [`${MOVE}.assign`, [ids]],
  ] as const) {
    const reply = await call(method, params);
    if (reply.kind !== 'result') return undone(books, ids, reply, signal);
  }
  const done = await call(`${MOVE}.do`, [ids]);
  if (done.kind === 'unknown') return done;
  if (done.kind !== 'result') return undone(books, ids, done, signal);
  return {
    kind: 'confirmed',
    ids: new Map(moves.flatMap(({ references }, n) => references.map((one) => [one, String(ids[n])] as const))),
  };
}

interface Move {
  readonly row: Readonly<Record<string, unknown>>;
  readonly references: string[];
}

/** Movements of the same units on the same way and day are one move: books and notes say as much, in fewer rows. */
async function movesOf(
  { identifiers, timeZone }: TrytonBooks,
  { locations, currency, products }: TrytonNames,
  movements: readonly Movement[],
  signal: AbortSignal,
): Promise<readonly Move[] | PostReply> {
  const codes = movements.map(({ sku }) => identifiers.ofSku(sku)?.id ?? '');
  const known = await products(codes, signal);
  if ('kind' in known) return beforeAnything(known);
  const moves = new Map<string, Move & { quantity: number }>();
  for (const [n, movement] of movements.entries()) {
    const { reference, sku, location, from, to, quantity, occurredAt, recordedAt } = movement;
    const product = known.get(codes[n]!);
    if (product === undefined) {
      return {
        kind: 'refused',
        reference,
        unmapped: 'sku',
        reason: `Tryton has no product with the code ${codes[n] || sku}`,
      };
    }
    const at = (place: Movement['from']) =>
      place === 'stock' ? locations.ofStock(location) : locations.of(place, location);
    const [fromId, toId] = [at(from), at(to)];
    if (fromId === undefined || toId === undefined) {
      const missing = fromId === undefined ? from : to;
      const reason = `Tryton has no location for ${missing === 'stock' ? location : missing}`;
      return { kind: 'refused', reference, unmapped: 'location', reason };
    }
    // A clock that runs ahead must not book into tomorrow.
    const date = dateOf(Math.min(occurredAt, recordedAt), timeZone);
    const key = [fromId, toId, product.id, date.year, date.month, date.day].join(' ');
    const same = moves.get(key);
    if (same !== undefined) {
      same.quantity += quantity;
      same.references.push(reference);
      continue;
    }
    const row = {
      ...{ product: product.id, uom: product.unit, from_location: fromId, to_location: toId, currency },
      // Tryton wants one where units come or go; what they were sold for is not known here.
      unit_price: decimal('0'),
      effective_date: date,
    };
    moves.set(key, { row, references: [reference], quantity });
  }
  return [...moves.values()].map(({ row, references, quantity }) => ({ row: { ...row, quantity }, references }));
}

/** Nothing of the books has been done. */
function beforeAnything(trouble: Trouble): PostReply {
  if (trouble.kind === 'fault') return { kind: 'refused', reason: faultText(trouble) };
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}

function faultText({ name, message }: { readonly name: string; readonly message: string }): string {
  return message === '' ? name : `${name}: ${message.replaceAll('\n', ' ')}`;
}

/** Takes back what was begun. Where that is not certain, a look-up does it. */
async function undone(
  { tryton }: TrytonBooks,
  ids: readonly number[],
  why: Exclude<RpcReply, { kind: 'result' }>,
  signal: AbortSignal,
): Promise<PostReply> {
  if (why.kind === 'unknown') return why;
  const reason = why.kind === 'fault' ? faultText(why) : why.reason;
  for (const method of [`${MOVE}.draft`, `${MOVE}.delete`]) {
    const reply = await tryton.call(method, [ids], signal);
    if (reply.kind !== 'result') return { kind: 'unknown', reason };
  }
  return why.kind === 'fault' ? { kind: 'refused', reason } : why;
}

export async function lookUp(
  { tryton }: TrytonBooks,
  references: readonly string[],
  signal: AbortSignal,
): Promise<LookUpReply> {
  const opened = await tryton.session(signal);
  if (opened.kind !== 'session') return notNow(opened);
  const call = async (method: string, ...params: readonly unknown[]) => tryton.call(method, params, signal);
  const begun = await call(
    `${MOVE}.search`,
    [
      ['state', 'in', ['draft', 'assigned']],
      ['create_uid', '=', opened.session.uid],
      ['shipment', '=', null],
      ['origin', '=', null],
    ],
    0,
    null,
    null,
  );
  if (begun.kind !== 'result') return notNow(begun);
  const litter = Ids.safeParse(begun.value).data ?? [];
  for (const method of litter.length === 0 ? [] : ['draft', 'delete']) {
    const removed = await call(`${MOVE}.${method}`, litter);
    if (removed.kind !== 'result') return notNow(removed);
  }
  const noted = await call('ir.note.search_read', [['message', 'in', references]], 0, null, null, [
    'message',
    'resource',
  ]);
  if (noted.kind !== 'result') return notNow(noted);
  const notes = parseRows(noted.value, NoteRow);
  const moveOf = ({ resource }: z.output<typeof NoteRow>) => Number(resource?.split(',')[1] ?? -1);
  const moves = await call(
    `${MOVE}.search_read`,
    [
      ['id', 'in', notes.map(moveOf)],
      ['state', '=', 'done'],
    ],
    0,
    null,
    null,
    ['state'],
  );
  if (moves.kind !== 'result') return notNow(moves);
  const done = new Set(parseRows(moves.value, MoveRow).map(({ id }) => id));
  const stale = notes.filter((note) => !done.has(moveOf(note)));
  if (stale.length > 0) {
    const removed = await call(
      'ir.note.delete',
      stale.map(({ id }) => id),
    );
    if (removed.kind !== 'result') return notNow(removed);
  }
  const found = notes.filter((note) => done.has(moveOf(note)));
  return { kind: 'found', ids: new Map(found.map((note) => [note.message, String(moveOf(note))])) };
}

function notNow(trouble: Trouble): Exclude<LookUpReply, { kind: 'found' }> {
  if (trouble.kind === 'fault') return { kind: 'retryLater', reason: faultText(trouble) };
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}
