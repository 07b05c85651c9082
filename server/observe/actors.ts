// Watches commands from the actor to the durable append: spans for sampled requests, and counts that the meter reads
// when it exports. A count costs a Map update a command; a span is made only for sampled work, one an append.
import { type Attributes, type Meter, SpanKind } from '@opentelemetry/api';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Envelope, StockActors } from '../actors/answer.ts';
import type { Verdict } from '../actors/batch.ts';
import { type StockActorsObserver, unobserved } from '../actors/room.ts';
import { APPEND_S, COMMANDS } from './buckets.ts';
import { gaugesOf } from './gauge.ts';
import { spansOf } from './spans.ts';

/** @param database the event log, in attributes */
export function observeActors(telemetry: Telemetry | undefined, database: Attributes = {}): StockActorsObserver {
  if (telemetry === undefined) return unobserved;
  const { meter } = telemetry;
  const spans = spansOf(telemetry);
  const call = 'db.system.name' in database ? { ...database, 'db.operation.name': 'append' } : undefined;
  const counts = createCounts(meter);
  const durations = meter.createHistogram('evenstock.append.duration', {
    unit: 's',
    description: 'From judging the commands of an append until their events are durable',
    advice: { explicitBucketBoundaries: APPEND_S },
  });
  const sizes = meter.createHistogram('evenstock.append.commands', {
    unit: '{command}',
    description: 'Commands judged together',
    advice: { explicitBucketBoundaries: COMMANDS },
  });

  return {
    started: () => performance.now(),
    appended({ waiting, verdicts, events }, startedAt, stream) {
      const tookMs = performance.now() - startedAt;
      verdicts.forEach((verdict, n) => {
        counts.command(waiting[n]!.envelope, outcomeOf(verdict));
        if (isDuplicate(verdict)) counts.duplicates += 1;
      });
      sizes.record(waiting.length);
      // Refusals and duplicates alone write nothing.
      const wrote = events.length > 0;
      if (wrote) durations.record(tookMs / 1_000);
      const span = spans?.caused(traceparentsOf(waiting), () => ({
        name: 'stock.append',
        agoMs: tookMs,
        kind: wrote && call ? SpanKind.CLIENT : SpanKind.INTERNAL,
        attributes: {
          ...(wrote && call),
          'evenstock.stream': stream,
          'evenstock.commands': waiting.length,
          'evenstock.events': events.length,
          'evenstock.outcome': outcomeOf(verdicts[0]!),
        },
      }));
      span?.end();
    },
    failed(waiting, reason, detail, stream) {
      for (const { envelope } of waiting) counts.command(envelope, reason);
      const span = spans?.caused(traceparentsOf(waiting), () => ({
        name: 'stock.append',
        attributes: { ...database, 'evenstock.stream': stream, 'evenstock.commands': waiting.length },
      }));
      span?.end({}, { type: reason, message: detail });
    },
    conflicted() {
      counts.conflicts += 1;
    },
    repeated() {
      counts.repeats += 1;
    },
  };
}

function createCounts(meter: Meter) {
  /** type → outcome → commands: no string is made for a command. */
  const byType = new Map<string, Map<string, number>>();
  const counts = {
    duplicates: 0,
    conflicts: 0,
    repeats: 0,
    command({ command: { type } }: Envelope, outcome: string) {
      let outcomes = byType.get(type);
      if (outcomes === undefined) {
        outcomes = new Map();
        byType.set(type, outcomes);
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    },
  };
  meter
    .createObservableCounter('evenstock.commands', { unit: '{command}', description: 'Commands by type and outcome' })
    .addCallback((result) => {
      for (const [type, outcomes] of byType)
        for (const [outcome, count] of outcomes) result.observe(count, { type, outcome });
    });
  const counter = (name: string, unit: string, description: string, read: () => number) =>
    meter.createObservableCounter(name, { unit, description }).addCallback((result) => result.observe(read()));
  counter('evenstock.duplicates', '{command}', 'Commands that had been taken before', () => counts.duplicates);
  counter('evenstock.conflicts', '{append}', 'Appends that another writer overtook', () => counts.conflicts);
  counter('evenstock.append.repeats', '{append}', 'Appends repeated after an unknown outcome', () => counts.repeats);
  return counts;
}

/** accepted · parked · the reason of a refusal. What failed is counted by its reason as well. */
function outcomeOf(verdict: Verdict): string {
  if (verdict.outcome === 'refused') return verdict.reason;
  return verdict.outcome === 'event' && verdict.event.type === 'FactParked' ? 'parked' : 'accepted';
}

function isDuplicate(verdict: Verdict): boolean {
  return verdict.outcome === 'recalled' || (verdict.outcome === 'event' && verdict.duplicate);
}

function* traceparentsOf(waiting: readonly { readonly envelope: Envelope }[]): Iterable<string | undefined> {
  for (const { envelope } of waiting) yield envelope.traceparent;
}

/** Gauges of the actors themselves. */
export function gaugeActors(telemetry: Telemetry | undefined, actors: StockActors): void {
  const gauge = gaugesOf(telemetry);
  gauge('evenstock.actors.resident', '{actor}', 'Stocks in memory', () => actors.stats().resident);
  gauge('evenstock.commands.waiting', '{command}', 'Commands not answered yet', () => actors.stats().waiting);
}
