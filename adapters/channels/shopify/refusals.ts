// What the errors of a refused set are about: some quantities, by the path of their field, or the call as a whole.
import type { Reply } from '../channel.ts';
import { clean } from './admin-api.ts';
import { placeOf, type UserError } from './quantities-set.ts';

export interface Wanted {
  readonly sku: string;
  /** Global id of its inventory item. */
  readonly item: string;
  readonly units: number;
}

export type Judged =
  | { readonly kind: 'whole'; readonly reply: Exclude<Reply, { readonly kind: 'answered' }> }
  | {
      readonly kind: 'some';
      /** Reasons by SKU. */
      readonly refused: ReadonlyMap<string, string>;
      /** Items that cannot be set at all. */
      readonly notMutable: readonly string[];
      readonly stale: readonly Wanted[];
    };

export const NOT_MUTABLE = 'NON_MUTABLE_INVENTORY_ITEM: the shop works it out itself (the parent of a bundle)';

/** `sent`: in the order of the call. */
export function judge(errors: readonly UserError[], sent: readonly Wanted[]): Judged {
  const stale: Wanted[] = [];
  const notMutable: string[] = [];
  const refused = new Map<string, string>();
  for (const error of errors) {
    const place = placeOf(error);
    const one = place === undefined ? undefined : sent[place];
    const reason = `${error.code ?? 'error'}: ${clean(error.message)}`;
    if (one === undefined || WHOLE.has(error.code ?? '')) return { kind: 'whole', reply: wholeRefused(error, reason) };
    if (error.code === 'CHANGE_FROM_QUANTITY_STALE') stale.push(one);
    else if (error.code === 'NON_MUTABLE_INVENTORY_ITEM') {
      notMutable.push(one.item);
      refused.set(one.sku, NOT_MUTABLE);
    } else refused.set(one.sku, reason);
  }
  return { kind: 'some', refused, notMutable, stale: stale.filter(({ sku }) => !refused.has(sku)) };
}

/** These are about the call, whatever path they come with. */
const WHOLE: ReadonlySet<string> = new Set([
  'IDEMPOTENCY_CONCURRENT_REQUEST',
  'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
  'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED',
  'INVALID_LOCATION',
  'INVALID_NAME',
  'INVALID_REASON',
  'INVALID_REFERENCE_DOCUMENT',
]);

function wholeRefused({ code }: UserError, reason: string): Exclude<Reply, { readonly kind: 'answered' }> {
  switch (code) {
    // The key has been used: by this very call, which may be under way still or applied with other numbers.
    case 'IDEMPOTENCY_CONCURRENT_REQUEST':
    case 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH':
      return { kind: 'unknown', reason };
    case 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED':
      return { kind: 'unavailable', reason };
    // Settings of ours that the shop does not know: no SKU is at fault.
    case 'INVALID_LOCATION':
    case 'INVALID_NAME':
    case 'INVALID_REASON':
    case 'INVALID_REFERENCE_DOCUMENT':
      return { kind: 'denied', reason };
    default:
      return { kind: 'batchRefused', reason };
  }
}
