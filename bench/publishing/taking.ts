// Channels that take whatever they are told, under the limits that adapters of the product declare: for what is asked of the
// engine alone. No call leaves this process.
import type { Batch, Connector, Declaration, Outcome, Reply } from '../../adapters/channels/channel.ts';
import { compilePolicy, type Policy, PolicyDocument } from '../../domain/channel/policy.ts';
import { WAREHOUSE } from './stocks.ts';

export interface TakingChannel {
  readonly connector: Connector;
  /** It does not answer. */
  isDown: boolean;
}

export function createTakingChannel(declares: Declaration): TakingChannel {
  const shown = new Map<string, number>();
  const take = async ({ updates }: Batch): Promise<Reply> => {
    if (channel.isDown) return { kind: 'unavailable', reason: 'down' };
    for (const { sku, units } of updates) shown.set(sku, units);
    return { kind: 'answered', outcomes: new Map(updates.map(({ sku }) => [sku, CONFIRMED])) };
  };
  const channel: TakingChannel = {
    connector: {
      declares,
      publish: take,
      ...(declares.bulk && { publishBulk: take }),
      ...(declares.readBack && {
        readBack: async (skus) => ({
          kind: 'shown',
          units: new Map(skus.flatMap((sku) => (shown.has(sku) ? [[sku, shown.get(sku)!]] : []))),
        }),
      }),
    },
    isDown: false,
  };
  return channel;
}
const CONFIRMED: Outcome = { kind: 'confirmed' };

/** Every channel sells all of the warehouse, with no limits but those that its adapter declares. */
export function sellingIn(channels: readonly string[]): Policy {
  const connector = { type: 'taking', url: 'http://127.0.0.1:9', secretEnv: 'NONE' };
  return compilePolicy(
    PolicyDocument.parse({
      version: 'bench',
      locations: [{ id: WAREHOUSE }],
      channels: channels.map((id) => ({ id, locations: [WAREHOUSE], connector })),
    }),
  );
}
