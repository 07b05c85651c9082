// What Amazon shows of listings: the part of an answer of searchListingsItems or getListingsItem that says so. A listing
// without a quantity for our network is not shown by us.
import { z } from 'zod';
import { reasonOf } from './failure.ts';
import type { AmazonSettings } from './settings.ts';

export const Listing = z.object({
  sku: z.string(),
  fulfillmentAvailability: z
    .array(z.object({ fulfillmentChannelCode: z.string(), quantity: z.int().min(0).optional() }))
    .optional(),
  summaries: z.array(z.object({ marketplaceId: z.string(), createdDate: z.iso.datetime({ offset: true }) })).optional(),
  issues: z
    .array(
      z.object({
        code: z.string(),
        message: z.string().catch(''),
        severity: z.string(),
        attributeNames: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type Listing = z.infer<typeof Listing>;

export const Listings = z.object({
  numberOfResults: z.int().min(0),
  pagination: z.object({ nextToken: z.string().min(1).optional() }).optional(),
  items: z.array(Listing),
});

export function unitsOf({ fulfillmentAvailability = [] }: Listing, settings: AmazonSettings): number | undefined {
  const ours = fulfillmentAvailability.find(
    ({ fulfillmentChannelCode }) => fulfillmentChannelCode === settings.fulfillmentChannelCode,
  );
  return ours?.quantity;
}

/** Why Amazon will not show a quantity that it took in; undefined: nothing is known against it. */
export function faultOf({ issues = [] }: Listing): string | undefined {
  const fault = issues.find(
    ({ severity, attributeNames = [] }) => severity === 'ERROR' && attributeNames.includes('fulfillment_availability'),
  );
  return fault && reasonOf(fault.code, fault.message);
}
