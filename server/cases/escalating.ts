// Escalates cases that are late, by the injected clock and from the read model: after a restart too. The command's id
// derives from the occurrence and the level, and the case itself judges: nothing is escalated twice or early.
import type { Case } from '../../domain/exception/case.ts';
import type { Instant } from '../../domain/time.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { CaseWorkflows } from './pending-cause.ts';
import type { Look } from './watching.ts';

export interface EscalatingRoom {
  readonly cases: () => Pick<CasesReader, 'open'>;
  readonly workflows: Pick<CaseWorkflows, 'submit'>;
  /** Must not throw. */
  readonly troubled: (caseId: string, reason: string) => void;
}

/** Escalations under way; what is late beyond it waits for the next look. */
const AT_ONCE_MAX = 64;
const SELF = { source: 'evenstock' };

export function watchLate({ cases, workflows, troubled }: EscalatingRoom): Look {
  const underWay = new Set<string>();
  const escalate = async ({ id, occurrence, level }: Case) => {
    underWay.add(id);
    const command = { id: `escalate:${occurrence}:${level + 1}`, type: 'escalate', level: level + 1 } as const;
    const answer = await workflows.submit(id, command, SELF);
    if (answer.outcome === 'failed') troubled(id, answer.detail);
    underWay.delete(id);
  };
  return (now) => {
    for (const state of cases().open()) {
      if (underWay.size >= AT_ONCE_MAX) return;
      if (isLate(state, now) && !underWay.has(state.id)) void escalate(state);
    }
  };
}

function isLate({ dueAt }: Case, now: Instant): boolean {
  return dueAt !== undefined && dueAt <= now;
}
