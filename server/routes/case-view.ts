// An exception case as the API shows it: instants as text, its age and whether it is late as of now.
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import { readCaseEvent } from '../../domain/exception/case-events.ts';
import { ageMs, isOverdue } from '../../projections/case-age.ts';

export function caseView(state: Case, now: number) {
  const { id, status, kind, subject, detail, proposals, units, severity, owner, level, occurrence, sights } = state;
  const { comments, openedAt, lastSeenAt, dueAt, closedAt, closedWith, retry, lastRetry } = state;
  return {
    ...{ id, status, kind, subject, detail, proposals, units, severity, owner, level, occurrence, sights, comments },
    ...{ openedAt: text(openedAt), lastSeenAt: text(lastSeenAt), dueAt: text(dueAt), closedAt: text(closedAt) },
    ...{
      closedWith,
      retrying: retry !== undefined,
      lastRetry,
      ageMs: ageMs(state, now),
      overdue: isOverdue(state, now),
    },
  };
}

/** One event of its history. */
export function caseHappening(recorded: RecordedEvent) {
  const { type, commandId, source, recordedAt, v: _, ...said } = readCaseEvent(recorded);
  const due = 'dueAt' in said && said.dueAt !== undefined ? { dueAt: text(said.dueAt) } : undefined;
  return { event: type, at: text(recordedAt), by: source, commandId, ...said, ...due };
}

function text(at: number): string;
function text(at: number | undefined): string | undefined;
function text(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
