// A batch as eBay's bulkUpdatePriceQuantity, and its answer as an outcome per SKU. eBay shows the lesser of an inventory
// item's ship-to-home quantity and of its offer's, so both are set wherever the offer is known. Every SKU and every
// offer is answered with a status of its own; a SKU is confirmed when nothing of it failed.
import { z } from 'zod';
import type { Batch, Outcome } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import { jsonOf } from '../json.ts';
import { EbayError, outcomeOf } from './errors.ts';

/** SKUs in one call, for updating and for reading. */
export const BATCH_SIZE_MAX = 25;
/** Of an SKU at eBay, in characters. */
export const SKU_LENGTH_MAX = 50;

export interface Asking {
  readonly body: { readonly requests: readonly object[] };
  /** By eBay's SKU. */
  readonly asked: ReadonlyMap<string, { readonly sku: string; readonly offers: ReadonlySet<string> }>;
  /** Cannot be asked at all. */
  readonly refused: ReadonlyMap<string, Outcome>;
}

/** `more.offerId` of an SKU's identifier: one offer, or several with commas between them. */
export function askingOf({ updates }: Batch, identifiers: Identifiers): Asking {
  const asked = new Map<string, { sku: string; offers: ReadonlySet<string> }>();
  const refused = new Map<string, Outcome>();
  const requests: object[] = [];
  for (const { sku, units } of updates) {
    const identifier = identifiers.ofSku(sku);
    const id = identifier?.id ?? '';
    const why = unaskable(id, asked);
    if (why !== undefined) {
      refused.set(sku, { kind: 'refused', reason: why });
      continue;
    }
    const offers = new Set((identifier?.more?.['offerId'] ?? '').split(/[\s,]+/).filter((offer) => offer !== ''));
    asked.set(id, { sku, offers });
    requests.push({
      sku: id,
      shipToLocationAvailability: { quantity: units },
      ...(offers.size === 0 ? {} : { offers: [...offers].map((offerId) => ({ offerId, availableQuantity: units })) }),
    });
  }
  return { body: { requests }, asked, refused };
}

function unaskable(id: string, asked: ReadonlyMap<string, unknown>): string | undefined {
  if (id === '') return 'no eBay SKU is mapped to it';
  if (id.length > SKU_LENGTH_MAX) return `eBay takes SKUs of at most ${SKU_LENGTH_MAX} characters: map another`;
  return asked.has(id) ? `the eBay SKU ${id} is mapped to another SKU too` : undefined;
}

const Response = z.object({
  sku: z.string().nullish(),
  offerId: z.string().nullish(),
  statusCode: z.int().optional(),
  errors: z
    .array(EbayError)
    .nullish()
    .transform((errors) => errors ?? []),
});
const Responses = z.object({ responses: z.array(z.unknown()) });

/** Undefined: the answer is not what eBay's contract says. An SKU without an outcome is unknown. */
export function outcomesOf(text: string, { asked, refused }: Asking): ReadonlyMap<string, Outcome> | undefined {
  const body = Responses.safeParse(jsonOf(text));
  if (!body.success) return undefined;
  const heard = new Map<string, Outcome[]>();
  const offersHeard = new Set<string>();
  const byOffer = new Map([...asked].flatMap(([id, { offers }]) => [...offers].map((offer) => [offer, id] as const)));
  for (const raw of body.data.responses) {
    const response = Response.safeParse(raw);
    if (!response.success) continue;
    const { sku, offerId, statusCode, errors } = response.data;
    const id = sku ?? (offerId == null ? undefined : byOffer.get(offerId));
    if (id === undefined || !asked.has(id)) continue;
    if (offerId != null) offersHeard.add(offerId);
    heard.set(id, [...(heard.get(id) ?? []), outcomeOf(statusCode, errors)]);
  }
  const outcomes = new Map(refused);
  for (const [id, { sku, offers }] of asked) {
    const all = heard.get(id);
    if (all === undefined) continue;
    const worst = worstOf(all);
    const unheard = [...offers].find((offer) => !offersHeard.has(offer));
    outcomes.set(
      sku,
      worst.kind === 'confirmed' && unheard !== undefined
        ? { kind: 'unknown', reason: `eBay did not answer for the offer ${unheard}` }
        : worst,
    );
  }
  return outcomes;
}

/**
 * A refusal of one offer outweighs the success of another; what is not known outweighs all. Where some was taken and some put
 * off, eBay has counted a revision.
 */
function worstOf(all: readonly Outcome[]): Outcome {
  const worst = all.reduce((a, b) => (SEVERITY[b.kind] > SEVERITY[a.kind] ? b : a));
  if (worst.kind !== 'retryLater' || all.every(({ kind }) => kind !== 'confirmed')) return worst;
  const { reason = 'eBay put a part of it off', afterMs } = worst;
  return { kind: 'unknown', reason, afterMs };
}
const SEVERITY = { confirmed: 0, refused: 1, retryLater: 2, unknown: 3 } as const;
