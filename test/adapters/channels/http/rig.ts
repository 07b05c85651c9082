// The generic HTTP channel under test: the vendor as the product makes it, connected to the marketplace simulator.
import { httpVendor } from '../../../../adapters/channels/http.ts';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import { startMarketplace } from '../../../../adapters/channels/marketplace-simulator/server.ts';
import { systemClock } from '../../../../adapters/platform.ts';
import type { ChannelRig } from '../../../contracts/channel-adapter/rig.ts';

const SECRET = 'a-secret-of-the-tests';
const TIMEOUT_MS = 5_000;

export async function startHttpRig(): Promise<ChannelRig> {
  const marketplace = await startMarketplace({ secrets: [SECRET] });
  let seeded = 0;
  const connector = httpVendor.connect({
    channel: 'shop',
    connector: { type: 'http', url: `${marketplace.url}/availability`, secretEnv: 'S', timeoutMs: TIMEOUT_MS },
    secret: () => SECRET,
    identifiers: sameIdentifiers,
    clock: systemClock,
  });
  return {
    connector,
    timeoutMs: TIMEOUT_MS,
    secrets: [SECRET],
    unmapped: undefined,
    listingsOfTwoPages: 1_100,
    seed: (count, units) =>
      Array.from({ length: count }, () => {
        seeded += 1;
        const sku = `SKU-${seeded}`;
        marketplace.listings.apply(sku, units, 0n, Date.now());
        return sku;
      }),
    shown: (sku) => marketplace.listings.get(sku)?.units,
    drift: marketplace.listings.drift,
    setFaults: marketplace.setFaults,
    calls: () => marketplace.log.calls,
    refuse(sku) {
      marketplace.setFaults({ refusedSkus: [sku], refuseWholeBatch: true });
      return /unknown SKU|422/;
    },
    close: marketplace.close,
  };
}
