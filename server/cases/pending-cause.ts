// One cause on its way into the log: what was seen of it and is not written yet. Sights of a cause whose case is open are
// gathered, so that a cause seen a thousand times a second makes one event a minute; everything else is written at once.
import { NO_STREAM, type Position, Unavailable } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import type { AnyCaseCommand } from '../../domain/exception/case-commands.ts';
import type { CaseKind, Cause } from '../../domain/exception/cause.ts';
import type { CaseRefusal } from '../../domain/exception/decide.ts';
import { isLasting } from '../../domain/exception/machine.ts';
import { MINUTE } from '../../domain/time.ts';
import type { Workflows } from '../workflows/workflows.ts';

export type CaseWorkflows = Workflows<Case, AnyCaseCommand, CaseRefusal>;

type Raise = Extract<AnyCaseCommand, { type: 'raise' }>;
type Clear = Extract<AnyCaseCommand, { type: 'clear' }>;

export interface PendingCause {
  readonly kind: CaseKind;
  readonly key: string;
  readonly caseId: string;
  raise: Raise | undefined;
  clear: Clear | undefined;
  /** The case as this process saw it last in the log: until that revision is folded, the read model does not know it. */
  seen: { readonly revision: number; readonly lasts: boolean };
  /** Sights of a case that is open wait until then. */
  sightsFrom: number;
  isWriting: boolean;
}

export function pendingCause(kind: CaseKind, key: string, caseId: string): PendingCause {
  const seen = { revision: NO_STREAM, lasts: false };
  return { kind, key, caseId, raise: undefined, clear: undefined, seen, sightsFrom: 0, isWriting: false };
}

export function sawIt(entry: PendingCause, id: string, { position, ...cause }: Cause): void {
  const times = (entry.raise?.times ?? 0) + 1;
  entry.raise = { id, type: 'raise', cause, times, asOf: position?.toString() };
  entry.clear = undefined;
}

export function sawItGone(entry: PendingCause, id: string, position: Position | undefined): void {
  entry.clear = { id, type: 'clear', asOf: position?.toString() };
}

const SELF = { source: 'evenstock' };

/**
 * Writes what was seen up to now: that it is there, then that it is gone. Undefined when that is in the log; else why
 * not, and it is pending again. What a case refuses is known there already.
 * @throws UnknownEventVersion · LogCorrupt when the case's stream cannot be read: nothing is pending then
 */
export async function writeSeen(
  entry: PendingCause,
  workflows: Pick<CaseWorkflows, 'submit' | 'state'>,
  now: () => number,
): Promise<string | undefined> {
  const { raise, clear } = entry;
  entry.raise = undefined;
  entry.clear = undefined;
  const ask = async (command: Raise | Clear) => {
    const answer = await workflows.submit(entry.caseId, command, SELF);
    // Throws what is wrong with the case's own stream, which no repeat would mend.
    const known = answer.outcome === 'accepted' ? answer : await workflows.state(entry.caseId);
    if (answer.outcome === 'failed') return answer.detail;
    if (known !== undefined) noteSeen(entry, known.state, known.revision, now());
    return undefined;
  };
  try {
    // Sights that wait need not be counted any more when it is over.
    const isOver = clear !== undefined && entry.seen.lasts;
    const failed = (raise && !isOver ? await ask(raise) : undefined) ?? (clear ? await ask(clear) : undefined);
    if (failed !== undefined) putBack(entry, raise, clear);
    return failed;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    putBack(entry, raise, clear);
    return error.message;
  }
}

/** What was seen meanwhile is the last word on whether it lasts. Repeats of what was written have no effect. */
function putBack(entry: PendingCause, raise: Raise | undefined, clear: Clear | undefined): void {
  if (entry.raise === undefined) {
    entry.raise = raise;
    entry.clear ??= clear;
  } else if (raise !== undefined) entry.raise = { ...entry.raise, times: entry.raise.times + raise.times };
}

/** The older the case, the longer its sights are gathered: a cause that lasts a year makes about 150 events of them. */
const SIGHTS_EVERY_MS = MINUTE;
const SIGHTS_EVERY_PART_OF_AGE = 10;

function noteSeen(entry: PendingCause, state: Case, revision: number, now: number): void {
  if (revision > entry.seen.revision) entry.seen = { revision, lasts: isLasting(state.status) };
  entry.sightsFrom = now + Math.max(SIGHTS_EVERY_MS, (now - state.openedAt) / SIGHTS_EVERY_PART_OF_AGE);
}
