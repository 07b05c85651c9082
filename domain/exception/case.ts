// The state of an exception case: who must look at what, since when, until when. Folded from its stream alone.
import type { Severity } from '../policy/escalation.ts';
import type { CaseEventOf, CaseHappening } from './case-events.ts';
import type { CaseKind, CaseSubject } from './cause.ts';
import { type CaseStatus, nextStatus } from './machine.ts';

export interface Case {
  readonly id: string;
  readonly status: CaseStatus;
  /** Undefined before the first event only. */
  readonly kind: CaseKind | undefined;
  readonly key: string;
  readonly subject: CaseSubject;
  readonly detail: string;
  readonly proposals: readonly string[];
  readonly units: number | undefined;
  readonly severity: Severity;
  readonly owner: string;
  /** How often it was escalated. */
  readonly level: number;
  /** 1 for the first, one more each time the cause came back after closing. */
  readonly occurrence: number;
  /** Sights of the cause in this occurrence, at least. */
  readonly sights: number;
  readonly comments: number;
  readonly openedAt: number;
  readonly lastSeenAt: number;
  readonly dueAt: number | undefined;
  readonly closedAt: number | undefined;
  /** What was done, or why nothing had to be. */
  readonly closedWith: string | undefined;
  /** Id of the last `retry` that has no outcome yet, and when it was asked. */
  readonly retry: string | undefined;
  readonly retryAskedAt: number | undefined;
  /** What came of the last retry of this occurrence. */
  readonly lastRetry: string | undefined;
  /** What is shown by events up to this position of the log is known here already. Decimal text. */
  readonly asOf: string | undefined;
}

export function noCase(id: string): Case {
  return {
    ...{ id, status: 'none', kind: undefined, key: '', subject: {}, detail: '', proposals: [], units: undefined },
    ...{ severity: 'low', owner: '', level: 0, occurrence: 0, sights: 0, comments: 0, openedAt: 0, lastSeenAt: 0 },
    ...{ dueAt: undefined, closedAt: undefined, closedWith: undefined, retry: undefined, retryAskedAt: undefined },
    ...{ lastRetry: undefined, asOf: undefined },
  };
}

/** An event the statechart does not know leaves the status as it is: `decide` never makes one. */
export function evolveCase(state: Case, event: CaseHappening): Case {
  const status = nextStatus(state.status, event.type) ?? state.status;
  const asOf = later(state.asOf, 'asOf' in event ? event.asOf : undefined);
  return { ...state, status, asOf, ...change(state, event) };
}

function change(state: Case, event: CaseHappening): Partial<Case> {
  const at = event.recordedAt;
  switch (event.type) {
    case 'CaseOpened':
      return { kind: event.kind, key: event.key, occurrence: 1, ...begun(event, at) };
    case 'CaseReopened':
      return { occurrence: event.occurrence, ...begun(event, at) };
    case 'CaseSeenAgain':
      return { detail: event.detail, units: event.units, sights: state.sights + event.times, lastSeenAt: at };
    case 'CaseAssigned':
      return { owner: event.owner };
    case 'CaseCommented':
      return { comments: state.comments + 1 };
    case 'CaseRetryAsked':
      return { retry: event.commandId, retryAskedAt: at };
    case 'CaseRetried':
      if (event.of !== state.retry) return { lastRetry: event.detail };
      return { lastRetry: event.detail, retry: undefined, retryAskedAt: undefined };
    case 'CaseEscalated':
      return { level: event.level, severity: event.severity, owner: event.owner, dueAt: event.dueAt };
    case 'CaseResolved':
      return closed(at, event.resolution);
    case 'CaseDismissed':
      return closed(at, event.reason);
    case 'CaseCleared':
      // What was said when it was dismissed stays said.
      return closed(state.closedAt ?? at, state.closedWith);
  }
}

function begun(event: CaseEventOf<'CaseOpened' | 'CaseReopened'>, at: number): Partial<Case> {
  const { subject, detail, proposals = [], units, severity, owner, dueAt, times } = event;
  return {
    ...{ subject, detail, proposals, units, severity, owner, dueAt, level: 0, sights: times },
    ...{ openedAt: at, lastSeenAt: at, closedAt: undefined, closedWith: undefined, lastRetry: undefined },
  };
}

function closed(closedAt: number, closedWith: string | undefined): Partial<Case> {
  return { closedAt, closedWith, dueAt: undefined, retry: undefined, retryAskedAt: undefined };
}

/** The later of two positions. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return BigInt(other) > BigInt(one) ? other : one;
}
