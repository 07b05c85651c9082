// Gauges of exception cases, read when the meter exports.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Clock } from '../../domain/time.ts';
import { AGE_BUCKETS, type AgeBucket, ageBucket, ageMs, isOverdue } from '../../projections/case-age.ts';
import type { CasesReader } from '../../projections/cases.ts';

export interface GaugedCases {
  readonly telemetry: Telemetry | undefined;
  readonly cases: () => Pick<CasesReader, 'open'>;
  /** Causes that are not in the log yet. */
  readonly pending: () => number;
  readonly clock: Clock;
}

export function gaugeCases({ telemetry, cases, pending, clock }: GaugedCases): void {
  if (telemetry === undefined) return;
  const gauge = (name: string, unit: string, description: string) =>
    telemetry.meter.createObservableGauge(`evenstock.cases.${name}`, { unit, description });
  gauge('open', '{case}', 'Exception cases that somebody still has to look at').addCallback((result) => {
    const counts = new Map<string, { kind: string; severity: string; count: number }>();
    for (const { kind = '', severity } of cases().open()) {
      const entry = counts.get(`${kind} ${severity}`) ?? { kind, severity, count: 0 };
      entry.count += 1;
      counts.set(`${kind} ${severity}`, entry);
    }
    for (const { count, ...attributes } of counts.values()) result.observe(count, attributes);
  });
  gauge('oldest_age', 's', 'How long the oldest of them has been open, by kind').addCallback((result) => {
    const oldest = new Map<string, number>();
    for (const state of cases().open()) {
      const { kind = '' } = state;
      oldest.set(kind, Math.max(oldest.get(kind) ?? 0, ageMs(state, clock.now())));
    }
    for (const [kind, ms] of oldest) result.observe(ms / 1_000, { kind });
  });
  gauge('aged', '{case}', 'Of the open ones, how many are how old').addCallback((result) => {
    const counts = new Map<AgeBucket, number>(AGE_BUCKETS.map((age) => [age, 0]));
    for (const state of cases().open()) {
      const age = ageBucket(ageMs(state, clock.now()));
      counts.set(age, counts.get(age)! + 1);
    }
    for (const [age, count] of counts) result.observe(count, { age });
  });
  gauge('overdue', '{case}', 'Of them, those that are later than their SLA').addCallback((result) => {
    let overdue = 0;
    for (const state of cases().open()) if (isOverdue(state, clock.now())) overdue += 1;
    result.observe(overdue);
  });
  gauge('pending', '{cause}', 'Causes raised or kept, whose cases may not be written yet').addCallback((result) =>
    result.observe(pending()),
  );
}
