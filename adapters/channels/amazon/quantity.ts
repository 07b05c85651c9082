// How Amazon is told the quantity of one listing: the same operation in a patch and in a message of a feed.
import type { Identifiers } from '../identifiers.ts';
import type { AmazonSettings } from './settings.ts';

export interface QuantityChange {
  /** The seller's SKU there. */
  readonly id: string;
  readonly productType: string;
  readonly patches: readonly object[];
}

/** Undefined: nobody has mapped the SKU. */
export function quantityChange(
  { sku, units }: { readonly sku: string; readonly units: number },
  identifiers: Identifiers,
  settings: AmazonSettings,
): QuantityChange | undefined {
  const identifier = identifiers.ofSku(sku);
  if (identifier === undefined) return undefined;
  const { fulfillmentChannelCode, leadTimeToShipMaxDays, patchOperation } = settings;
  const lead = leadTimeToShipMaxDays === undefined ? {} : { lead_time_to_ship_max_days: leadTimeToShipMaxDays };
  return {
    id: identifier.id,
    productType: identifier.more?.['productType'] ?? settings.productType,
    patches: [
      {
        op: patchOperation,
        path: '/attributes/fulfillment_availability',
        value: [{ fulfillment_channel_code: fulfillmentChannelCode, quantity: units, ...lead }],
      },
    ],
  };
}
