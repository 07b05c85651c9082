// What eBay's errors mean. They come with every failed call and, in a bulk call's answer, with every SKU or offer that
// failed: an id, English words, parameters. Sources: the error tables of the Inventory API (25001 …), of the Fulfillment
// API (30500 …) and the ids common to all (1001 …), at developer.ebay.com/develop/api/sell/error_codes.
import { z } from 'zod';
import type { Outcome } from '../channel.ts';

export const EbayError = z.object({
  errorId: z.int().optional(),
  message: z.string().optional(),
  longMessage: z.string().optional(),
  parameters: z
    .array(z.object({ value: z.string().optional() }))
    .nullish()
    .catch(undefined),
});
export type EbayError = z.infer<typeof EbayError>;
const Failure = z.object({ errors: z.array(EbayError).min(1) });

/** A system error (25001, 30500 and the gateway's 2002, 2003): what it did before it failed is not known. */
const SYSTEM: ReadonlySet<number> = new Set([25001, 30500, 2002, 2003]);
/** Refused without being looked at: two calls met at one SKU (25025), too many calls (2001). */
const LATER: ReadonlySet<number> = new Set([25025, 2001]);
/** Of the call's credentials, not of what it says: no token, a wrong kind of token, an invalid one, not allowed. */
const CREDENTIALS: ReadonlySet<number> = new Set([1001, 1002, 1003, 1100]);

/** Errors of a body that is not 2xx; none where it is not eBay's error. */
export function errorsIn(text: string): readonly EbayError[] {
  try {
    return Failure.parse(JSON.parse(text)).errors;
  } catch {
    return [];
  }
}

/** For people: `25702 SKU 85123A is not available in the system`. At most 160 characters, on one line. */
export function wordsOf(errors: readonly EbayError[], otherwise: string): string {
  const [first, ...others] = errors;
  if (first === undefined) return otherwise;
  const words = [first.longMessage ?? first.message ?? '', ...others.map(({ errorId }) => `(${errorId})`)].join(' ');
  const text = `${first.errorId ?? ''} ${words}`.replaceAll(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();
  return text === '' ? otherwise : text.slice(0, 160);
}

export function isCredentials(errors: readonly EbayError[]): boolean {
  return errors.some(({ errorId }) => errorId !== undefined && CREDENTIALS.has(errorId));
}

/** What became of one SKU or offer of a bulk call, by its own status and errors. */
export function outcomeOf(status: number | undefined, errors: readonly EbayError[]): Outcome {
  const reason = `eBay ${wordsOf(errors, status === undefined ? 'gave no status' : `status ${status}`)}`;
  const has = (ids: ReadonlySet<number>) => errors.some(({ errorId }) => errorId !== undefined && ids.has(errorId));
  if (errors.length === 0 && status !== undefined && status >= 200 && status < 300) return { kind: 'confirmed' };
  if (has(SYSTEM)) return { kind: 'unknown', reason };
  if (has(LATER) || status === 429) return { kind: 'retryLater', reason };
  if (status === undefined || status >= 500 || status < 400) return { kind: 'unknown', reason };
  if (saysRevisedTooOften(errors)) return { kind: 'retryLater', reason, afterMs: REVISIONS_AFTER_MS };
  if (says(errors, TRY_AGAIN)) return { kind: 'retryLater', reason };
  return { kind: 'refused', reason };
}

/** Under ids that mean many things (25019, 25604) eBay says in words that it was busy. */
const TRY_AGAIN = /\btry again\b/i;
/** 250 revisions a day: eBay documents the limit and not the error's id, so its words are looked at. */
const TOO_OFTEN = /\brevis(?:e|ed|ion|ions)\b.*\b(?:limit|maximum|exceed\w*|too many|threshold)\b/i;
/** The limit ends with eBay's calendar day; more often than hourly it is not worth asking (the publisher waits 5 minutes at most). */
const REVISIONS_AFTER_MS = 3_600_000;

function saysRevisedTooOften(errors: readonly EbayError[]): boolean {
  return says(errors, TOO_OFTEN);
}

function says(errors: readonly EbayError[], words: RegExp): boolean {
  return errors.some(({ message, longMessage, parameters }) =>
    [message, longMessage, ...(parameters ?? []).map(({ value }) => value)].some(
      (text) => text !== undefined && words.test(text.slice(0, 1_000)),
    ),
  );
}
