// How long a figure takes from the event that changed it to the channel: end to end, from when the event happened, as a
// histogram; and against the channel's objective, from when it was recorded, as counts of those in time and those late.
// An update counts as late when its time has passed, not when the channel answers at last: an outage burns while it lasts.
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Origin, Since } from '../../adapters/publishing/since.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { FreshnessObjective } from '../../domain/channel/freshness.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { PROPAGATION_S } from './buckets.ts';

export interface FreshnessRoom {
  readonly clock: Clock;
  readonly objectives: () => readonly FreshnessObjective[];
}

export interface Freshness {
  /** The channel took these in; `isShown`: and shows them. */
  acknowledged(channel: string, since: readonly Since[], isShown: boolean): void;
  /** What it had only accepted was seen at it. */
  applied(channel: string, since: readonly Since[]): void;
  /** Whose waiting updates are looked at when the meter is read. */
  watch(publishing: Pick<Publishing, 'waiting'>): void;
}

export function measureFreshness({ meter }: Telemetry, room: FreshnessRoom): Freshness {
  const { clock } = room;
  const lags = meter.createHistogram('evenstock.propagation.lag', {
    unit: 's',
    description:
      'From when something happened to a channel acknowledging the figure it changed, or being seen to show it',
    advice: { explicitBucketBoundaries: PROPAGATION_S },
  });
  const measure = (channel: string, to: 'acknowledged' | 'applied', since: readonly Since[]) => {
    for (const { origin } of since)
      if (origin !== undefined) lags.record(Math.max(0, clock.now() - origin.occurredAt) / 1_000, { channel, to });
  };
  const { judge, watch } = judgeByObjective(meter, room);
  return {
    acknowledged(channel, since, isShown) {
      measure(channel, 'acknowledged', since);
      if (isShown) judge(channel, since);
    },
    applied(channel, since) {
      measure(channel, 'applied', since);
      judge(channel, since);
    },
    watch,
  };
}

function judgeByObjective(meter: Telemetry['meter'], { clock, objectives }: FreshnessRoom) {
  const counts = new Map<string, { inTime: number; late: number }>();
  /** Counted while they waited. */
  const late = new WeakSet<Since>();
  let waiting: Publishing['waiting'] = () => [];
  const isLate = ({ recordedAt }: Origin, { withinSeconds }: FreshnessObjective) =>
    clock.now() - recordedAt > withinSeconds * 1_000;
  const countsOf = (channel: string) => {
    const found = counts.get(channel) ?? { inTime: 0, late: 0 };
    counts.set(channel, found);
    return found;
  };
  const judgeWaiting = (objective: FreshnessObjective) => {
    for (const one of waiting(objective.channel)) {
      if (one.origin === undefined || late.has(one) || !isLate(one.origin, objective)) continue;
      late.add(one);
      countsOf(objective.channel).late += 1;
    }
  };
  showCounts(meter, objectives, (objective) => {
    judgeWaiting(objective);
    return countsOf(objective.channel);
  });
  return {
    judge(channel: string, since: readonly Since[]) {
      const objective = objectives().find((one) => one.channel === channel);
      if (objective === undefined) return;
      for (const one of since) {
        if (one.origin === undefined || late.has(one)) continue;
        countsOf(channel)[isLate(one.origin, objective) ? 'late' : 'inTime'] += 1;
      }
    },
    watch(publishing: Pick<Publishing, 'waiting'>) {
      waiting = publishing.waiting;
    },
  };
}

function showCounts(
  meter: Telemetry['meter'],
  objectives: FreshnessRoom['objectives'],
  countsOf: (objective: FreshnessObjective) => { readonly inTime: number; readonly late: number },
): void {
  const updates = meter.createObservableCounter('evenstock.freshness.updates', {
    unit: '{update}',
    description:
      'Figures that an event changed, by whether the channel showed them in the time that the policy gives it',
  });
  const share = meter.createObservableGauge('evenstock.freshness.objective', {
    unit: '1',
    description: 'Share of them that the policy wants in time',
  });
  const within = meter.createObservableGauge('evenstock.freshness.within', {
    unit: 's',
    description: 'The time that the policy gives them',
  });
  meter.addBatchObservableCallback(
    (result) => {
      for (const objective of objectives()) {
        const { channel } = objective;
        const { inTime, late } = countsOf(objective);
        result.observe(updates, inTime, { channel, result: 'in-time' });
        result.observe(updates, late, { channel, result: 'late' });
        result.observe(share, objective.objective, { channel });
        result.observe(within, objective.withinSeconds, { channel });
      }
    },
    [updates, share, within],
  );
}

/** When the event that is folded happened and was recorded; what has no time of its own happened when it was recorded. */
export function originOf(event: RecordedEvent | undefined): Origin | undefined {
  const { recordedAt, occurredAt = recordedAt } = event?.data ?? {};
  if (typeof recordedAt !== 'number' || typeof occurredAt !== 'number') return undefined;
  return { occurredAt, recordedAt };
}
