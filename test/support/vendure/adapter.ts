// The adapter for Vendure as the product would make it, on any shop: a real one or the simulator.
import type { Connector } from '../../../adapters/channels/channel.ts';
import type { Identifiers } from '../../../adapters/channels/identifiers.ts';
import type { VendorChannel } from '../../../adapters/channels/vendor.ts';
import { vendureVendor } from '../../../adapters/channels/vendure/vendor.ts';
import type { Inbound } from '../../../adapters/inbound/inbound.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { MissingSecret } from '../../../adapters/secrets.ts';
import { Connector as ConnectorPolicy } from '../../../domain/channel/connector.ts';
import { VENDURE_PASSWORD, VENDURE_USER } from './vendure.ts';

export const WEBHOOK_SECRET = 'a secret of the webhooks';
export const CHANNEL = 'shop';

export interface AdapterOptions {
  /** Of the shop, without a path. */
  readonly url: string;
  readonly identifiers: Identifiers;
  readonly settings?: Readonly<Record<string, string | boolean>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** The secret is an API key. */
  readonly withoutUser?: boolean;
}

export function vendureAdapter(options: AdapterOptions): { readonly connector: Connector; readonly inbound: Inbound } {
  const { url, identifiers, settings, timeoutMs = 10_000 } = options;
  const secrets: Readonly<Record<string, string>> = {
    '': VENDURE_PASSWORD,
    WEBHOOK: WEBHOOK_SECRET,
    ...options.secrets,
  };
  const given: VendorChannel = {
    channel: CHANNEL,
    connector: ConnectorPolicy.parse({
      type: 'vendure',
      url: `${url}/admin-api`,
      secretEnv: 'SHOP',
      timeoutMs,
      settings: {
        ...(options.withoutUser ? {} : { username: VENDURE_USER }),
        ...{ stockLocation: '1', ordersSince: '2026-01-01T00:00:00Z' },
        ...settings,
      },
    }),
    secret(suffix = '') {
      const secret = secrets[suffix];
      if (secret === undefined) throw new MissingSecret(suffix);
      return secret;
    },
    identifiers,
    clock: systemClock,
  };
  return { connector: vendureVendor.connect(given), inbound: vendureVendor.inbound!(given) };
}

/** SKU → variant id, both ways. Locations are not mapped. */
export function variantsAs(variants: Readonly<Record<string, string>>): Identifiers {
  const skus = new Map(Object.entries(variants).map(([sku, id]) => [id, sku]));
  return {
    ofSku: (sku) => (variants[sku] === undefined ? undefined : { id: variants[sku] }),
    skuOf: (id) => skus.get(id),
    ofLocation: () => undefined,
    locationOf: () => undefined,
  };
}
