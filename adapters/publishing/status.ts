// What can be asked about publishing to one channel: its state for operations, and the values it refused.
import type { Instant } from '../../domain/time.ts';
import type { Pause } from '../../projections/published-pages.ts';
import type { Shown } from '../../projections/shown.ts';
import type { BudgetStatus } from './budget.ts';
import type { Urgency } from './difference.ts';
import type { BulkLane, Line } from './line.ts';
import type { NextUpdate } from './outstanding.ts';
import type { Pace } from './pace.ts';
import type { Reading } from './reading.ts';
import { type Percentiles, percentilesOf } from './recent.ts';
import type { Sender } from './sender.ts';
import { oldestOf } from './since.ts';
import type { Moment } from './timers.ts';

export interface PublishStatus {
  /** off: nothing is published · shadow: nor here, it is only compared · elsewhere: another node tells it · paused: people had it paused · open: it does not answer (breaker) · failed: it will not take any call from us. */
  readonly state: 'running' | 'throttled' | 'open' | 'off' | 'shadow' | 'elsewhere' | 'paused' | 'failed';
  /** Of several nodes the one that tells it; undefined: nobody now, or there is only one. */
  readonly node?: string | undefined;
  /** SKUs it must still be told, without those under way. */
  readonly backlog: number;
  /** Of them, how many it shows wrong in which way. */
  readonly byUrgency: Readonly<Record<Urgency, number>>;
  /** How long the longest-waiting of them has been wrong. */
  readonly oldestBacklogAgeMs: number;
  /** The same of those that no daily budget holds back; undefined: there are none. */
  readonly oldestDueAgeMs?: number | undefined;
  /** The same for the last batch that it confirmed, or was seen to show. */
  readonly lagMs: number;
  /** The same for each of the last 1,000 updates of this process; undefined: none. */
  readonly lag?: Percentiles | undefined;
  /** What leaves next, with what puts it first; undefined: nothing may leave now. */
  readonly next?: NextUpdate | undefined;
  readonly inFlight: number;
  /** SKUs whose value it refused. */
  readonly deadLetters: number;
  readonly lastError: string | undefined;
  /** Who had it paused, when and why; it holds whatever the state is. */
  readonly paused?: Pause | undefined;
  /** The ways into it; undefined: there is none now. */
  readonly lanes?: { readonly urgent: LaneStatus; readonly bulk?: LaneStatus | undefined } | undefined;
  /** Of a channel that may be told of one SKU so often a day; undefined: it states no such limit. */
  readonly budget?: BudgetStatus | undefined;
  /** Of a channel that only accepts; undefined: it shows what it confirms, or cannot be asked. */
  readonly readBack?: ReadBackStatus | undefined;
}

export interface LaneStatus {
  /** stuck: it takes values in and does not show them. */
  readonly state: 'running' | 'throttled' | 'open' | 'failed' | 'stuck';
  /** Calls that may be made now, learned from refusals and from what the channel states. */
  readonly ratePerSecond: number;
  readonly ratePerSecondMax: number;
}

export interface ReadBackStatus extends LaneStatus {
  /** Values to be seen. */
  readonly waiting: number;
  /** Since this process began: not shown in time · shown fewer, as after sales of its own. */
  readonly lost: number;
  readonly fewer: number;
  /** For how long it has shown nothing of what it took in; undefined: it shows values, or has time left for the first. */
  readonly unseenMs?: number | undefined;
  /** Since it was last seen to show one; undefined: never since this process began. */
  readonly seenMs?: number | undefined;
  /** From acceptance to sight, of the last 1,000 values. */
  readonly applied?: Percentiles | undefined;
  readonly lastError?: string | undefined;
}

export interface DeadLetter {
  readonly sku: string;
  readonly units: number;
  readonly reason: string;
}

/** What waits, what is under way, and how fast it goes. */
export function workStatus(sender: Sender, reading: Reading, line: Line | undefined, now: Moment, instant: Instant) {
  const { budget } = sender.outstanding;
  const oldest = sender.oldestSince();
  const oldestDue = budget === undefined ? oldest : oldestOf(sender.due());
  return {
    backlog: sender.outstanding.backlog.size,
    byUrgency: { ...sender.outstanding.backlog.byUrgency },
    oldestBacklogAgeMs: oldest === undefined ? 0 : Math.round(now - oldest),
    oldestDueAgeMs: oldestDue === undefined ? undefined : Math.round(now - oldestDue),
    inFlight: sender.inFlight,
    budget: budget?.status(instant),
    next: sender.outstanding.next(),
    ...(line && { lanes: lanesStatus(line, now), readBack: readBackStatus(line, reading, now) }),
  };
}

function lanesStatus({ urgent, bulk }: Line, now: Moment): PublishStatus['lanes'] {
  return { urgent: laneStatus(urgent, now), ...(bulk === undefined ? {} : { bulk: bulkStatus(bulk, now) }) };
}

function laneStatus({ pace }: { readonly pace: Pace }, now: Moment): LaneStatus {
  return { state: pace.state(now), ...pace.rates(now) };
}

function bulkStatus(bulk: BulkLane, now: Moment): LaneStatus {
  const status = laneStatus(bulk, now);
  return bulk.health.probeAt === undefined ? status : { ...status, state: 'stuck' };
}

function readBackStatus(line: Line, reading: Reading, now: Moment): ReadBackStatus | undefined {
  if (line.reading === undefined) return undefined;
  const { size: waiting, counts, applied, unseen, lastError } = reading;
  return {
    ...laneStatus(line.reading, now),
    ...{ waiting, lost: counts.lost + counts.abandoned, fewer: counts.fewer },
    ...{ unseenMs: unseen.unseenMs(now), seenMs: unseen.seenMs(now) },
    ...{ applied: percentilesOf(applied), lastError },
  };
}

/** At most `limit` of the parked ones. */
export function deadLettersOf(
  parked: ReadonlySet<string>,
  shown: (sku: string) => Shown | undefined,
  limit: number,
): readonly DeadLetter[] {
  const letters: DeadLetter[] = [];
  for (const sku of parked) {
    if (letters.length >= limit) break;
    const refused = shown(sku)?.refused;
    if (refused !== undefined) letters.push({ sku, ...refused });
  }
  return letters;
}
