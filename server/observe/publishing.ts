// Watches availability on its way from the event to the channel's acknowledgement. The trace context that travels in
// an event's metadata is remembered for the figures it changed, until the channel has been told: so the call to the
// channel is a child of the request that moved the stock last, linked to the others it answers for.
import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  type CallObserver,
  type PublishObserver,
  type ReadBackLook,
  unobserved,
} from '../../adapters/publishing/observe.ts';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Telemetry, Tracing } from '../../adapters/telemetry/telemetry.ts';
import {
  contextOf,
  parentAndLinks,
  sampledSpanContext,
  traceparentIn,
  traceparentOf,
} from '../../adapters/telemetry/trace-context.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Folded } from '../../projections/runner.ts';
import { LAG_S, REQUEST_S } from './buckets.ts';
import { type Causes, createCauses } from './causes.ts';
import { type Freshness, type FreshnessRoom, measureFreshness, originOf } from './freshness.ts';
import { serverOf } from './spans.ts';

export interface PublishingObservation {
  readonly publish: PublishObserver;
  /** Called for each event before it is folded; what it gives is called afterwards. */
  readonly folding?: (event: RecordedEvent) => Folded | undefined;
  /** Called when a figure of a channel changed, while the event that changed it is being folded. */
  changed(channel: string, sku: string): void;
  /** Whose waiting updates are looked at when metrics are read. */
  watch?(publishing: Pick<Publishing, 'waiting'>): void;
}

type UrlOf = NonNullable<PublishingRoom['urlOf']>;
type CallResult = Parameters<CallObserver['finished']>[0];
type Call = Parameters<PublishObserver['started']>[0];

export interface PublishingRoom extends FreshnessRoom {
  /** Where the channel is told. */
  readonly urlOf?: (channel: string) => string | undefined;
}

export function observePublishing(telemetry: Telemetry | undefined, room: PublishingRoom): PublishingObservation {
  if (telemetry === undefined) return { publish: unobserved, changed() {} };
  const { tracing } = telemetry;
  const freshness = measureFreshness(telemetry, room);
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
  return tracing === undefined ? observation : traced(observation, tracing, room);
}

/** The same with spans: of folding an event of a traced request, and of the calls to channels that come of it. */
function traced(
  untraced: PublishingObservation,
  tracing: Tracing,
  { urlOf = () => undefined }: PublishingRoom,
): PublishingObservation {
  const causes = createCauses();
  let folding: string | undefined;
  return {
    ...untraced,
    folding(event) {
      const folded = untraced.folding?.(event);
      const span = startFold(tracing, event);
      if (span === undefined) return folded;
      folding = traceparentOf(span);
      return (isPoison) => {
        folded?.(isPoison);
        folding = undefined;
        if (isPoison) span.setStatus({ code: SpanStatusCode.ERROR, message: 'set aside as a dead letter' });
        span.end();
      };
    },
    changed(channel, sku) {
      if (folding !== undefined) causes.add(channel, sku, folding);
    },
    publish: {
      ...untraced.publish,
      readBack: (look) => readBackSpan(tracing, look, urlOf),
      started(call) {
        const { finished } = untraced.publish.started(call);
        const taken = call.skus.map((sku) => causes.take(call.channel, sku));
        const span = startCall(tracing, call, taken, urlOf);
        return {
          traceparent: span === undefined ? undefined : traceparentOf(span),
          finished(result) {
            finished(result);
            if (span === undefined) return;
            putBack(causes, call, taken, result.again);
            endCall(span, result);
          },
        };
      },
    },
  };
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

/** Older events are folded because the read model starts anew: nobody follows their requests any more. */
const FOLD_AGE_MS_MAX = 10 * 60_000;

function startFold({ tracer }: Tracing, event: RecordedEvent): Span | undefined {
  const parent = sampledSpanContext(traceparentIn(event));
  if (parent === undefined) return undefined;
  const recordedAt = event.data['recordedAt'] ?? event.data['finishedAt'];
  if (typeof recordedAt === 'number' && Date.now() - recordedAt > FOLD_AGE_MS_MAX) return undefined;
  const attributes = {
    'evenstock.stream': event.stream,
    'evenstock.event': event.type,
    'evenstock.position': event.position.toString(),
  };
  return tracer.startSpan('projection.fold', { attributes }, contextOf(parent));
}

function startCall(
  { tracer }: Tracing,
  call: Call,
  causes: readonly (readonly string[])[],
  urlOf: UrlOf,
): Span | undefined {
  const { parent, links } = parentAndLinks(causes.flat());
  if (parent === undefined) return undefined;
  const attributes = {
    ...serverOf(urlOf(call.channel)),
    'evenstock.channel': call.channel,
    'evenstock.batch': call.batchId,
    'evenstock.updates': call.skus.length,
    'evenstock.version': call.version.toString(),
  };
  return tracer.startSpan('channel.publish', { kind: SpanKind.CLIENT, attributes, links }, contextOf(parent));
}

/** In the trace of the first call whose values were looked for, linked to the others: one look serves many calls. */
function readBackSpan(
  { tracer }: Tracing,
  { channel, tookMs, values }: ReadBackLook,
  urlOf: UrlOf,
): string | undefined {
  const { parent, links } = parentAndLinks(values.map(({ told }) => told));
  if (parent === undefined) return undefined;
  const endTime = Date.now();
  const which = { ...serverOf(urlOf(channel)), 'evenstock.channel': channel };
  const attributes: Attributes = { ...which, 'evenstock.values': values.length };
  for (const [verdict, of] of Map.groupBy(values, (value) => value.verdict))
    attributes[`evenstock.${verdict}`] = of.length;
  const terms = { kind: SpanKind.CLIENT, startTime: endTime - tookMs, attributes, links };
  const span = tracer.startSpan('channel.read_back', terms, contextOf(parent));
  span.end(endTime);
  return traceparentOf(span);
}

/** The call that tells the channel in the end belongs to the same traces. */
function putBack(causes: Causes, call: Call, taken: readonly (readonly string[])[], again: readonly string[]): void {
  if (again.length === 0) return;
  const unsettled = new Set(again);
  call.skus.forEach((sku, n) => {
    if (unsettled.has(sku)) causes.putBack(call.channel, sku, taken[n]!);
  });
}

function endCall(span: Span, { outcomes, error }: CallResult): void {
  for (const [outcome, count] of Object.entries(outcomes)) span.setAttribute(`evenstock.${outcome}`, count);
  const worst = (['refused', 'unknown', 'retryLater'] as const).find((outcome) => outcomes[outcome] > 0);
  if (worst !== undefined) {
    span.setAttribute('error.type', worst);
    const message = error ?? `${outcomes[worst]} of the updates: ${worst}`;
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
  span.end();
}
