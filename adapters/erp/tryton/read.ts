// Reads from Tryton what it received (moves from suppliers) and counted (inventories), by when a record was written last
// and its id. A transaction that takes long commits records with an earlier time, so the last minutes are read again;
// what is told twice has the same id.
import { z } from 'zod';
import type { ErpFact } from '../../../domain/erp/own-fact.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { ReadReply, Unmapped } from '../erp.ts';
import { parseRows, type TrytonNames } from './names.ts';
import type { TrytonBooks } from './post.ts';
import type { Trouble } from './rpc.ts';
import { endOfDay, instantOf, TrytonDate, TrytonTime, timeAt, timeOf, timeText } from './value.ts';

const PAGE = 200;
const INVENTORIES_PAGE = 10;
const LINES_MAX = 20_000;
const AGAIN_MS = 2 * MINUTE;

interface Mark {
  readonly time: TrytonTime;
  readonly id: number;
}

const Product = z.object({ code: z.string().nullish() }).nullish();
const MoveRow = z.object({
  id: z.int(),
  write_date: TrytonTime,
  to_location: z.int(),
  internal_quantity: z.number(),
  'product.': Product,
});
const InventoryRow = z.object({
  id: z.int(),
  write_date: TrytonTime,
  location: z.int(),
  date: TrytonDate,
  empty_quantity: z.string().nullish(),
});
const LineRow = z.object({
  id: z.int(),
  inventory: z.int(),
  quantity: z.number().nullish(),
  expected_quantity: z.number(),
  'product.': Product,
});

export interface Reading extends TrytonBooks {
  readonly now: () => number;
  /** Where reading begins that never was. */
  readonly since: number;
}

export async function readReceipts(
  books: Reading,
  watermark: string | undefined,
  signal: AbortSignal,
): Promise<ReadReply> {
  const { rows, names, mark } = await page(
    books,
    watermark,
    signal,
    'stock.move',
    PAGE,
    MoveRow,
    [
      ['state', '=', 'done'],
      ['from_location.type', '=', 'supplier'],
      ['to_location.type', '=', 'storage'],
    ],
    ['write_date', 'to_location', 'internal_quantity', 'product.code'],
  );
  if (rows === undefined) return notNow(names);
  const facts: ErpFact[] = [];
  const unmapped: Unmapped[] = [];
  for (const row of rows) {
    const named = nameOf(books, names, row.to_location, row['product.']?.code, row.internal_quantity);
    if ('what' in named) unmapped.push(named);
    else if (row.internal_quantity > 0) {
      facts.push({
        kind: 'receipt',
        id: String(row.id),
        ...named,
        quantity: row.internal_quantity,
        occurredAt: instantOf(row.write_date),
      });
    }
  }
  return { kind: 'facts', facts, unmapped, ...after(books, rows, mark, PAGE) };
}

export async function readCounts(
  books: Reading,
  watermark: string | undefined,
  signal: AbortSignal,
): Promise<ReadReply> {
  const { rows, names, mark } = await page(
    books,
    watermark,
    signal,
    'stock.inventory',
    INVENTORIES_PAGE,
    InventoryRow,
    [['state', '=', 'done']],
    ['write_date', 'location', 'date', 'empty_quantity'],
  );
  if (rows === undefined) return notNow(names);
  const lines = await books.tryton.call(
    'stock.inventory.line.search_read',
    [
      [['inventory', 'in', rows.map(({ id }) => id)]],
      0,
      LINES_MAX,
      [['id', 'ASC']],
      ['inventory', 'quantity', 'expected_quantity', 'product.code'],
    ],
    signal,
  );
  if (lines.kind !== 'result') return notNow(lines);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const facts: ErpFact[] = [];
  const unmapped: Unmapped[] = [];
  for (const line of parseRows(lines.value, LineRow)) {
    const inventory = byId.get(line.inventory)!;
    const counted = line.quantity ?? (inventory.empty_quantity === 'empty' ? 0 : undefined);
    if (counted === undefined) continue;
    const named = nameOf(books, names, inventory.location, line['product.']?.code, counted);
    // A zone of a location is not the location: its count says nothing of the rest.
    if ('what' in named) unmapped.push(named);
    else if (names.locations.ofStock(named.location) !== inventory.location) {
      unmapped.push({ what: 'location', id: String(inventory.location) });
    } else {
      const occurredAt = Math.min(instantOf(inventory.write_date), endOfDay(inventory.date));
      const booked = Math.round(counted - line.expected_quantity);
      facts.push({ kind: 'count', id: String(line.id), ...named, counted, booked, occurredAt });
    }
  }
  return { kind: 'facts', facts, unmapped, ...after(books, rows, mark, INVENTORIES_PAGE) };
}

type Condition = readonly [string, string, unknown];
type Page<T> =
  | { readonly rows: readonly T[]; readonly names: TrytonNames; readonly mark: Mark }
  | { readonly rows: undefined; readonly names: Trouble; readonly mark: Mark };

async function page<T>(
  books: Reading,
  watermark: string | undefined,
  signal: AbortSignal,
  model: string,
  limit: number,
  row: z.ZodType<T>,
  conditions: readonly Condition[],
  fields: readonly string[],
): Promise<Page<T>> {
  const mark = markOf(watermark) ?? { time: timeAt(books.since), id: 0 };
  const names = await books.names(signal);
  if ('kind' in names) return { rows: undefined, names, mark };
  const opened = await books.tryton.session(signal);
  if (opened.kind !== 'session') return { rows: undefined, names: opened, mark };
  const after = [
    'OR',
    [['write_date', '>', mark.time]],
    [
      ['write_date', '=', mark.time],
      ['id', '>', mark.id],
    ],
  ];
  const ownNot: Condition = ['create_uid', '!=', opened.session.uid];
  const found = await books.tryton.call(
    `${model}.search_read`,
    [
      [...conditions, ownNot, after],
      0,
      limit,
      [
        ['write_date', 'ASC'],
        ['id', 'ASC'],
      ],
      fields,
    ],
    signal,
  );
  if (found.kind !== 'result') return { rows: undefined, names: found, mark };
  return { rows: parseRows(found.value, row), names, mark };
}

/** Where reading goes on: after the last row, but not before it can be certain that nothing comes in between. */
function after(
  { now }: Reading,
  rows: readonly { readonly id: number; readonly write_date: TrytonTime }[],
  mark: Mark,
  limit: number,
): { readonly watermark: string; readonly more: boolean } {
  const last = rows.at(-1);
  const more = rows.length >= limit;
  if (last === undefined) return { watermark: textOf(mark), more: false };
  const settledAt = now() - AGAIN_MS;
  if (more || instantOf(last.write_date) <= settledAt)
    return { watermark: textOf({ time: last.write_date, id: last.id }), more };
  const settled = rows.findLast((row) => instantOf(row.write_date) <= settledAt);
  return { watermark: textOf(settled === undefined ? mark : { time: settled.write_date, id: settled.id }), more };
}

function textOf({ time, id }: Mark): string {
  return `${timeText(time)}|${id}`;
}

function markOf(watermark: string | undefined): Mark | undefined {
  const [text = '', id = ''] = watermark?.split('|') ?? [];
  const time = timeOf(text);
  return time === undefined || !/^\d+$/.test(id) ? undefined : { time, id: Number(id) };
}

function nameOf(
  { identifiers }: Reading,
  { locations }: TrytonNames,
  locationId: number,
  code: string | null | undefined,
  units: number,
): { readonly sku: string; readonly location: string } | Unmapped {
  const location = locations.ours(locationId);
  if (location === undefined) return { what: 'location', id: String(locationId) };
  const sku = code ? identifiers.skuOf(code) : undefined;
  if (sku === undefined) return { what: 'sku', id: code || 'without a code' };
  return Number.isInteger(units) ? { sku, location } : { what: 'sku', id: `${code} (${units} units)` };
}

function notNow(trouble: Trouble): ReadReply {
  if (trouble.kind === 'fault') return { kind: 'denied', reason: `${trouble.name} ${trouble.message}` };
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}
