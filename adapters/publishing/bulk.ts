// When the bulk lane is worth a call, and what goes by it: what the urgent lane could not say before a feed would have
// settled anyway, the least urgent first, and never a stock-out.
import { MINUTE, SECOND } from '../../domain/time.ts';
import { type Backlog, type Entry, takeUpTo } from './backlog.ts';
import { type BulkLane, type Line, PROBE_UPDATES_MAX } from './line.ts';
import type { Moment } from './timers.ts';

/** A backlog that the urgent lane clears within this, or before a feed settles, does not need a feed. */
const WORTH_MS_MAX = 5 * MINUTE;
/** A backlog that grows grows into one feed instead of several. */
const GATHER_MS = 3 * SECOND;

/** When it may be sent; undefined: not before something changes. Called often: O(1). */
export function bulkFrom({ urgent }: Line, bulk: BulkLane, backlog: Backlog, now: Moment): Moment | undefined {
  const waiting = backlog.readyForBulk(now);
  const worthS = Math.min(bulk.settlesMs, WORTH_MS_MAX) / SECOND;
  const { ratePerSecond } = urgent.pace.rates(now);
  const capacity = urgent.pace.probing() ? 0 : ratePerSecond * urgent.batchSize * worthS;
  if (waiting <= capacity) {
    bulk.gathering.since = undefined;
    return undefined;
  }
  const mayTake = bulk.health.mayTake(now);
  if (mayTake === 'nothing') return bulk.health.probeAt;
  bulk.gathering.since ??= now;
  return waiting >= bulk.batchSize ? now : bulk.gathering.since + GATHER_MS;
}

export function takeForBulk(bulk: BulkLane, backlog: Backlog, now: Moment): readonly Entry[] {
  const isProbe = bulk.pace.probing() || bulk.health.mayTake(now) === 'probe';
  const most = isProbe ? Math.min(PROBE_UPDATES_MAX, bulk.batchSize) : bulk.batchSize;
  return takeUpTo(most, () => backlog.takeLast(now));
}
