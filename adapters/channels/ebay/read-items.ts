// What eBay shows, read from its inventory items: of a few SKUs (bulkGetInventoryItem) for reading back, and of all
// (getInventoryItems, page by page) as a statement. Both tell the ship-to-home quantity, which is what we set; an offer's
// own quantity, if it is lower, is not in either answer.
import { z } from 'zod';
import { Sku } from '../../../domain/stock/stream.ts';
import type { Clock } from '../../../domain/time.ts';
import type { Connector } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import { jsonOf } from '../json.ts';
import type { ReadStatement } from '../statement.ts';
import { type EbayApi, readingFailed } from './api.ts';
import { EbayError, wordsOf } from './errors.ts';

export interface ReadItemsOptions {
  readonly api: EbayApi;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
}

const Availability = z
  .object({ shipToLocationAvailability: z.object({ quantity: z.int().min(0).nullish() }).nullish() })
  .nullish();
type Availability = z.infer<typeof Availability>;
const quantityOf = (availability: Availability): number => availability?.shipToLocationAvailability?.quantity ?? 0;

const Found = z.object({
  sku: z.string(),
  statusCode: z.int(),
  inventoryItem: z.object({ availability: Availability }).nullish(),
  errors: z
    .array(EbayError)
    .nullish()
    .transform((errors) => errors ?? []),
});
const FoundAll = z.object({ responses: z.array(Found) });

/** No such SKU, or no such item: it is not shown. */
const NOT_THERE: ReadonlySet<number> = new Set([25702, 25710]);

export function readBackItems({ api, identifiers }: ReadItemsOptions): NonNullable<Connector['readBack']> {
  return async (skus, signal) => {
    const asked = new Map(skus.map((sku) => [identifiers.ofSku(sku)?.id ?? sku, sku]));
    const requests = [...asked.keys()].map((sku) => ({ sku }));
    const reply = await api.ask(`${INVENTORY}/bulk_get_inventory_item`, { requests }, signal);
    if (reply.kind !== 'answered') return readingFailed(reply);
    const body = FoundAll.safeParse(jsonOf(reply.answer.text));
    if (!body.success) return { kind: 'later', reason: 'the answer is not the JSON that was agreed' };
    const units = new Map<string, number>();
    const heard = new Set<string>();
    for (const { sku: id, statusCode, inventoryItem, errors } of body.data.responses) {
      const sku = asked.get(id);
      if (sku === undefined) continue;
      heard.add(id);
      if (statusCode === 200 && inventoryItem != null) units.set(sku, quantityOf(inventoryItem.availability));
      else if (statusCode !== 404 && !errors.some(({ errorId }) => NOT_THERE.has(errorId ?? 0))) {
        return { kind: 'later', reason: `eBay ${wordsOf(errors, `status ${statusCode}`)}` };
      }
    }
    // One that is left out was not answered; only one that is answered as not there is not shown.
    const missing = asked.keys().find((id) => !heard.has(id));
    return missing === undefined
      ? { kind: 'shown', units }
      : { kind: 'later', reason: `eBay did not answer for ${missing}` };
  };
}

const Page = z
  .object({
    inventoryItems: z
      .array(z.object({ sku: z.string(), availability: Availability }))
      .nullish()
      .transform((items) => items ?? []),
    next: z.string().nullish(),
    total: z.int().min(0),
  })
  .refine(
    ({ inventoryItems, total }) => total === 0 || inventoryItems.length > 0,
    'holds none of the items that there are',
  );
const PAGE_ITEMS = 100;

/** The cursor is the `offset` of eBay's own link to the next page; whether that counts pages or items is eBay's matter. */
export function readStatementOfItems({ api, identifiers, clock }: ReadItemsOptions): ReadStatement {
  return async (cursor, signal) => {
    const askedAt = clock.now();
    const reply = await api.ask(
      `${INVENTORY}/inventory_item?limit=${PAGE_ITEMS}&offset=${cursor ?? '0'}`,
      undefined,
      signal,
    );
    if (reply.kind !== 'answered') return readingFailed(reply);
    const page = Page.safeParse(jsonOf(reply.answer.text));
    if (!page.success) {
      const { path, message } = page.error.issues[0]!;
      return { kind: 'malformed', reason: `the page's ${path.join('.') || 'body'}: ${message}` };
    }
    const next = nextOffset(page.data.next);
    if (next !== undefined && !(Number(next) > Number(cursor ?? '0'))) {
      return { kind: 'malformed', reason: 'the link to the next page does not lead on' };
    }
    const rows = page.data.inventoryItems.flatMap(({ sku: id, availability }) => {
      const sku = identifiers.skuOf(id);
      // What cannot be an SKU of ours was listed there by somebody else.
      return sku !== undefined && Sku.safeParse(sku).success
        ? [{ sku, units: quantityOf(availability), asOf: askedAt }]
        : [];
    });
    return { kind: 'page', rows, asOf: undefined, next };
  };
}

function nextOffset(link: string | null | undefined): string | undefined {
  if (link == null || link === '') return undefined;
  return /[?&]offset=(\d{1,9})(?:&|$)/.exec(link)?.[1] ?? 'none';
}

const INVENTORY = '/sell/inventory/v1';
