// What an adapter offers as a whole: how a channel of its kind is published to, and how what the channel says comes in.
// An adapter is one `Vendor` in one folder, listed in vendors.ts. It translates and nothing else: pace, order, retries,
// duplicates and cases are the product's.
import type { z } from 'zod';
import type { ConnectorPolicy } from '../../domain/channel/connector.ts';
import type { Clock } from '../../domain/time.ts';
import type { Inbound } from '../inbound/inbound.ts';
import type { Connector } from './channel.ts';
import { type Identifiers, orSame } from './identifiers.ts';
import { connectorInConfidence, createConfidence, inboundInConfidence } from './reasons.ts';

/** What an adapter is given of one channel. */
export interface VendorChannel {
  readonly channel: string;
  readonly connector: ConnectorPolicy;
  /** `connector.secretEnv`, or with a suffix one of several: `secret('CLIENT_ID')`. @throws MissingSecret */
  readonly secret: (suffix?: string) => string;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
}

/** What an adapter itself sees of it. */
export interface VendorSpecificChannel extends VendorChannel {
  /** For secrets made on the way, such as an access token: from now on no reason shows it. Those of `secret` are hidden anyway. */
  readonly conceal: (secret: string) => void;
}

export interface Vendor {
  /** `connector.type` in the policy. */
  readonly type: string;
  /** What `settings` are wrong, with the path below `settings`; empty: none. Judged before a policy is taken. */
  misfits(
    settings: ConnectorPolicy['settings'],
  ): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  /** @throws MissingSecret */
  connect(channel: VendorChannel): Connector;
  /** Absent: nothing comes in from it by webhook or poll. @throws MissingSecret */
  readonly inbound?: ((channel: VendorChannel) => Inbound) | undefined;
}

export interface VendorSpecification<Settings> {
  readonly type: string;
  readonly settings: z.ZodType<Settings>;
  /** `same`: sellers choose the SKU there, so it is ours unless mapped. `mapped`: it has ids of its own. */
  readonly identifiers: 'same' | 'mapped';
  connect(channel: VendorSpecificChannel, settings: Settings): Connector;
  readonly inbound?: ((channel: VendorSpecificChannel, settings: Settings) => Inbound) | undefined;
}

/**
 * Makes a vendor whose settings are parsed before it sees them, and whose reasons are short, clean and without secrets,
 * whatever the channel sends back.
 */
export function createVendor<Settings>(specification: VendorSpecification<Settings>): Vendor {
  const { type, settings: schema, connect, inbound } = specification;
  const settingsOf = ({ connector }: VendorChannel) => schema.parse(connector.settings ?? {});
  // One for all channels of the vendor: what comes in from one has secrets that its connector was never given.
  const confidence = createConfidence();
  const seen = (channel: VendorChannel): VendorSpecificChannel => ({
    ...channel,
    identifiers: specification.identifiers === 'same' ? orSame(channel.identifiers) : channel.identifiers,
    secret(suffix) {
      const secret = channel.secret(suffix);
      confidence.conceal(secret);
      return secret;
    },
    conceal: (secret) => confidence.conceal(secret, true),
  });
  return {
    type,
    misfits: (settings) => schema.safeParse(settings ?? {}).error?.issues ?? [],
    connect: (channel) => connectorInConfidence(connect(seen(channel), settingsOf(channel)), confidence),
    inbound: inbound && ((channel) => inboundInConfidence(inbound(seen(channel), settingsOf(channel)), confidence)),
  };
}
