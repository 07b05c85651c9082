// Watches commands on their way from the request to the durable append: spans for sampled requests, and counts that
// the meter reads when it exports. A count costs a Map update a command; a span is made only for sampled work.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import {
  contextOf,
  parentAndLinks,
  sampledSpanContext,
  traceparentOf,
} from '../../adapters/telemetry/trace-context.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Batch } from '../actors/batch.ts';
import { type StockActorsObserver, unobserved } from '../actors/room.ts';
import type { ApiObserver, RequestSpan } from '../routes/api.ts';

export function observeRequests(telemetry: Telemetry | undefined): Pick<ApiObserver, 'begin'> {
  if (telemetry === undefined) return {};
  const { tracer, meter, sample } = telemetry;
  const durations = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Time to answer a request',
  });
  return {
    begin(route, incoming): RequestSpan {
      const startedAt = performance.now();
      const [method, path] = route.split(' ', 2) as [string, string];
      const span = sample(incoming)
        ? tracer.startSpan(
            route,
            { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': path } },
            contextOf(sampledSpanContext(incoming)),
          )
        : undefined;
      return {
        traceparent: span === undefined ? undefined : traceparentOf(span),
        end(status) {
          durations.record((performance.now() - startedAt) / 1_000, {
            'http.request.method': method,
            'http.route': path,
            'http.response.status_code': status,
          });
          if (span === undefined) return;
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

export function observeActors(telemetry: Telemetry | undefined): StockActorsObserver {
  if (telemetry === undefined) return unobserved;
  const { tracer, meter } = telemetry;
  const commands = new Map<string, number>();
  let duplicates = 0;
  let conflicts = 0;
  let repeats = 0;
  const appendDurations = meter.createHistogram('evenstock.append.duration', {
    unit: 's',
    description: 'Judging a batch until it is durable',
  });
  const batchSizes = meter.createHistogram('evenstock.append.commands', {
    description: 'Commands judged in one append',
  });
  meter
    .createObservableCounter('evenstock.commands', { description: 'Commands by type and outcome' })
    .addCallback((result) => {
      for (const [key, count] of commands) {
        const [type, outcome] = key.split(' ') as [string, string];
        result.observe(count, { type, outcome });
      }
    });
  meter
    .createObservableCounter('evenstock.duplicates', { description: 'Commands that had been taken before' })
    .addCallback((r) => r.observe(duplicates));
  meter
    .createObservableCounter('evenstock.conflicts', { description: 'Appends that another writer overtook' })
    .addCallback((r) => r.observe(conflicts));
  meter
    .createObservableCounter('evenstock.append.repeats', {
      description: 'Appends repeated because their outcome was unknown',
    })
    .addCallback((r) => r.observe(repeats));

  const count = (batch: Batch) => {
    batch.verdicts.forEach((verdict, n) => {
      const { type } = batch.waiting[n]!.envelope.command;
      const outcome = verdict.outcome === 'refused' ? verdict.reason : 'accepted';
      const key = `${type} ${outcome}`;
      commands.set(key, (commands.get(key) ?? 0) + 1);
      if (verdict.outcome === 'recalled' || (verdict.outcome === 'event' && verdict.duplicate)) duplicates += 1;
    });
  };
  return {
    started: () => performance.now(),
    appended(batch, startedAt, stream) {
      const endedAt = performance.now();
      count(batch);
      appendDurations.record((endedAt - startedAt) / 1_000);
      batchSizes.record(batch.waiting.length);
      const { parent, links } = parentAndLinks(batch.waiting.map(({ envelope }) => envelope.traceparent));
      if (parent === undefined) return;
      const attributes = {
        'evenstock.stream': stream,
        'evenstock.commands': batch.waiting.length,
        'evenstock.events': batch.events.length,
      };
      const startTime = performance.timeOrigin + startedAt;
      tracer
        .startSpan('stock.append', { startTime, links, attributes }, contextOf(parent))
        .end(performance.timeOrigin + endedAt);
    },
    conflicted() {
      conflicts += 1;
    },
    repeated() {
      repeats += 1;
    },
  };
}

/** Gauges of the actors themselves. */
export function gaugeActors(telemetry: Telemetry | undefined, actors: StockActors): void {
  telemetry?.meter
    .createObservableGauge('evenstock.actors.resident')
    .addCallback((r) => r.observe(actors.stats().resident));
  telemetry?.meter
    .createObservableGauge('evenstock.commands.waiting')
    .addCallback((r) => r.observe(actors.stats().waiting));
}
