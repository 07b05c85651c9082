// What a WooCommerce shop shows, page by page: its products, then its variations, which are listed at an address of their
// own (from WooCommerce 10.3 on). Sorted by id, so that a product that is changed meanwhile does not move.
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import { unreadOf, unreadOfError } from '../http-reading.ts';
import type { Answer } from '../http-reply.ts';
import type { Identifiers } from '../identifiers.ts';
import { jsonOf } from '../json.ts';
import type { ReadStatement, StatementReply } from '../statement.ts';
import { saidIn, type WooApi } from './api.ts';

/** The most that WooCommerce gives at once. */
const PAGE_ROWS = 100;
const FIELDS = 'id,type,manage_stock,stock_quantity';

/** Our own: where we are, and whether a product with variations was among those so far. */
const Cursor = z.tuple([z.enum(['products', 'variations']), z.int().min(1), z.boolean()]);
type Cursor = z.infer<typeof Cursor>;

const Page = z
  .array(
    z.object({
      id: z.int().positive(),
      type: z.string().optional(),
      /** `parent`: of a variation whose units are those of the product. */
      manage_stock: z.union([z.boolean(), z.literal('parent')]),
      stock_quantity: z.number().nullish(),
    }),
  )
  .max(PAGE_ROWS);

export function readWooStatement(api: WooApi, identifiers: Identifiers, clock: Clock): ReadStatement {
  return async (given, signal) => {
    const at = given === undefined ? undefined : Cursor.safeParse(jsonOf(given)).data;
    if (given !== undefined && at === undefined)
      return { kind: 'malformed', reason: 'it is no cursor of this adapter' };
    const cursor: Cursor = at ?? ['products', 1, false];
    const [what, page] = cursor;
    const query = { page: String(page), per_page: String(PAGE_ROWS), orderby: 'id', order: 'asc', _fields: FIELDS };
    try {
      const answer = await api.get(`/${what}`, query, signal);
      return unreadOf(answer, clock.now(), saidIn(answer)) ?? pageOf(answer, cursor, identifiers, clock.now());
    } catch (error) {
      return unreadOfError(error);
    }
  };
}

function pageOf(answer: Answer, cursor: Cursor, { skuOf }: Identifiers, now: number): StatementReply {
  const parsed = Page.safeParse(jsonOf(answer.text));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return { kind: 'malformed', reason: `the list of products, ${path.join('.') || 'as a whole'}: ${message}` };
  }
  const rows = parsed.data.flatMap(({ id, manage_stock: managed, stock_quantity: quantity }) => {
    const sku = skuOf(String(id));
    // What nobody mapped is not ours to compare. What has no count of its own shows no number that could be right or wrong.
    if (sku === undefined || managed !== true) return [];
    // Below zero is what was sold on backorder: none can be bought.
    return [{ sku, units: Math.max(0, Math.floor(quantity ?? 0)), asOf: now }];
  });
  const isVaried = cursor[2] || parsed.data.some(({ type }) => type === 'variable');
  const next = nextOf([cursor[0], cursor[1], isVaried], pagesIn(answer), parsed.data.length);
  return { kind: 'page', asOf: undefined, rows, next: next && JSON.stringify(next) };
}

function nextOf([what, page, isVaried]: Cursor, pages: number | undefined, rows: number): Cursor | undefined {
  const more = pages === undefined ? rows === PAGE_ROWS : page < pages;
  if (more) return [what, page + 1, isVaried];
  return what === 'products' && isVaried ? ['variations', 1, isVaried] : undefined;
}

function pagesIn({ headers }: Answer): number | undefined {
  const text = headers.get('x-wp-totalpages') ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
