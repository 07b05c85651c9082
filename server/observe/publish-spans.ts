// Spans of availability on its way to a channel: of folding an event that came with a trace, of the calls that come of it, and
// of looking whether the channel shows what it was told. The trace context of an event is remembered for the figures that it
// changed until the channel has been told: so a call is a child of what moved a figure last, linked to the others it answers for.
import { SpanKind } from '@opentelemetry/api';
import type { CallObserver, PublishObserver, ReadBackLook } from '../../adapters/publishing/observe.ts';
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { type Causes, createCauses } from './causes.ts';
import type { PublishingObservation } from './publishing-observation.ts';
import { type Spans, serverOf, type WorkSpan } from './spans.ts';

type CallResult = Parameters<CallObserver['finished']>[0];
type Call = Parameters<PublishObserver['started']>[0];
type UrlOf = (channel: string) => string | undefined;

/** @param urlOf where a channel is told */
export function withSpans(untraced: PublishingObservation, spans: Spans, urlOf: UrlOf): PublishingObservation {
  const causes = createCauses();
  let folding: string | undefined;
  return {
    ...untraced,
    folding(event) {
      const folded = untraced.folding?.(event);
      const span = foldSpan(spans, event);
      if (span === undefined) return folded;
      folding = span.traceparent;
      return (isPoison) => {
        folded?.(isPoison);
        folding = undefined;
        span.end({}, isPoison ? { type: 'dead_letter', message: 'set aside as a dead letter' } : undefined);
      };
    },
    changed(channel, sku) {
      if (folding !== undefined) causes.add(channel, sku, folding);
    },
    publish: {
      ...untraced.publish,
      readBack: (look) => readBackSpan(spans, look, urlOf)?.traceparent,
      started(call) {
        const { finished } = untraced.publish.started(call);
        const taken = call.skus.map((sku) => causes.take(call.channel, sku));
        const span = callSpan(spans, call, taken, urlOf);
        return {
          traceparent: span?.traceparent,
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

/** Older events are folded because the read model starts anew: nobody follows their requests any more. */
const FOLD_AGE_MS_MAX = 10 * 60_000;

function foldSpan(spans: Spans, event: RecordedEvent): WorkSpan | undefined {
  const traceparent = traceparentIn(event);
  if (traceparent === undefined) return undefined;
  const recordedAt = event.data['recordedAt'] ?? event.data['finishedAt'];
  if (typeof recordedAt === 'number' && Date.now() - recordedAt > FOLD_AGE_MS_MAX) return undefined;
  return spans.caused([traceparent], () => ({
    name: 'projection.fold',
    attributes: {
      'evenstock.stream': event.stream,
      'evenstock.event': event.type,
      'evenstock.position': event.position.toString(),
    },
  }));
}

function callSpan(
  spans: Spans,
  call: Call,
  causes: readonly (readonly string[])[],
  urlOf: UrlOf,
): WorkSpan | undefined {
  return spans.caused(causes.flat(), () => ({
    name: 'channel.publish',
    kind: SpanKind.CLIENT,
    attributes: {
      ...serverOf(urlOf(call.channel)),
      'evenstock.channel': call.channel,
      'evenstock.batch': call.batchId,
      'evenstock.updates': call.skus.length,
      'evenstock.version': call.version.toString(),
    },
  }));
}

function endCall(span: WorkSpan, { outcomes, error }: CallResult): void {
  const counts = Object.fromEntries(Object.entries(outcomes).map(([name, count]) => [`evenstock.${name}`, count]));
  const worst = (['refused', 'unknown', 'retryLater'] as const).find((outcome) => outcomes[outcome] > 0);
  const failure = worst && { type: worst, message: error ?? `${outcomes[worst]} of the updates: ${worst}` };
  span.end(counts, failure);
}

/** The call that tells the channel in the end belongs to the same traces. */
function putBack(causes: Causes, call: Call, taken: readonly (readonly string[])[], again: readonly string[]): void {
  if (again.length === 0) return;
  const unsettled = new Set(again);
  call.skus.forEach((sku, n) => {
    if (unsettled.has(sku)) causes.putBack(call.channel, sku, taken[n]!);
  });
}

/** In the trace of the first call whose values were looked for, linked to the others: one look serves many calls. */
function readBackSpan(spans: Spans, { channel, tookMs, values }: ReadBackLook, urlOf: UrlOf): WorkSpan | undefined {
  const span = spans.caused(
    values.map(({ told }) => told),
    () => {
      const verdicts = Map.groupBy(values, ({ verdict }) => verdict);
      const counts = Array.from(verdicts, ([verdict, { length }]) => [`evenstock.${verdict}`, length]);
      const which = { ...serverOf(urlOf(channel)), 'evenstock.channel': channel, 'evenstock.values': values.length };
      const attributes = { ...which, ...Object.fromEntries(counts) };
      return { name: 'channel.read_back', kind: SpanKind.CLIENT, agoMs: tookMs, attributes };
    },
  );
  span?.end();
  return span;
}
