// How a run is shown: the same members for the list, the report and what its beginner is answered.
import type { FoundDifference } from '../../../domain/reconciliation/events.ts';
import type { Run } from '../../../domain/reconciliation/run.ts';
import type { RunRow } from '../../../projections/reconciliations-state.ts';

export function runView(run: Run | RunRow) {
  const { id, subject, stage, cause, by, statement, isShadow, correction, policy, taken, compared, corrected } = run;
  return {
    ...{ id, ...subject, state: stage, cause, by, shadow: isShadow, correction, policyVersion: policy },
    startedAt: text(run.startedAt),
    ...(run.endedAt === undefined ? {} : { endedAt: text(run.endedAt) }),
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    statement: {
      from: statement,
      ...(taken === undefined
        ? {}
        : { rows: taken.rows, asOf: text(taken.asOf), complete: taken.isComplete, badLines: taken.faultCount }),
    },
    ...(compared === undefined
      ? {}
      : {
          comparison: {
            cut: compared.cut,
            ...{ skus: compared.compared, equal: compared.equal, different: compared.compared - compared.equal },
            ...{ reportedUnits: compared.reportedUnits, ourUnits: compared.ourUnits },
            ...{ classes: compared.totals, notListed: compared.notListed },
          },
        }),
    corrected,
  };
}

/** `ageMs` from the last moment it is known to have been right. */
export function differenceView({ since, asOf, firstSeenAt, ...difference }: FoundDifference) {
  return {
    ...difference,
    asOf: text(asOf),
    ...(since === undefined ? {} : { since: text(since) }),
    ...(firstSeenAt === undefined ? {} : { firstSeenAt: text(firstSeenAt) }),
  };
}

export function text(at: number): string {
  return new Date(at).toISOString();
}
