// What becomes of a command for an exception case. One cause is one case: a sight of an open one is counted, a sight of
// a closed one opens it again, and what was known when it was closed does not. Pure, never throws.
import type { CasePolicy, EscalationStep, Severity } from '../policy/escalation.ts';
import { MINUTE } from '../time.ts';
import type { WorkflowDecision } from '../workflow.ts';
import type { Case } from './case.ts';
import type { AnyCaseCommand } from './case-commands.ts';
import type { CaseEvent } from './case-events.ts';
import type { CaseKind } from './cause.ts';
import { isLasting, isOpen, nextStatus } from './machine.ts';

export type CaseRefusal =
  | 'unknown-case'
  | 'case-closed'
  /** Known already: shown by an event that is not later than the last word. */
  | 'repeat'
  /** Another cause with the same id. */
  | 'other-cause'
  | 'not-overdue';

/** The part of policy that cases follow. */
export interface CaseRules {
  casePolicy(kind: CaseKind): Omit<CasePolicy, 'kind'>;
  /** Who is told when `role` is late; undefined: nobody is above it. */
  escalationFrom(role: string): EscalationStep | undefined;
}

export interface CaseContext {
  readonly now: number;
  readonly rules: CaseRules;
}

export type CaseDecision = WorkflowDecision<CaseEvent, CaseRefusal>;
type Command<T extends AnyCaseCommand['type']> = Extract<AnyCaseCommand, { type: T }>;

export function decideCase(state: Case, command: AnyCaseCommand, context: CaseContext): CaseDecision {
  if (command.type === 'raise') return raise(state, command, context);
  if (state.status === 'none') return refused('unknown-case', `there is no case ${state.id}`);
  switch (command.type) {
    case 'clear':
      if (isRepeat(state, command.asOf)) return refused('repeat', 'it was seen again later');
      return allowed(state, { type: 'CaseCleared', asOf: command.asOf });
    case 'escalate':
      return escalate(state, command, context);
    case 'assign':
      return allowed(state, { type: 'CaseAssigned', owner: command.owner });
    case 'comment':
      return allowed(state, { type: 'CaseCommented', text: command.text });
    case 'retry':
      return allowed(state, { type: 'CaseRetryAsked' });
    case 'retried':
      return allowed(state, { type: 'CaseRetried', of: command.of, detail: command.detail });
    case 'resolve':
      return allowed(state, { type: 'CaseResolved', resolution: command.resolution, asOf: command.asOf });
    case 'dismiss':
      return allowed(state, { type: 'CaseDismissed', reason: command.reason, asOf: command.asOf });
  }
}

function raise(state: Case, { cause, times, asOf }: Command<'raise'>, { now, rules }: CaseContext): CaseDecision {
  const { kind, key, subject, detail, proposals, units } = cause;
  if (state.kind !== undefined && (state.kind !== kind || state.key !== key))
    return refused('other-cause', `${state.id} is the case of ${state.kind} ${state.key}`);
  if (isRepeat(state, asOf)) return refused('repeat', 'this sight is known');
  if (isLasting(state.status)) return allowed(state, { type: 'CaseSeenAgain', times, detail, units, asOf });
  const { severity, slaMinutes, owner: usualOwner } = rules.casePolicy(kind);
  const owner = cause.owner ?? usualOwner;
  const seen = { subject, detail, units, times, asOf, ...(proposals && { proposals: [...proposals] }) };
  const begun = { ...seen, severity, owner, dueAt: now + slaMinutes * MINUTE };
  if (state.status === 'none') return allowed(state, { type: 'CaseOpened', kind, key, ...begun });
  return allowed(state, { type: 'CaseReopened', occurrence: state.occurrence + 1, ...begun });
}

/** One step each time it is late, however late: after a day without a process too. */
function escalate(state: Case, { level }: Command<'escalate'>, { now, rules }: CaseContext): CaseDecision {
  if (!isOpen(state.status)) return closedBefore(state);
  if (level !== state.level + 1 || state.dueAt === undefined || now < state.dueAt)
    return refused('not-overdue', 'it is not late');
  const { owner, slaMinutes } = rules.casePolicy(state.kind!);
  const step = nextStep(state, owner, rules);
  return allowed(state, {
    type: 'CaseEscalated',
    level,
    severity: MORE_SEVERE[state.severity],
    owner: step?.to ?? state.owner,
    // Nobody is above: it stays late, and is not escalated again.
    dueAt: step && now + (step.slaMinutes ?? slaMinutes) * MINUTE,
  });
}

/** Longer ones than policy allows cannot be walked for ever. */
const LADDER_MAX = 100;

/** Above a person whom policy does not name is who would be next on the way up from the owner of the kind. */
function nextStep({ owner, level }: Case, kindOwner: string, rules: CaseRules): EscalationStep | undefined {
  const own = rules.escalationFrom(owner);
  if (own !== undefined) return own;
  const ladder: EscalationStep[] = [];
  for (let role = kindOwner; ladder.length < LADDER_MAX; ) {
    const step = rules.escalationFrom(role);
    if (step === undefined) break;
    // Policy does know the owner: nobody is above.
    if (step.to === owner) return undefined;
    ladder.push(step);
    role = step.to;
  }
  return ladder[Math.min(level, ladder.length - 1)];
}

const MORE_SEVERE: Readonly<Record<Severity, Severity>> = {
  low: 'medium',
  medium: 'high',
  high: 'critical',
  critical: 'critical',
};

function isRepeat(state: Case, asOf: string | undefined): boolean {
  return asOf !== undefined && state.asOf !== undefined && BigInt(asOf) <= BigInt(state.asOf);
}

function allowed(state: Case, event: CaseEvent): CaseDecision {
  if (nextStatus(state.status, event.type) === undefined) return closedBefore(state);
  return { outcome: 'accepted', events: [event] };
}

function closedBefore({ status, closedAt }: Case): CaseDecision {
  return refused('case-closed', `the case is ${status} since ${new Date(closedAt ?? 0).toISOString()}`);
}

function refused(reason: CaseRefusal, detail: string): CaseDecision {
  return { outcome: 'refused', reason, detail };
}
