// An Amazon channel for tests: the simulator behind Amazon's models, and a connector or inbound made as the product makes
// them, from a policy and secrets.
import { createAdaptorServer } from '@hono/node-server';
import { amazonVendor } from '../../../adapters/channels/amazon/amazon.ts';
import {
  type AmazonSimulator,
  type AmazonSimulatorOptions,
  createAmazonSimulator,
  SIMULATED_SELLER,
} from '../../../adapters/channels/amazon/simulator/app.ts';
import { type Identifiers, sameIdentifiers } from '../../../adapters/channels/identifiers.ts';
import type { VendorChannel } from '../../../adapters/channels/vendor.ts';
import { secretsOf } from '../../../adapters/secrets.ts';
import { Connector } from '../../../domain/channel/connector.ts';
import { hasModels, type Judge, judge } from './models.ts';

export const SECRETS = {
  AMAZON_CLIENT_ID: 'amzn1.application-oa2-client.canary-1',
  AMAZON_CLIENT_SECRET: 'client-secret-canary-2',
  AMAZON_REFRESH_TOKEN: 'Atzr|refresh-token-canary-3',
  AMAZON_WEBHOOK: 'webhook-secret-canary-4',
} as const;

export interface AmazonRig {
  readonly simulator: AmazonSimulator;
  readonly url: string;
  readonly judge: Judge | undefined;
  /** What the product would give the vendor. */
  channel(more?: {
    settings?: Record<string, unknown>;
    identifiers?: Identifiers;
    timeoutMs?: number;
    secrets?: Record<string, string>;
  }): VendorChannel;
  /** The time of the simulator and of the adapter. */
  readonly time: { now: number };
  close(): Promise<void>;
}

export interface RigOptions extends Partial<AmazonSimulatorOptions> {
  /** A clock that stands still until it is moved; default: the real one. */
  readonly still?: boolean;
}

export async function startRig({ still = true, ...options }: RigOptions = {}): Promise<AmazonRig> {
  const time = { now: Date.parse('2026-11-23T10:00:00Z') };
  const now = () => (still ? time.now : Date.now());
  const simulator = createAmazonSimulator({
    credentials: {
      clientId: SECRETS.AMAZON_CLIENT_ID,
      clientSecret: SECRETS.AMAZON_CLIENT_SECRET,
      refreshToken: SECRETS.AMAZON_REFRESH_TOKEN,
    },
    now,
    ...options,
  });
  const judging = hasModels ? await judge(simulator.app) : undefined;
  const server = createAdaptorServer({ fetch: judging?.fetch ?? simulator.app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ simulator, url, judge: judging, time },
    channel({ settings = {}, identifiers = sameIdentifiers, timeoutMs = 2_000, secrets = SECRETS } = {}) {
      const { secret } = secretsOf(secrets);
      const connector = Connector.parse({
        ...{ type: 'amazon', url, secretEnv: 'AMAZON', timeoutMs },
        settings: { ...SIMULATED_SELLER, tokenUrl: `${url}/auth/o2/token`, ...settings },
      });
      return {
        ...{ channel: 'amazon-de', connector, identifiers, clock: { now } },
        secret: (suffix) => secret(suffix === undefined ? 'AMAZON' : `AMAZON_${suffix}`),
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

export const connect = (rig: AmazonRig, more?: Parameters<AmazonRig['channel']>[0]) =>
  amazonVendor.connect(rig.channel(more));
export const inboundOf = (rig: AmazonRig, more?: Parameters<AmazonRig['channel']>[0]) =>
  amazonVendor.inbound!(rig.channel(more));

let version = 100n;
export function batchOf(updates: Readonly<Record<string, number>>, at?: bigint) {
  version += 1n;
  return {
    batchId: `amazon-de-${version}`,
    version: at ?? version,
    updates: Object.entries(updates).map(([sku, units]) => ({ sku, units })),
  };
}

export const live = (): AbortSignal => new AbortController().signal;
