// How channels are reached: the adapter that a policy names, with its secrets and the names it goes by.

import type { Connector } from '../../adapters/channels/channel.ts';
import type { Identifiers } from '../../adapters/channels/identifiers.ts';
import type { Vendor, VendorChannel } from '../../adapters/channels/vendor.ts';
import type { Inbound } from '../../adapters/inbound/inbound.ts';
import { MissingSecret, type Secrets } from '../../adapters/secrets.ts';
import type { ChannelPolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import type { Clock } from '../../domain/time.ts';

export interface ChannelsRoom {
  readonly vendors: readonly Vendor[];
  readonly secrets: Secrets;
  readonly identifiersOf: (channel: string) => Identifiers;
  readonly clock: Clock;
}

export interface Channels {
  /** Undefined: it has no connector. @throws Error that names the channel and what is missing */
  connect(channel: ChannelPolicy): Connector | undefined;
  /** Undefined: nothing comes in from it by webhook or poll. @throws as `connect` */
  inbound(channel: ChannelPolicy): Inbound | undefined;
  /** The first connector that no adapter can make; undefined: none. Told before a policy is taken. */
  misfit(document: PolicyDocument): { readonly path: string; readonly detail: string } | undefined;
}

export function openChannels(room: ChannelsRoom): Channels {
  const vendors = new Map(room.vendors.map((vendor) => [vendor.type, vendor]));
  return {
    connect: (channel) => reach(channel, vendors, room, (vendor, given) => vendor.connect(given)),
    inbound: (channel) => reach(channel, vendors, room, (vendor, given) => vendor.inbound?.(given)),
    misfit({ channels }) {
      for (const [c, { connector }] of channels.entries()) {
        if (connector === undefined) continue;
        const path = `/channels/${c}/connector`;
        const vendor = vendors.get(connector.type);
        if (vendor === undefined) {
          return { path: `${path}/type`, detail: `there is no adapter ${connector.type}; there is ${names(vendors)}` };
        }
        const [wrong] = vendor.misfits(connector.settings);
        if (wrong === undefined) continue;
        const place = [`${path}/settings`, ...wrong.path.map(String)].join('/');
        return { path: place, detail: `${connector.type}: ${wrong.path.join('.') || 'settings'}: ${wrong.message}` };
      }
      return undefined;
    },
  };
}

function reach<T>(
  channel: ChannelPolicy,
  vendors: ReadonlyMap<string, Vendor>,
  { secrets, identifiersOf, clock }: ChannelsRoom,
  make: (vendor: Vendor, given: VendorChannel) => T,
): T | undefined {
  const { id, connector } = channel;
  if (connector === undefined) return undefined;
  const vendor = vendors.get(connector.type);
  // A policy of an older version may name an adapter that is gone.
  if (vendor === undefined) throw new Error(`channel ${id}: there is no adapter ${connector.type}`);
  const { secretEnv } = connector;
  const secret = (suffix?: string) => secrets.secret(suffix === undefined ? secretEnv : `${secretEnv}_${suffix}`);
  try {
    return make(vendor, { channel: id, connector, secret, identifiers: identifiersOf(id), clock });
  } catch (error) {
    if (error instanceof MissingSecret) throw new Error(`channel ${id}: ${error.message}`);
    throw error;
  }
}

function names(vendors: ReadonlyMap<string, Vendor>): string {
  return [...vendors.keys()].join(', ');
}
