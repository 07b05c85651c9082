// Any policy over the places of the generated histories (stock-history.ts).
import fc from 'fast-check';
import type { Policy, PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { aPolicy, CHANNELS, LOCATIONS, SKUS } from './stock-history.ts';

const units = fc.integer({ min: 0, max: 15 });
const location = fc.constantFrom(...LOCATIONS);
const sku = fc.constantFrom(...SKUS);

export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    safety: fc.array(units, { minLength: LOCATIONS.length, maxLength: LOCATIONS.length }),
    perSku: fc.uniqueArray(fc.record({ sku, location: fc.option(location, { nil: undefined }), units }), {
      maxLength: 3,
      selector: (entry) => `${entry.sku}~${entry.location}`,
    }),
    channels: fc.array(
      fc.record({
        off: fc.integer({ min: 0, max: 5 }),
        locations: fc.uniqueArray(location, { minLength: 1 }),
        buffer: fc.integer({ min: 0, max: 3 }),
        percentage: fc.constantFrom(0, 33, 50, 100, 100),
        cap: fc.option(units, { nil: undefined }),
        quotas: fc.uniqueArray(fc.record({ sku, units: fc.integer({ min: 1, max: 20 }) }), {
          maxLength: 2,
          selector: (quota) => quota.sku,
        }),
      }),
      { minLength: CHANNELS.length, maxLength: CHANNELS.length },
    ),
  })
  .map(({ safety, perSku, channels }) => {
    const document: Partial<PolicyDocumentJson> = {
      locations: LOCATIONS.map((id, n) => ({ id, safetyStock: safety[n]! })),
      safetyStock: perSku.map((entry) => ({ ...entry })),
      channels: channels.map(({ off, quotas, cap, ...channel }, n) => ({
        ...channel,
        id: CHANNELS[n]!,
        on: off > 0,
        ...(cap === undefined ? undefined : { cap }),
        quotas: quotas.map((quota) => ({ ...quota, location: channel.locations[0]! })),
      })),
    };
    return aPolicy(JSON.parse(JSON.stringify(document)));
  });
