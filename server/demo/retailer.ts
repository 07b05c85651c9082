// The demo retailer: a warehouse and four stores, 120 SKUs, a web shop and a marketplace that takes half a dozen
// calls a second. Small enough to watch, busy enough to sell out, restock and oversell.
import { hash } from 'node:crypto';
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';

export const MARKETPLACE = 'marketplace';
export const WEBSHOP = 'webshop';
export const STORES = ['store-1', 'store-2', 'store-3', 'store-4'];
export const WAREHOUSE = 'warehouse';
export const MARKETPLACE_SECRET_ENV = 'DEMO_MARKETPLACE_SECRET';

const KINDS = ['TSHIRT', 'JEANS', 'SCARF', 'MUG', 'LAMP', 'BAG'];
const COLOURS = ['RED', 'BLUE', 'GREEN', 'BLACK', 'WHITE'];
const SIZES = ['S', 'M', 'L', 'XL'];

/** `TSHIRT-RED-S` and 119 others. */
export const SKUS: readonly string[] = KINDS.flatMap((kind) =>
  COLOURS.flatMap((colour) => SIZES.map((size) => `${kind}-${colour}-${size}`)),
);

export function demoPolicy(marketplaceUrl: string): PolicyDocumentJson {
  const policy = documentFor(marketplaceUrl);
  // The marketplace listens on another port each time, so each start may be another policy: named by its content.
  return { ...policy, version: `demo-${hash('sha256', JSON.stringify(policy)).slice(0, 10)}` };
}

function documentFor(marketplaceUrl: string): Omit<PolicyDocumentJson, 'version'> {
  return {
    locations: [{ id: WAREHOUSE, name: 'Central warehouse' }, ...STORES.map((id) => ({ id, safetyStock: 1 }))],
    channels: [
      { id: WEBSHOP, locations: [WAREHOUSE, ...STORES] },
      {
        id: MARKETPLACE,
        locations: [WAREHOUSE],
        buffer: 1,
        connector: {
          type: 'http',
          url: `${marketplaceUrl}/availability`,
          secretEnv: MARKETPLACE_SECRET_ENV,
          batchSize: 25,
          ratePerSecond: 6,
          burst: 10,
          timeoutMs: 2_000,
        },
      },
    ],
  };
}
