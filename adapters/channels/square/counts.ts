// Counts at Square: a physical count says how many are there as of a time, and what Square sells after that time it takes off
// itself. Quantities are decimal text.
import { z } from 'zod';
import type { SquareApi, Told } from './square-api.ts';

/** Changes in one call (Square: at most 100), and counts asked for or given in one page (at most 1,000). */
export const CHANGES_MAX = 100;
export const COUNTS_PER_CALL = 500;
const COUNTS_PER_PAGE = 1_000;

const Count = z.object({
  catalogObjectId: z.string(),
  locationId: z.string(),
  state: z.string(),
  quantity: z.string().regex(/^-?\d{1,12}(\.\d{1,5})?$/),
  calculatedAt: z.string().nullish(),
});
const Counts = z.object({ counts: z.array(Count), errors: z.array(z.unknown()).max(0).nullish() });
/** No count at all is no field at all. */
const Page = z.object({
  response: z.strictObject({
    counts: z.array(Count).nullish(),
    errors: z.array(z.unknown()).max(0).nullish(),
    cursor: z.string().max(2_000).nullish(),
  }),
});

export interface CountAt {
  readonly variation: string;
  readonly units: number;
}

export interface PhysicalCounts {
  readonly counts: readonly CountAt[];
  readonly location: string;
  /** Milliseconds since 1970. Square takes at most 24 hours back and nothing from the future. */
  readonly occurredAt: number;
  /** The same key is the same call, and is answered as it was. */
  readonly key: string;
  readonly traceparent?: string | undefined;
}

/** Data: the variations that Square says it has a count of now. */
export async function setCounts(
  api: SquareApi,
  { counts, location, occurredAt, key, traceparent }: PhysicalCounts,
  signal: AbortSignal,
): Promise<Told<ReadonlySet<string>>> {
  const changes = counts.map(({ variation, units }) => ({
    type: 'PHYSICAL_COUNT' as const,
    physicalCount: {
      referenceId: key,
      catalogObjectId: variation,
      locationId: location,
      state: 'IN_STOCK' as const,
      quantity: String(units),
      occurredAt: new Date(occurredAt).toISOString(),
    },
  }));
  // An unchanged count counts too: Square may have sold since the last one.
  const request = { idempotencyKey: key, changes, ignoreUnchangedCounts: false };
  const told = await api.ask(
    (client, options) => client.inventory.batchCreateChanges(request, options),
    Counts,
    signal,
    traceparent,
  );
  if (told.kind !== 'data') return told;
  const here = told.data.counts.filter(({ locationId, state }) => locationId === location && state === 'IN_STOCK');
  return { kind: 'data', data: new Set(here.map(({ catalogObjectId }) => catalogObjectId)) };
}

export interface CountPage {
  readonly counts: readonly (CountAt & { readonly changedAt: string | undefined })[];
  readonly next: string | undefined;
}

/** Of these variations, or page by page of all that the location has. */
export async function getCounts(
  api: SquareApi,
  asked: { readonly location: string; readonly variations?: readonly string[]; readonly cursor?: string | undefined },
  signal: AbortSignal,
): Promise<Told<CountPage>> {
  const { location, variations, cursor } = asked;
  const request = {
    locationIds: [location],
    states: ['IN_STOCK' as const],
    limit: COUNTS_PER_PAGE,
    ...(variations && { catalogObjectIds: [...variations] }),
    ...(cursor !== undefined && { cursor }),
  };
  const told = await api.ask((client, options) => client.inventory.batchGetCounts(request, options), Page, signal);
  if (told.kind !== 'data') return told;
  const { response } = told.data;
  const counts = (response.counts ?? []).map(({ catalogObjectId, quantity, calculatedAt }) => ({
    variation: catalogObjectId,
    // Below 0 is oversold, and a part of a unit cannot be sold.
    units: Math.max(0, Math.floor(Number(quantity))),
    changedAt: calculatedAt ?? undefined,
  }));
  return { kind: 'data', data: { counts, next: response.cursor ?? undefined } };
}
