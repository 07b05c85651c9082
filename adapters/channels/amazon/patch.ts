// The urgent way to tell one quantity: patchListingsItem of Listings Items 2021-08-01, one listing a call. ACCEPTED says
// that Amazon has taken it in, not that buyers see it: that is for reading back.
import { z } from 'zod';
import type { Batch, Outcome, Reply } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import { reasonOf, statedLimit } from './failure.ts';
import { quantityChange } from './quantity.ts';
import { type CallSellingPartner, readAs } from './selling-partner-api.ts';
import type { AmazonSettings } from './settings.ts';

export interface ListingsRoom {
  readonly call: CallSellingPartner;
  readonly settings: AmazonSettings;
  readonly identifiers: Identifiers;
}

const Submission = z.object({
  sku: z.string(),
  status: z.string(),
  issues: z.array(z.object({ code: z.string(), message: z.string().catch(''), severity: z.string() })).optional(),
});

export function listingPath({ sellerId }: AmazonSettings, id?: string): string {
  const seller = `/listings/2021-08-01/items/${encodeURIComponent(sellerId)}`;
  return id === undefined ? seller : `${seller}/${encodeURIComponent(id)}`;
}

/** Of a batch with one update. */
export async function patchListing({ updates }: Batch, room: ListingsRoom, signal: AbortSignal): Promise<Reply> {
  const { settings, identifiers, call } = room;
  const update = updates[0]!;
  const change = quantityChange(update, identifiers, settings);
  if (change === undefined) return one(update.sku, { kind: 'refused', reason: UNMAPPED });
  const { id, ...body } = change;
  const answer = await call(
    {
      method: 'PATCH',
      path: listingPath(settings, id),
      query: { marketplaceIds: settings.marketplaceId, includedData: 'issues' },
      body: JSON.stringify(body),
    },
    signal,
  );
  if (answer.kind === 'failed') {
    // With a list of errors it is Amazon that does not know the listing; without one, the address is wrong.
    const isMissing = answer.status === 404 && answer.code !== undefined && 'reason' in answer.reply;
    return isMissing ? one(update.sku, { kind: 'refused', reason: reasonIn(answer.reply) }) : answer.reply;
  }
  const limit = statedLimit(answer.headers);
  return { ...one(update.sku, outcomeOf(answer.text, id)), ...(limit === undefined ? {} : { limit }) };
}

export const UNMAPPED = 'the SKU is not mapped to a listing';

function outcomeOf(text: string, id: string): Outcome {
  const submission = readAs(Submission, text);
  if (submission === undefined || submission.sku !== id) {
    return { kind: 'unknown', reason: 'the answer is not a submission of this listing' };
  }
  const { status, issues = [] } = submission;
  if (status === 'ACCEPTED') return { kind: 'confirmed' };
  if (status !== 'INVALID') return { kind: 'unknown', reason: reasonOf(status, 'is not a status of a submission') };
  const issue = issues.find(({ severity }) => severity === 'ERROR') ?? issues[0];
  return { kind: 'refused', reason: issue === undefined ? 'INVALID' : reasonOf(issue.code, issue.message) };
}

function one(sku: string, outcome: Outcome): Extract<Reply, { readonly kind: 'answered' }> {
  return { kind: 'answered', outcomes: new Map([[sku, outcome]]) };
}

const reasonIn = (reply: object): string => ('reason' in reply ? String(reply.reason) : 'NotFound');
