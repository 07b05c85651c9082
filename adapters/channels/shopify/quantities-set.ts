// `inventorySetQuantities`: absolute numbers for up to 250 items, each with the number it is to replace. The shop takes all
// of them or none: one bad quantity refuses the call, inside HTTP 200, with a code and the path of the field.
import { z } from 'zod';
import type { AdminApi, Question, Told } from './admin-api.ts';

/** Arrays in input are limited to 250 (shopify.dev/docs/api/usage/limits). */
export const QUANTITIES_MAX = 250;

const SET = `mutation EvenstockSetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}`;

const UserError = z.object({
  code: z.string().nullable(),
  field: z.array(z.string()).nullable(),
  message: z.string(),
});
export type UserError = z.infer<typeof UserError>;

const Answer = z.object({ inventorySetQuantities: z.object({ userErrors: z.array(UserError) }) });

export interface Quantity {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
  /** What it shows before; null: whatever it shows. */
  readonly changeFromQuantity: number | null;
}

export interface SetQuantities {
  readonly quantities: readonly Quantity[];
  /** Of the shop's own list, such as `correction`. */
  readonly reason: string;
  /** The same key is the same call, and is answered as it was. */
  readonly key: string;
  readonly traceparent?: string | undefined;
}

/** Data is the errors of the call; none: every quantity is shown. */
export async function setQuantities(
  api: AdminApi,
  { quantities, reason, key, traceparent }: SetQuantities,
  signal: AbortSignal,
): Promise<Told<readonly UserError[]>> {
  const question: Question<z.infer<typeof Answer>> = {
    query: SET,
    variables: { input: { name: 'available', reason, quantities }, key },
    schema: Answer,
    traceparent,
  };
  const told = await api.ask(question, signal);
  return told.kind === 'data' ? { ...told, data: told.data.inventorySetQuantities.userErrors } : told;
}

/** Which quantity an error is about, by its path `input.quantities.<n>.…`; undefined: the call as a whole. */
export function placeOf({ field }: UserError): number | undefined {
  const at = field?.indexOf('quantities') ?? -1;
  const place = at < 0 ? undefined : field?.[at + 1];
  return place !== undefined && /^\d{1,3}$/.test(place) ? Number(place) : undefined;
}
