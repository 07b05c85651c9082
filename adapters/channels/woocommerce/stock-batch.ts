// Tells a WooCommerce shop its stock: up to 100 products in one batch, each answered for itself. Variations have an address
// of their own below their parent product, so a call takes those of one parent, or products that are no variations.
import { z } from 'zod';
import type { Batch, Outcome, Reply, Update } from '../channel.ts';
import { refusalOf, replyOfError } from '../http-reply.ts';
import type { Identifier, Identifiers } from '../identifiers.ts';
import { jsonOf } from '../json.ts';
import type { VendorSpecificChannel } from '../vendor.ts';
import { saidIn, type WooApi, WooError, wordsOf } from './api.ts';

/** More are refused as `woocommerce_rest_request_entity_too_large` (filter `woocommerce_rest_batch_items_limit`). */
export const BATCH_MAX = 100;

interface Listed extends Update {
  readonly id: number;
}

/** A product id, with the parent's as `parent` if it is a variation. */
const ListingId = z.string().regex(/^[1-9]\d{0,15}$/);
const OTHER_ADDRESS: Outcome = { kind: 'retryLater', afterMs: 0 };

/** Those with the address of the first; what is not mapped needs no address. */
export function togetherIn({ ofSku }: Identifiers): (skus: readonly string[]) => readonly string[] {
  return (skus) => {
    let address: string | undefined;
    return skus.filter((sku) => {
      const own = addressOf(ofSku(sku));
      address ??= own;
      return own === undefined || own === address;
    });
  };
}

function addressOf(identifier: Identifier | undefined): string | undefined {
  if (identifier === undefined || !ListingId.safeParse(identifier.id).success) return undefined;
  const parent = identifier.more?.['parent'];
  if (parent === undefined) return '/products/batch';
  return ListingId.safeParse(parent).success ? `/products/${parent}/variations/batch` : undefined;
}

export function createStockBatch(api: WooApi, { identifiers, clock }: VendorSpecificChannel) {
  return async (batch: Batch, signal: AbortSignal): Promise<Reply> => {
    const { address, listed, outcomes } = sorted(batch.updates, identifiers);
    if (address === undefined) return { kind: 'answered', outcomes };
    const update = listed.map(({ id, units }) => ({ id, manage_stock: true, stock_quantity: units }));
    const headers = batch.traceparent === undefined ? {} : { traceparent: batch.traceparent };
    try {
      const answer = await api.post(address, { update }, signal, headers);
      const refusal = refusalOf(answer, clock.now(), saidIn(answer));
      if (refusal !== undefined) return refusal;
      const answered = outcomesIn(answer.text, listed);
      if (answered === undefined) return { kind: 'unknown', reason: 'the answer is not a batch of WooCommerce' };
      return { kind: 'answered', outcomes: new Map([...outcomes, ...answered]) };
    } catch (error) {
      return replyOfError(error);
    }
  };
}

/** What goes in this call, and what is clear without one. */
function sorted(updates: readonly Update[], { ofSku }: Identifiers) {
  const outcomes = new Map<string, Outcome>();
  const listed: Listed[] = [];
  const taken = new Map<string, string>();
  let address: string | undefined;
  for (const update of updates) {
    const { sku } = update;
    const identifier = ofSku(sku);
    const own = addressOf(identifier);
    if (identifier === undefined || own === undefined) {
      const what = identifier === undefined ? 'unmapped' : `unmapped: ${JSON.stringify(identifier)} is no product id`;
      outcomes.set(sku, { kind: 'refused', reason: what });
      continue;
    }
    address ??= own;
    const twin = taken.get(identifier.id);
    if (own !== address) outcomes.set(sku, OTHER_ADDRESS);
    else if (twin !== undefined)
      outcomes.set(sku, { kind: 'refused', reason: `unmapped: ${identifier.id} is also ${twin}` });
    else {
      taken.set(identifier.id, sku);
      listed.push({ ...update, id: Number(identifier.id) });
    }
  }
  return { address, listed, outcomes };
}

const Answered = z.object({ update: z.array(z.unknown()) });
const Updated = z.object({
  id: z.coerce.number(),
  error: WooError.optional(),
  manage_stock: z.unknown().optional(),
  stock_quantity: z.number().nullish(),
});

/** Undefined: it is no answer to a batch. An SKU it does not answer for is left out. */
function outcomesIn(text: string, listed: readonly Listed[]): ReadonlyMap<string, Outcome> | undefined {
  const answered = Answered.safeParse(jsonOf(text));
  if (!answered.success) return undefined;
  const asked = new Map(listed.map((one) => [one.id, one]));
  const outcomes = new Map<string, Outcome>();
  for (const raw of answered.data.update) {
    const updated = Updated.safeParse(raw);
    const one = updated.success ? asked.get(updated.data.id) : undefined;
    if (one !== undefined) outcomes.set(one.sku, outcomeOf(updated.data!, one.units));
  }
  return outcomes;
}

function outcomeOf(updated: z.output<typeof Updated>, units: number): Outcome {
  const { error, manage_stock: managed, stock_quantity: shown } = updated;
  if (error !== undefined) {
    const status = error.data?.status ?? 0;
    // An exception of PHP or of the database in the middle of a product.
    if (status >= 500) return { kind: 'unknown', reason: wordsOf(error) };
    return status === 429
      ? { kind: 'retryLater', reason: wordsOf(error) }
      : { kind: 'refused', reason: wordsOf(error) };
  }
  if (managed === true && shown === units) return { kind: 'confirmed' };
  // Another plugin had its say, or an order came in between.
  return { kind: 'unknown', reason: `the shop answers that it shows ${shown ?? 'no number'}` };
}
