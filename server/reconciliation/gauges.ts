// Gauges of reconciliation, read when the meter exports: what is late, what fails, what differs and has not gone away. The
// locations of one system count together, so that the labels stay few.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { subjectKey } from '../../domain/reconciliation/subject.ts';
import type { Instant } from '../../domain/time.ts';
import { gaugesOf } from '../observe/gauge.ts';
import { subjectLabel } from './measure.ts';
import type { Reconciliation } from './open-reconciliation.ts';

export function gaugeReconciliation(
  telemetry: Telemetry | undefined,
  { dues, found }: Pick<Reconciliation, 'dues' | 'found'>,
  now: () => Instant,
): void {
  if (telemetry === undefined) return;
  const gauge = (name: string, unit: string, description: string) =>
    telemetry.meter.createObservableGauge(`evenstock.reconciliation.${name}`, { unit, description });
  gauge('overdue', 's', 'How long a comparison that is scheduled has been due; of the longest').addCallback(
    (result) => {
      const longest = new Map<string, number>();
      for (const { subject, at } of dues()) {
        const label = subjectLabel(subject);
        longest.set(label, Math.max(longest.get(label) ?? 0, now() - at));
      }
      for (const [subject, ms] of longest) result.observe(ms / 1_000, { subject });
    },
  );
  gauge('failing', '{run}', 'Runs that have failed since one completed; of the worst').addCallback((result) => {
    const most = new Map<string, number>();
    for (const { subject } of dues()) {
      const label = subjectLabel(subject);
      most.set(label, Math.max(most.get(label) ?? 0, found().subject(subjectKey(subject))?.failures ?? 0));
    }
    for (const [subject, runs] of most) result.observe(runs, { subject });
  });
  gaugesOf(telemetry)(
    'evenstock.reconciliation.open_differences',
    '{difference}',
    'Differences that the last run found and that have not gone away',
    () => found().openCount(),
  );
}
