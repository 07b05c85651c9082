// An eBay simulator over real HTTP and the adapter connected to it, as a policy would.
import type { Connector, Reply } from '../../../adapters/channels/channel.ts';
import type { EbaySimulatorOptions } from '../../../adapters/channels/ebay/simulator/app.ts';
import { type RunningEbay, startEbay } from '../../../adapters/channels/ebay/simulator/server.ts';
import { ebayVendor } from '../../../adapters/channels/ebay/vendor.ts';
import { type Identifiers, sameIdentifiers } from '../../../adapters/channels/identifiers.ts';
import type { VendorChannel } from '../../../adapters/channels/vendor.ts';
import type { Poll } from '../../../adapters/inbound/inbound.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { secretsOf } from '../../../adapters/secrets.ts';
import type { ConnectorPolicy } from '../../../domain/channel/connector.ts';

export const CREDENTIALS = {
  clientId: 'Evenstoc-simulated-PRD-0001',
  clientSecret: 'PRD-secret-of-the-simulated-app',
  refreshToken: 'v^1.1#i^1#refresh-token-of-the-simulated-seller',
};

export interface EbayWorld {
  readonly ebay: RunningEbay;
  readonly connector: Connector;
  readonly poll: Poll;
  publish(units: Readonly<Record<string, number>>): Promise<Reply>;
  close(): Promise<void>;
}

export interface EbayWorldOptions extends Partial<EbaySimulatorOptions> {
  readonly settings?: ConnectorPolicy['settings'];
  readonly identifiers?: Identifiers;
  readonly timeoutMs?: number;
  readonly secrets?: Partial<typeof CREDENTIALS>;
}

export function channelAt(url: string, options: EbayWorldOptions = {}): VendorChannel {
  const { clientId, clientSecret, refreshToken } = { ...CREDENTIALS, ...options.secrets };
  const secrets = secretsOf({
    EBAY_CLIENT_ID: clientId,
    EBAY_CLIENT_SECRET: clientSecret,
    EBAY_REFRESH_TOKEN: refreshToken,
  });
  return {
    channel: 'ebay-de',
    connector: {
      ...{ type: 'ebay', url, secretEnv: 'EBAY', timeoutMs: options.timeoutMs ?? 400 },
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    },
    secret: (suffix) => secrets.secret(`EBAY_${suffix}`),
    identifiers: options.identifiers ?? sameIdentifiers,
    clock: options.now === undefined ? systemClock : { now: options.now },
  };
}

export async function anEbayWorld(options: EbayWorldOptions = {}): Promise<EbayWorld> {
  const ebay = await startEbay({ credentials: CREDENTIALS, skus: ['A', 'B'], ...options });
  const channel = channelAt(ebay.url, options);
  const connector = ebayVendor.connect(channel);
  let version = 0n;
  return {
    ebay,
    connector,
    poll: ebayVendor.inbound!(channel).poll!,
    publish(units) {
      version += 1n;
      const updates = Object.entries(units).map(([sku, n]) => ({ sku, units: n }));
      return connector.publish({ batchId: `b-${version}`, version, updates }, new AbortController().signal);
    },
    close: () => ebay.close(),
  };
}
