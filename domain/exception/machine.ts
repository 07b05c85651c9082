// The statechart of an exception case. Flat, without guards: the events of a case are its transitions, so what a case
// allows is said here and nowhere else. The diagram in docs/case.mmd is this machine; a test keeps them equal.
import { createMachine } from 'xstate';
import { transitionTable } from '../flat-machine.ts';
import type { CaseEvent } from './case-events.ts';

/** none: nothing has happened · resolved and dismissed: by people · cleared: by itself, the cause is gone. */
export const CASE_STATUSES = ['none', 'open', 'assigned', 'resolved', 'dismissed', 'cleared'] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];

/** What leaves a case where it is, while somebody still has to look. */
const staying = <const S extends CaseStatus>(status: S) => ({
  CaseSeenAgain: status,
  CaseCommented: status,
  CaseRetryAsked: status,
  CaseRetried: status,
  CaseEscalated: status,
});
const closing = { CaseResolved: 'resolved', CaseDismissed: 'dismissed', CaseCleared: 'cleared' } as const;
/** What was asked for while it was open may end after it was closed. */
const lateOutcome = <const S extends CaseStatus>(status: S) => ({ CaseCommented: status, CaseRetried: status });

export const caseMachine = createMachine({
  id: 'case',
  initial: 'none',
  states: {
    none: { on: { CaseOpened: 'open' } },
    open: { on: { ...staying('open'), CaseAssigned: 'assigned', ...closing } },
    assigned: { on: { ...staying('assigned'), CaseAssigned: 'assigned', ...closing } },
    resolved: { on: { CaseReopened: 'open', ...lateOutcome('resolved') } },
    // What was dismissed is not asked about again while it lasts: its sights are counted. Once it was gone, it is news.
    dismissed: { on: { CaseSeenAgain: 'dismissed', ...lateOutcome('dismissed'), CaseCleared: 'cleared' } },
    cleared: { on: { CaseReopened: 'open', ...lateOutcome('cleared') } },
  },
});

const TABLE = transitionTable<CaseStatus>(caseMachine);

/** The status after an event of this type; undefined: it cannot happen to a case in this status. */
export function nextStatus(status: CaseStatus, type: CaseEvent['type']): CaseStatus | undefined {
  return TABLE.get(status)?.get(type);
}

/** Somebody still has to look. */
export function isOpen(status: CaseStatus): boolean {
  return status === 'open' || status === 'assigned';
}

/** The cause was not seen to be gone: only then can a case be cleared. */
export function isLasting(status: CaseStatus): boolean {
  return isOpen(status) || status === 'dismissed';
}
