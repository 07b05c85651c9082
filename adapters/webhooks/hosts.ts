// Which addresses a webhook may reach. A policy is written by people who may not be let into the network behind this server:
// an address that is not public is called only where the operator names its host (WEBHOOK_HOSTS). What is judged is each
// address that is about to be connected to, so a name that first shows a public address and then another gains nothing.
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** `*`: any host, at a public address. A name: that host, wherever it is. */
export type WebhookHosts = readonly string[];

/** The message names host and address. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

export interface HostRules {
  /** @throws ForbiddenAddress the host is not allowed, or is itself an address that is not */
  admit(url: URL): void;
  /** For `net.connect`: looks a host up, and fails where one of its addresses may not be reached. */
  readonly lookup: LookupFunction;
}

/** IANA's special-purpose registries (RFC 6890 and its updates): no address of the public internet. */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Within 2000::/3, outside of which nothing is public; 2002::/16 (6to4) may lead to any IPv4 address. */
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [net, prefix] of SPECIAL_V4) special.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of SPECIAL_V6) special.addSubnet(net, prefix, 'ipv6');
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');

/** An IPv4 address written as IPv6 is not public: nobody who means well writes it so. */
export function isPublic(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !special.check(address, 'ipv4');
  return version === 6 && globalV6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

export function hostRules(hosts: WebhookHosts, resolve: typeof systemLookup = systemLookup): HostRules {
  const named = new Set(hosts.map((host) => host.toLowerCase()));
  const judge = (host: string, address: string) => {
    if (named.has(host) || isPublic(address)) return undefined;
    const where = host === address ? host : `${host} is at ${address}, which`;
    return new ForbiddenAddress(`${where} is not a public address; WEBHOOK_HOSTS may allow the host`);
  };
  return {
    admit(url) {
      const host = hostOf(url);
      if (!named.has('*') && !named.has(host)) throw new ForbiddenAddress(`WEBHOOK_HOSTS does not allow ${host}`);
      // An address is connected to without being looked up.
      const forbidden = isIP(host) === 0 ? undefined : judge(host, host);
      if (forbidden !== undefined) throw forbidden;
    },
    lookup(hostname, options, done) {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return done(error, '', 0);
        const host = hostname.toLowerCase();
        for (const { address } of addresses) {
          const forbidden = judge(host, address);
          if (forbidden !== undefined) return done(forbidden, '', 0);
        }
        const [first] = addresses;
        if (options.all) return done(null, addresses);
        done(null, first?.address ?? '', first?.family ?? 0);
      });
    },
  };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
