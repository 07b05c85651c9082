// The Amazon connector over External Fulfillment Inventory 2024-09-11: ten SKUs a call, each with our version as its
// `clientSequenceNumber`, answered one by one with what the location then has. For sellers that Amazon has enabled for it.
import { z } from 'zod';
import type { Batch, Connector, Declaration, Outcome, ReadBack, Reply, StatedLimit } from '../channel.ts';
import { reasonOf, statedLimit, unread } from './failure.ts';
import { type ListingsRoom, UNMAPPED } from './patch.ts';
import { readAs } from './selling-partner-api.ts';

const REQUESTS_MAX = 10;

export const EXTERNAL_FULFILLMENT_DECLARES: Declaration = {
  batchSizeMax: REQUESTS_MAX,
  ratePerSecondMax: 50,
  burstMax: 100,
  concurrency: 4,
  semantics: 'set',
  ordering: 'version',
  idempotent: false,
  acknowledgement: 'applied',
  isolation: 'per-update',
  readBack: { batchSizeMax: REQUESTS_MAX, ratePerSecondMax: 50, burstMax: 100, concurrency: 2 },
};

const Answered = z.object({
  status: z.object({ statusCode: z.int().optional(), reasonPhrase: z.string().optional() }),
  body: z.object({
    skuId: z.string().optional(),
    sellableQuantity: z.int().min(0).optional(),
    clientSequenceNumber: z.number().optional(),
    actionableErrors: z
      .array(z.object({ errorType: z.string().optional(), errorSubType: z.string().optional() }))
      .optional(),
  }),
});
type Answered = z.infer<typeof Answered>;
const Answers = z.object({ responses: z.array(Answered) });

/** One SKU of a batch, under Amazon's name for it. */
interface Asked {
  readonly sku: string;
  readonly id: string;
}

export function createExternalFulfillmentConnector(room: ListingsRoom): Connector {
  return {
    declares: EXTERNAL_FULFILLMENT_DECLARES,
    publish: (batch, signal) => publish(batch, room, signal),
    readBack: (skus, signal) => readBack(skus, room, signal),
  };
}

async function publish({ updates, version }: Batch, room: ListingsRoom, signal: AbortSignal): Promise<Reply> {
  const outcomes = new Map<string, Outcome>();
  // Beyond this a JSON number is no longer the one that was meant.
  if (version > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: 'batchRefused', reason: 'the version is above 2^53' };
  const asked = mapped(updates, room);
  for (const { sku } of updates) outcomes.set(sku, { kind: 'refused', reason: UNMAPPED });
  if (asked.length === 0) return { kind: 'answered', outcomes };
  const units = new Map(updates.map((update) => [update.sku, update.units]));
  const requests = asked.map(({ sku, id }) =>
    request('update', id, room, { quantity: units.get(sku), clientSequenceNumber: Number(version) }),
  );
  const answer = await post(requests, room, signal);
  if (answer.kind === 'failed') return answer.reply;
  const answers = readAs(Answers, answer.text);
  if (answers === undefined) return { kind: 'unknown', reason: 'batchInventory did not answer as agreed' };
  for (const { sku } of asked) outcomes.delete(sku);
  for (const [sku, answered] of matched(asked, answers.responses)) outcomes.set(sku, outcomeOf(answered, version));
  const limit = statedLimit(answer.headers);
  return { kind: 'answered', outcomes, ...(limit === undefined ? {} : { limit }) };
}

async function readBack(skus: readonly string[], room: ListingsRoom, signal: AbortSignal): Promise<ReadBack> {
  const asked = mapped(
    skus.map((sku) => ({ sku })),
    room,
  );
  const units = new Map<string, number>();
  if (asked.length === 0) return { kind: 'shown', units };
  const answer = await post(
    asked.map(({ id }) => request('fetch', id, room, {})),
    room,
    signal,
  );
  if (answer.kind === 'failed') return unread(answer);
  const answers = readAs(Answers, answer.text);
  if (answers === undefined) return { kind: 'later', reason: 'batchInventory did not answer as agreed' };
  for (const [sku, { status, body }] of matched(asked, answers.responses)) {
    const code = status.statusCode ?? 0;
    // Not being able to say is not the same as not showing it.
    if (code === 429 || code >= 500) return { kind: 'later', reason: `${code} for ${sku}` };
    if (isSuccess(code) && body.sellableQuantity !== undefined) units.set(sku, body.sellableQuantity);
  }
  const limit: StatedLimit | undefined = statedLimit(answer.headers);
  return { kind: 'shown', units, limit };
}

function mapped(updates: readonly { readonly sku: string }[], { identifiers }: ListingsRoom): readonly Asked[] {
  return updates.flatMap(({ sku }) => {
    const id = identifiers.ofSku(sku)?.id;
    return id === undefined ? [] : [{ sku, id }];
  });
}

function request(what: 'update' | 'fetch', id: string, { settings }: ListingsRoom, params: object) {
  const { locationId, marketplaceId, channelName } = settings;
  return {
    method: 'POST',
    uri: `/inventory/${what}?locationId=${encodeURIComponent(locationId)}&skuId=${encodeURIComponent(id)}`,
    body: { ...params, marketplaceAttributes: { marketplaceId, channelName } },
  };
}

function post(requests: readonly object[], { call }: ListingsRoom, signal: AbortSignal) {
  const path = '/externalFulfillment/inventory/2024-09-11/inventories';
  return call({ method: 'POST', path, body: JSON.stringify({ requests }) }, signal);
}

/** Answers go by the SKU that they name; one that names none goes by its place, if there are as many as were asked for. */
function matched(asked: readonly Asked[], answers: readonly Answered[]): ReadonlyMap<string, Answered> {
  const skuById = new Map(asked.map(({ sku, id }) => [id, sku]));
  const found = new Map<string, Answered>();
  for (const [n, answered] of answers.entries()) {
    const { skuId } = answered.body;
    const inPlace = answers.length === asked.length ? asked[n]?.sku : undefined;
    const sku = skuId === undefined ? inPlace : skuById.get(skuId);
    if (sku !== undefined) found.set(sku, answered);
  }
  return found;
}

const isSuccess = (code: number): boolean => code >= 200 && code < 300;

function outcomeOf({ status, body }: Answered, version: bigint): Outcome {
  const code = status.statusCode ?? 0;
  const [error] = body.actionableErrors ?? [];
  if (isSuccess(code) && error === undefined) {
    const held = body.clientSequenceNumber;
    const isStale = held !== undefined && Number.isInteger(held) && BigInt(held) > version;
    return isStale ? { kind: 'refused', reason: 'the channel holds a newer version' } : { kind: 'confirmed' };
  }
  const reason = reasonOf(
    error?.errorType ?? (code === 0 ? undefined : String(code)),
    error?.errorSubType ?? status.reasonPhrase ?? 'no reason given',
  );
  if (code === 429) return { kind: 'retryLater', reason };
  if (code === 0 || code >= 500) return { kind: 'unknown', reason };
  return { kind: 'refused', reason };
}
