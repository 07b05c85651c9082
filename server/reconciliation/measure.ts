// What metrics tell of reconciliation: runs by how they ended, and SKUs that differed by class. Counted when a run ends.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Run } from '../../domain/reconciliation/run.ts';
import type { Subject } from '../../domain/reconciliation/subject.ts';

export function measureRuns(telemetry: Telemetry | undefined): (run: Run) => void {
  if (telemetry === undefined) return () => {};
  const { meter } = telemetry;
  const runs = meter.createCounter('evenstock.reconciliation.runs', {
    unit: '{run}',
    description: 'Runs of reconciliation, by how they ended',
  });
  const differences = meter.createCounter('evenstock.reconciliation.differences', {
    unit: '{difference}',
    description: 'SKUs that differed in a run, by class',
  });
  return ({ subject, stage, compared }) => {
    const of = { subject: subjectLabel(subject) };
    runs.add(1, { ...of, outcome: stage });
    for (const [name, { skus }] of Object.entries(compared?.totals ?? {}))
      differences.add(skus, { ...of, class: name });
  };
}

/** `channel:<channel>` · `system:<system>`: its locations count together, so that the labels stay few. */
export function subjectLabel(subject: Subject): string {
  return 'channel' in subject ? `channel:${subject.channel}` : `system:${subject.system}`;
}
