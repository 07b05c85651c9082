// Watches availability on its way from the event to the channel's acknowledgement. The trace context that travels in
// an event's metadata is remembered for the figures it changed, until the channel has been told: so the call to the
// channel is a child of the request that moved the stock, linked to the others it answers for.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { type PublishObserver, unobserved } from '../../adapters/publishing/observe.ts';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import {
  contextOf,
  parentAndLinks,
  sampledSpanContext,
  traceparentOf,
} from '../../adapters/telemetry/trace-context.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { ReadModel } from '../../projections/read-model.ts';

/** Figures whose cause is remembered; beyond that the oldest is forgotten and its publication starts a trace of its own. */
const CAUSES_MAX = 100_000;

export interface PublishingObservation {
  readonly publish: PublishObserver;
  /** Called for each event before it is folded. */
  readonly folding?: (event: RecordedEvent) => void;
  /** Called when a figure of a channel changed, after `folding` of the event that changed it. */
  changed(channel: string, sku: string): void;
}

export function observePublishing(telemetry: Telemetry | undefined): PublishingObservation {
  if (telemetry === undefined) return { publish: unobserved, changed() {} };
  const { tracer, meter } = telemetry;
  const outcomes = meter.createCounter('evenstock.publish.updates', { description: 'Updates by channel and outcome' });
  const durations = meter.createHistogram('evenstock.publish.duration', {
    unit: 's',
    description: 'Calls to a channel',
  });
  const lags = meter.createHistogram('evenstock.publish.lag', {
    unit: 's',
    description: 'From a change to its acknowledgement',
  });
  const causes = new Map<string, string>();
  let folding: string | undefined;

  const takeCauses = (channel: string, skus: readonly string[]) =>
    skus.map((sku) => {
      const key = `${channel} ${sku}`;
      const cause = causes.get(key);
      causes.delete(key);
      return cause;
    });

  return {
    folding(event) {
      const traceparent = event.metadata['traceparent'];
      const parent = typeof traceparent === 'string' ? sampledSpanContext(traceparent) : undefined;
      if (parent === undefined) {
        folding = undefined;
        return;
      }
      const attributes = { 'evenstock.stream': event.stream, 'evenstock.position': event.position.toString() };
      const span = tracer.startSpan('projection.fold', { attributes }, contextOf(parent));
      folding = traceparentOf(span);
      span.end();
    },
    changed(channel, sku) {
      if (folding === undefined) return;
      const key = `${channel} ${sku}`;
      causes.delete(key);
      causes.set(key, folding);
      if (causes.size > CAUSES_MAX) causes.delete(causes.keys().next().value!);
    },
    publish: {
      started({ channel, batchId, skus, version }) {
        const startedAt = performance.now();
        const { parent, links } = parentAndLinks(takeCauses(channel, skus));
        const attributes = {
          'evenstock.channel': channel,
          'evenstock.batch': batchId,
          'evenstock.updates': skus.length,
          'evenstock.version': version.toString(),
        };
        const span =
          parent === undefined
            ? undefined
            : tracer.startSpan('channel.publish', { kind: SpanKind.CLIENT, attributes, links }, contextOf(parent));
        return {
          traceparent: span === undefined ? undefined : traceparentOf(span),
          finished(result) {
            durations.record((performance.now() - startedAt) / 1_000, { channel });
            if (result.lagMs !== undefined) lags.record(result.lagMs / 1_000, { channel });
            for (const [outcome, count] of Object.entries(result.outcomes))
              if (count > 0) outcomes.add(count, { channel, outcome });
            if (span === undefined) return;
            for (const [outcome, count] of Object.entries(result.outcomes))
              span.setAttribute(`evenstock.${outcome}`, count);
            if (result.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: result.error });
            span.end();
          },
        };
      },
    },
  };
}

/** Gauges of how far behind the read model and each channel are. */
export function gaugePropagation(telemetry: Telemetry | undefined, readModel: ReadModel, publishing: Publishing): void {
  if (telemetry === undefined) return;
  const { meter } = telemetry;
  meter
    .createObservableGauge('evenstock.projection.lag', { unit: 's', description: 'Age of the oldest event not folded' })
    .addCallback((r) => r.observe(readModel.status().lagMs / 1_000));
  meter
    .createObservableGauge('evenstock.projection.dead_letters')
    .addCallback((r) => r.observe(readModel.deadLetters().length));
  const perChannel = (name: string, unit: string, read: (channel: string) => number | undefined) =>
    meter.createObservableGauge(name, { unit }).addCallback((result) => {
      for (const channel of publishing.channels) {
        const value = read(channel);
        if (value !== undefined) result.observe(value, { channel });
      }
    });
  perChannel('evenstock.publish.backlog', '{update}', (channel) => publishing.status(channel)?.backlog);
  perChannel(
    'evenstock.publish.backlog_age',
    's',
    (channel) => (publishing.status(channel)?.oldestBacklogAgeMs ?? 0) / 1_000,
  );
  perChannel('evenstock.publish.dead_letters', '{update}', (channel) => publishing.status(channel)?.deadLetters);
}
