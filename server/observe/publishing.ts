// Watches availability on its way from the event to the channel's acknowledgement: how long it takes, what becomes of each
// update, and whether the figures keep to what policy promises. Traces are put around it where there are any.
import { type CallObserver, type PublishObserver, unobserved } from '../../adapters/publishing/observe.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { LAG_S, REQUEST_S } from './buckets.ts';
import { type Freshness, measureFreshness, originOf } from './freshness.ts';
import { withSpans } from './publish-spans.ts';
import type { PublishingObservation } from './publishing-observation.ts';
import { spansOf } from './spans.ts';

type CallResult = Parameters<CallObserver['finished']>[0];

export interface PublishingRoom {
  readonly clock: Clock;
  readonly policy: () => Pick<Policy, 'document' | 'channel'>;
}

export function observePublishing(
  telemetry: Telemetry | undefined,
  { clock, policy }: PublishingRoom,
): PublishingObservation {
  if (telemetry === undefined) return { publish: unobserved, changed() {} };
  const freshness = measureFreshness(telemetry, { clock, objectives: () => policy().document.freshness ?? [] });
  const measure = createMeasures(telemetry, freshness);
  const applied = measureApplied(telemetry, freshness);
  let folding: RecordedEvent | undefined;
  const folded = () => {
    folding = undefined;
  };
  const observation: PublishingObservation = {
    folding(event) {
      folding = event;
      return folded;
    },
    changed() {},
    publish: {
      started: ({ channel }) => ({ finished: (result) => measure(channel, result) }),
      applied,
      origin: () => originOf(folding),
    },
    watch: freshness.watch,
  };
  const spans = spansOf(telemetry);
  if (spans === undefined) return observation;
  return withSpans(observation, spans, (channel) => policy().channel(channel)?.connector?.url);
}

function createMeasures({ meter }: Telemetry, freshness: Freshness): (channel: string, result: CallResult) => void {
  const updates = meter.createCounter('evenstock.publish.updates', {
    unit: '{update}',
    description: 'Updates by channel and outcome',
  });
  const durations = meter.createHistogram('evenstock.publish.duration', {
    unit: 's',
    description: 'Calls to a channel',
    advice: { explicitBucketBoundaries: REQUEST_S },
  });
  const lags = meter.createHistogram('evenstock.publish.lag', {
    unit: 's',
    description: 'From a change to its acknowledgement, of the longest-waiting update of each call',
    advice: { explicitBucketBoundaries: LAG_S },
  });
  return (channel, { durationMs, lagMs, outcomes, confirmed, isShown }) => {
    freshness.acknowledged(channel, confirmed, isShown);
    durations.record(durationMs / 1_000, { channel });
    if (lagMs !== undefined) lags.record(lagMs / 1_000, { channel });
    for (const [outcome, count] of Object.entries(outcomes)) if (count > 0) updates.add(count, { channel, outcome });
  };
}

function measureApplied({ meter }: Telemetry, freshness: Freshness): NonNullable<PublishObserver['applied']> {
  const latencies = meter.createHistogram('evenstock.publish.applied', {
    unit: 's',
    description: 'From a channel taking a value in to it being seen there',
    advice: { explicitBucketBoundaries: LAG_S },
  });
  return (channel, latenciesMs, since) => {
    freshness.applied(channel, since);
    for (const ms of latenciesMs) latencies.record(ms / 1_000, { channel });
  };
}
