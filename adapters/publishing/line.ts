// The line to a channel: its connector with the stricter of what its policy and the connector itself allow.
import type { ChannelPolicy } from '../../domain/channel/policy.ts';
import type { Connector } from '../channels/channel.ts';
import { createPace, type Pace } from './pace.ts';
import type { Assignment } from './surroundings.ts';
import type { Moment } from './timers.ts';

/** What may change while the publisher runs: it follows the channel's policy. */
export interface Line {
  readonly connector: Connector;
  readonly pace: Pace;
  readonly batchSize: number;
  readonly timeoutMs: number;
}

/** For a connector that states no limit and whose policy has none. */
const RATE_UNSTATED = 1;
const TIMEOUT_UNSTATED_MS = 10_000;

/** A new line: its token bucket is empty, so limits hold across changes of policy too. */
export function lineTo(channel: ChannelPolicy, connector: Connector, random: () => number, now: Moment): Line {
  const limits = channel.connector;
  const { declares } = connector;
  const ratePerSecond = least(limits?.ratePerSecond, declares.ratePerSecondMax) ?? RATE_UNSTATED;
  const burst = least(limits?.burst, declares.burstMax) ?? 1;
  return {
    connector,
    pace: createPace({ ratePerSecond, burst }, random, now),
    batchSize: least(limits?.batchSize, declares.batchSizeMax) ?? declares.batchSizeMax,
    timeoutMs: limits?.timeoutMs ?? TIMEOUT_UNSTATED_MS,
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** A line to the same channel under the same limits goes on as it is. */
export function isSameLine(before: Assignment, after: Assignment): boolean {
  const { connector: was } = before.channel;
  const { connector: is } = after.channel;
  return (
    (before.connector === undefined) === (after.connector === undefined) && JSON.stringify(was) === JSON.stringify(is)
  );
}
