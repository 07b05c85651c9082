// Shopify's global ids: `gid://shopify/InventoryItem/42`. A mapping may hold them or the bare number that the admin pages
// and webhooks show; the API wants the first, and the two must be the same thing here.

export type ShopifyKind =
  | 'InventoryItem'
  | 'Location'
  | 'Order'
  | 'ProductVariant'
  | 'LineItem'
  | 'Fulfillment'
  | 'Refund';

/** Of a number or of a global id; what is neither stays as it is, and the shop will not know it. */
export function gid(kind: ShopifyKind, id: string | number): string {
  const text = String(id);
  return /^\d{1,20}$/.test(text) ? `gid://shopify/${kind}/${text}` : text;
}

/** The number at the end of a global id (without `?inventory_item_id=…`), or the text itself. */
export function numberOf(id: string): string {
  return /^gid:\/\/shopify\/\w+\/(\d{1,20})(?:\?.*)?$/.exec(id)?.[1] ?? id;
}
