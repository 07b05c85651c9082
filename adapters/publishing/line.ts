// The line to a channel: the ways into it, each with the stricter of what its policy and the connector itself allow.
import type { ChannelPolicy } from '../../domain/channel/policy.ts';
import { MINUTE } from '../../domain/time.ts';
import type { Batch, CallLimits, Connector, Declaration, Reply } from '../channels/channel.ts';
import { type BulkHealth, createBulkHealth } from './bulk-health.ts';
import { createPace, type Pace } from './pace.ts';
import { createProbes } from './probes.ts';
import type { Assignment } from './surroundings.ts';
import type { Moment } from './timers.ts';

/** One way in. */
export interface Lane {
  readonly name: 'urgent' | 'bulk';
  readonly pace: Pace;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** What `confirmed` means: the channel shows it, or only took it in. */
  readonly acknowledgement: Declaration['acknowledgement'];
  /** After which time an accepted value that is not shown counts as lost, ms. */
  readonly settlesMs: number;
  readonly together?: Declaration['together'];
  readonly publish: (batch: Batch, signal: AbortSignal) => Promise<Reply>;
}

export interface BulkLane extends Lane {
  readonly health: BulkHealth;
  /** Since when there has been enough for it. */
  readonly gathering: { since: Moment | undefined };
}

/** How accepted values are looked for. */
export interface ReadingLane {
  readonly pace: Pace;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly read: NonNullable<Connector['readBack']>;
}

/** What may change while the publisher runs: it follows the channel's policy. */
export interface Line {
  readonly ordering: Declaration['ordering'];
  readonly urgent: Lane;
  readonly bulk: BulkLane | undefined;
  /** Undefined: nothing is only accepted, or it cannot be asked. */
  readonly reading: ReadingLane | undefined;
}

/** For a connector that states no limit and whose policy has none. */
const RATE_UNSTATED = 1;
const TIMEOUT_UNSTATED_MS = 10_000;
/** A feed of many values takes its time to be handed over. */
const BULK_TIMEOUT_MS_MIN = MINUTE;
/** For a channel that only accepts and does not say how long it takes. */
const SETTLES_UNSTATED_MS = 15 * MINUTE;

/** How long a call the ordinary way may take, ms. */
export function timeoutMsOf({ connector }: ChannelPolicy): number {
  return connector?.timeoutMs ?? TIMEOUT_UNSTATED_MS;
}

/**
 * A new line: its token buckets are empty, so limits hold across changes of policy too. The policy's limits are of the
 * ordinary way; bulk and reading back go by the declaration.
 */
export function lineTo(channel: ChannelPolicy, connector: Connector, random: () => number, now: Moment): Line {
  const limits = channel.connector;
  const { declares } = connector;
  const timeoutMs = timeoutMsOf(channel);
  const probes = createProbes();
  const paced = (ratePerSecond = RATE_UNSTATED, burst = 1) => createPace({ ratePerSecond, burst }, random, now, probes);
  const declared = ({ ratePerSecondMax, burstMax, batchSizeMax: batchSize, concurrency }: CallLimits) => {
    return { pace: paced(ratePerSecondMax, burstMax), batchSize, concurrency };
  };
  const { acknowledgement, ordering, bulk, readBack, concurrency } = declares;
  const isRead = connector.readBack !== undefined && readBack !== undefined;
  return {
    ordering,
    urgent: {
      name: 'urgent',
      pace: paced(least(limits?.ratePerSecond, declares.ratePerSecondMax), least(limits?.burst, declares.burstMax)),
      batchSize: least(limits?.batchSize, declares.batchSizeMax) ?? declares.batchSizeMax,
      ...{ concurrency, timeoutMs, acknowledgement },
      settlesMs: declares.settlesMsMax ?? SETTLES_UNSTATED_MS,
      together: declares.together,
      publish: (batch, signal) => connector.publish(batch, signal),
    },
    bulk:
      bulk === undefined || connector.publishBulk === undefined
        ? undefined
        : {
            name: 'bulk',
            ...declared(bulk),
            timeoutMs: Math.max(timeoutMs, BULK_TIMEOUT_MS_MIN),
            acknowledgement: isRead ? 'accepted' : acknowledgement,
            settlesMs: bulk.settlesMsMax,
            publish: (batch, signal) => connector.publishBulk!(batch, signal),
            health: createBulkHealth(bulk.settlesMsMax),
            gathering: { since: undefined },
          },
    reading: isRead
      ? { ...declared(readBack), timeoutMs, read: (skus, signal) => connector.readBack!(skus, signal) }
      : undefined,
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** What a lane takes at once: less while it is tried whether it works again. */
export const PROBE_UPDATES_MAX = 100;

/** A line to the same channel under the same limits goes on as it is. */
export function isSameLine(before: Assignment, after: Assignment): boolean {
  const { connector: was } = before.channel;
  const { connector: is } = after.channel;
  return (
    (before.connector === undefined) === (after.connector === undefined) && JSON.stringify(was) === JSON.stringify(is)
  );
}
