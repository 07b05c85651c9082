// Bugs that can be planted around the product, each where a real one could sit. The simulation is worth as much as
// what it sees of these: its test plants each and expects a broken promise.
import type { Connector } from '../../adapters/channels/channel.ts';
import type { Snapshots } from '../../adapters/snapshots.ts';
import type { ChannelPolicy, Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { orderWorkflow } from '../../domain/order/workflow.ts';
import { transferWorkflow } from '../../domain/transfer/workflow.ts';

export interface Plant {
  /** The log acknowledges before anything is durable. */
  readonly acknowledgesEarly?: true;
  readonly policy?: (policy: Policy) => Pick<Policy, 'stockPolicy' | 'memoryMs'>;
  readonly snapshots?: (snapshots: Snapshots) => Snapshots;
  readonly readSideLog?: (log: EventLog) => EventLog;
  readonly channelPolicy?: (channel: ChannelPolicy) => ChannelPolicy;
  readonly connector?: (connector: Connector) => Connector;
  readonly order?: typeof orderWorkflow;
  readonly transfer?: typeof transferWorkflow;
  /** A process that starts does not go on with what the one before owed. */
  readonly forgetsWorkflows?: true;
  /** How often a process is killed between asking and writing down; else as the seed draws it. */
  readonly ambush?: number;
}

export const PLANTS = {
  'the log acknowledges before it writes': { acknowledgesEarly: true },
  'actors forget duplicates': {
    policy: (policy) => ({ stockPolicy: policy.stockPolicy, memoryMs: 0 }),
  },
  'actors ignore safety stock': {
    policy: (policy) => ({
      stockPolicy: (sku, location) => ({ ...policy.stockPolicy(sku, location), safetyStock: 0 }),
      memoryMs: policy.memoryMs,
    }),
  },
  'a snapshot has one unit too many': {
    snapshots: (snapshots) => ({
      ...snapshots,
      load(stream) {
        const found = snapshots.load(stream);
        if (found === undefined) return undefined;
        const levels = { ...found.stock.levels, onHand: found.stock.levels.onHand + 1 };
        return { ...found, stock: { ...found.stock, levels } };
      },
    }),
  },
  'a subscription leaves out every 40th event': {
    readSideLog: (log) => ({
      ...log,
      async *subscribe(after, signal) {
        let seen = 0;
        for await (const batch of log.subscribe(after, signal)) {
          yield batch.filter(() => {
            seen += 1;
            return seen % 40 !== 0;
          });
        }
      },
    }),
  },
  'a publisher takes an unknown outcome for success': {
    connector: (connector) => ({
      ...connector,
      async publish(batch, signal) {
        const reply = await connector.publish(batch, signal);
        if (reply.kind !== 'unknown') return reply;
        return { kind: 'answered', outcomes: new Map(batch.updates.map(({ sku }) => [sku, { kind: 'confirmed' }])) };
      },
    }),
  },
  'a connector confirms what it never sent': {
    connector: (connector) => ({
      ...connector,
      async publish(batch, signal) {
        if (batch.version % 5n !== 0n) return connector.publish(batch, signal);
        return { kind: 'answered', outcomes: new Map(batch.updates.map(({ sku }) => [sku, { kind: 'confirmed' }])) };
      },
    }),
  },
  'publishers call at twice the rate': {
    channelPolicy: (channel) => ({
      ...channel,
      connector: channel.connector && {
        ...channel.connector,
        ratePerSecond: channel.connector.ratePerSecond! * 2,
        burst: channel.connector.burst! * 2,
      },
    }),
  },
  'an order keeps what it reserved when another line is refused': {
    order: {
      ...orderWorkflow,
      owed: (order) =>
        orderWorkflow.owed(order).filter(({ type }) => type !== 'reservation.release' || order.status !== 'refused'),
    },
  },
  'an order commits its first reservation only': {
    order: {
      ...orderWorkflow,
      owed: (order) =>
        orderWorkflow.owed(order).filter(({ type, id }) => type !== 'reservation.commit' || id.endsWith(':1:commit')),
    },
  },
  'a transfer never tells its origin what arrived': {
    transfer: {
      ...transferWorkflow,
      owed: (transfer) => transferWorkflow.owed(transfer).filter(({ type }) => type !== 'transfer.settle'),
    },
  },
  'workflows are not resumed after a crash': { forgetsWorkflows: true, ambush: 0.02 },
} as const satisfies Readonly<Record<string, Plant>>;
export type PlantName = keyof typeof PLANTS;
