// The marketplace says what it shows: a page of its listings by SKU, to who can sign for it. Read back by reconciliation.
import type { Context } from 'hono';
import { z } from 'zod';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from '../signature.ts';
import type { Listings } from './listings.ts';

const Query = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  after: z.string().max(500).optional(),
});

/** Pages follow the order of SKUs, so a listing that comes or goes between two pages moves no other. */
export function statementPage(call: Context, secrets: readonly string[], listings: Listings, now: number): Response {
  const url = new URL(call.req.url);
  const headers = { timestamp: call.req.header(TIMESTAMP_HEADER), signature: call.req.header(SIGNATURE_HEADER) };
  if (!verify(secrets, headers, `GET ${url.pathname}${url.search}`, now)) {
    return call.json({ error: 'unauthenticated' }, 401);
  }
  const query = Query.safeParse(call.req.query());
  if (!query.success) return call.json({ error: z.prettifyError(query.error) }, 400);
  const { limit, after } = query.data;
  const skus = [...listings.entries()]
    .map(([sku]) => sku)
    .filter((sku) => after === undefined || sku > after)
    .sort();
  const page = skus.slice(0, limit).map((sku) => {
    const { units, version, updatedAt } = listings.get(sku)!;
    return { sku, units, version: String(version), changedAt: new Date(updatedAt).toISOString() };
  });
  const more = skus.length > limit ? { next: page.at(-1)!.sku } : {};
  return call.json({ asOf: new Date(now).toISOString(), listings: page, ...more });
}
