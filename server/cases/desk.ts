// Where people work on cases: takes their commands, and does what `retry` asks for. A retry is written before it is done
// and again when it ended, so one that a crash came between is done by the next look.
import type { Position } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import type { CaseCommand } from '../../domain/exception/case-commands.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { CaseRefusal } from '../../domain/exception/decide.ts';
import { SECOND } from '../../domain/time.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { Sender } from '../workflows/course.ts';
import type { WorkflowAnswer } from '../workflows/workflow-answer.ts';
import type { CaseWorkflows } from './pending-cause.ts';
import type { Remedies, Remedy, Tried } from './remedies.ts';
import type { Look } from './watching.ts';

/** What people can be refused; the rest of `CaseRefusal` is about what only the product says. */
const FOR_PEOPLE = ['unknown-case', 'case-closed'] as const satisfies readonly CaseRefusal[];
export type CaseAnswer = WorkflowAnswer<Case, (typeof FOR_PEOPLE)[number] | 'not-retryable'>;

export interface DeskRoom {
  readonly workflows: Pick<CaseWorkflows, 'submit' | 'state'>;
  readonly remedies: Remedies;
  readonly cases: () => Pick<CasesReader, 'open'>;
  /** Up to where people can have seen what happened. */
  readonly folded: () => Position;
  readonly sink: Pick<CaseSink, 'cleared'> & { settled(): Promise<void> | undefined };
  /** Of the log. */
  readonly head: () => Promise<Position>;
}

export interface Desk {
  submit(id: string, command: CaseCommand, sender: Sender): Promise<CaseAnswer>;
  /** Does retries that nobody does: whoever asked for them ended in between. */
  readonly lookForLeftRetries: Look;
}

/** A remedy that takes longer than this is not waited for by another. */
const LEFT_AFTER_MS = 60 * SECOND;
const SELF = { source: 'evenstock' };
const DETAIL_LENGTH_MAX = 1_000;

export function createDesk({ workflows, remedies, cases, folded, sink, head }: DeskRoom): Desk {
  const trying = new Set<string>();

  const retry = async (state: Case, remedy: Remedy, traceparent?: string): Promise<void> => {
    const name = `${state.id} ${state.retry}`;
    if (state.retry === undefined || trying.has(name)) return;
    trying.add(name);
    try {
      const { detail, isGone } = await tried(remedy, state, traceparent);
      const command = { id: `${state.retry}:outcome`, type: 'retried', of: state.retry, detail } as const;
      const answer = await workflows.submit(state.id, command, { ...SELF, traceparent });
      if (!isGone || answer.outcome === 'failed') return;
      sink.cleared(state.kind!, state.key);
      await sink.settled();
    } finally {
      trying.delete(name);
    }
  };

  return {
    async submit(id, command, sender) {
      const known = command.type === 'retry' ? await workflows.state(id) : undefined;
      const remedy = known && remedies.of(known.state);
      if (known !== undefined && remedy === undefined) return notRetryable(known.state);
      // What was known up to now does not open again what is closed now.
      const asOf = folded().toString();
      const answer = forPeople(await workflows.submit(id, { ...command, asOf }, sender));
      if (remedy === undefined || answer.outcome !== 'accepted' || answer.state.retry !== command.id) return answer;
      await retry(answer.state, remedy, sender.traceparent).catch(() => {});
      const after = await workflows.state(id);
      return { ...answer, ...after, position: await head() };
    },
    lookForLeftRetries(now) {
      for (const state of cases().open()) {
        if (state.retryAskedAt === undefined || now - state.retryAskedAt < LEFT_AFTER_MS) continue;
        const remedy = remedies.of(state);
        if (remedy !== undefined) void retry(state, remedy).catch(() => {});
      }
    },
  };
}

async function tried(remedy: Remedy, state: Case, traceparent: string | undefined): Promise<Tried> {
  try {
    const { detail, isGone } = await remedy(state, traceparent);
    return { detail: detail.slice(0, DETAIL_LENGTH_MAX), isGone };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { detail: `it failed again: ${reason}`.slice(0, DETAIL_LENGTH_MAX), isGone: false };
  }
}

function forPeople(answer: WorkflowAnswer<Case, CaseRefusal>): CaseAnswer {
  if (answer.outcome !== 'refused') return answer;
  const reason = FOR_PEOPLE.find((one) => one === answer.reason);
  if (reason === undefined) throw new Error(`people were refused as ${answer.reason}: ${answer.detail}`);
  return { ...answer, reason };
}

function notRetryable({ kind, key }: Case): CaseAnswer {
  const detail = `nothing can be tried again for ${kind} ${key}: resolve it when it is done, or dismiss it`;
  return { outcome: 'refused', reason: 'not-retryable', detail };
}
