// `inventorySetQuantities` as Shopify documents it for 2026-10: all quantities or none, each judged and named by its place;
// compare-and-set by `changeFromQuantity`; a repeat of the same key is answered as the first time, and with other quantities
// refused.
import { gid, numberOf } from '../gid.ts';
import type { Shop, ShopItem } from './shop.ts';

export interface SetInput {
  readonly name: string;
  readonly reason: string;
  readonly quantities: readonly {
    readonly inventoryItemId: string;
    readonly locationId: string;
    readonly quantity: number;
    readonly changeFromQuantity?: number | null;
  }[];
}

interface UserError {
  readonly code: string;
  readonly field: readonly string[] | null;
  readonly message: string;
}

export interface SetAnswer {
  readonly inventoryAdjustmentGroup: { readonly id: string } | null;
  readonly userErrors: readonly UserError[];
}

export type SetQuantities = (input: SetInput, key: string | undefined) => SetAnswer;

/** Reasons that the tests and the scenario use; the real list is longer. */
const REASONS: ReadonlySet<string> = new Set(['correction', 'cycle_count_available', 'other', 'restock', 'received']);
const QUANTITY_MAX = 1_000_000_000;
const KEYS_MAX = 10_000;

export function createSetQuantities(shop: Shop): SetQuantities {
  const answered = new Map<string, { readonly input: string; readonly answer: SetAnswer }>();
  let groups = 0;
  return (input, key) => {
    if (key === undefined || key.trim() === '')
      throw new Error('The @idempotent directive is required for this mutation');
    const text = JSON.stringify(input);
    const before = answered.get(key);
    if (before !== undefined) return before.input === text ? before.answer : refused([MISMATCH]);
    const userErrors = judge(input, shop);
    if (userErrors.length > 0) return refused(userErrors);
    for (const { inventoryItemId, locationId, quantity } of input.quantities) {
      shop.setAvailable(shop.items.get(numberOf(inventoryItemId))!, numberOf(locationId), quantity);
    }
    groups += 1;
    const answer: SetAnswer = {
      inventoryAdjustmentGroup: { id: `gid://shopify/InventoryAdjustmentGroup/${groups}` },
      userErrors: [],
    };
    answered.set(key, { input: text, answer });
    if (answered.size > KEYS_MAX) answered.delete(answered.keys().next().value!);
    return answer;
  };
}

const refused = (userErrors: readonly UserError[]): SetAnswer => ({ inventoryAdjustmentGroup: null, userErrors });

const MISMATCH: UserError = {
  code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
  field: null,
  message: 'The same idempotency key cannot be used with different operation parameters.',
};

function judge({ name, reason, quantities }: SetInput, shop: Shop): readonly UserError[] {
  const whole = (code: string, field: string, message: string) => [{ code, field: ['input', field], message }];
  if (name !== 'available' && name !== 'on_hand') {
    return whole('INVALID_NAME', 'name', "The quantity name must be either 'available' or 'on_hand'.");
  }
  if (!REASONS.has(reason)) return whole('INVALID_REASON', 'reason', 'The specified reason is invalid.');
  const seen = new Set<string>();
  return quantities.flatMap((one, n) => {
    const error = (code: string, field: string, message: string) => [
      { code, field: ['input', 'quantities', String(n), field], message },
    ];
    const { inventoryItemId, locationId, quantity, changeFromQuantity } = one;
    const item = inventoryItemId.startsWith(gid('InventoryItem', '1').slice(0, -1))
      ? shop.items.get(numberOf(inventoryItemId))
      : undefined;
    const pair = `${inventoryItemId} ${locationId}`;
    if (seen.has(pair)) {
      const message = 'The combination of inventoryItemId and locationId must be unique.';
      return error('NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', 'inventoryItemId', message);
    }
    seen.add(pair);
    if (item === undefined) {
      return error('INVALID_INVENTORY_ITEM', 'inventoryItemId', 'The specified inventory item could not be found.');
    }
    if (numberOf(locationId) !== shop.location) {
      return error('INVALID_LOCATION', 'locationId', 'The specified location could not be found.');
    }
    if (item.isBundle) {
      const message = 'The specified inventory item is not allowed to be adjusted via API.';
      return error('NON_MUTABLE_INVENTORY_ITEM', 'inventoryItemId', message);
    }
    if (quantity < 0) return error('INVALID_QUANTITY_NEGATIVE', 'quantity', "The quantity can't be negative.");
    if (quantity > QUANTITY_MAX) {
      const message = "The total quantity can't be higher than 1,000,000,000.";
      return error('INVALID_QUANTITY_TOO_HIGH', 'quantity', message);
    }
    if (changeFromQuantity === undefined) throw new Error('changeFromQuantity is required, and may be null');
    if (isStale(item, numberOf(locationId), changeFromQuantity)) {
      const message = 'The changeFromQuantity value does not match persisted value.';
      return error('CHANGE_FROM_QUANTITY_STALE', 'changeFromQuantity', message);
    }
    return [];
  });
}

function isStale(item: ShopItem, location: string, from: number | null): boolean {
  return from !== null && from !== (item.levels.get(location)?.available ?? 0);
}
