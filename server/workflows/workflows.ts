// Runs one kind of workflow: takes commands for it, one after another for each id, appends what they decide, asks the
// stocks what is owed and records their answers, until nothing is owed. A stock that cannot be asked now is asked again
// later; what was owed when the process ended is owed again after `resume`.

import { Conflict, START, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import { SECOND } from '../../domain/time.ts';
import type { Workflow, WorkflowCommand } from '../../domain/workflow.ts';
import type { Failed, FailureReason } from '../actors/answer.ts';
import type { Sender } from './course.ts';
import { createQueues } from './queues.ts';
import { type Settling, settleOwed } from './settling.ts';
import { createTaking, type WorkflowRoom } from './taking.ts';
import { traced } from './traced.ts';
import type { WorkflowAnswer } from './workflow-answer.ts';

export interface WorkflowLimits {
  /** Commands waiting, of all workflows of this kind. */
  readonly waitingMax: number;
  /** Workflows kept in memory; the least recently used leave first. */
  readonly residentMax: number;
}
export const DEFAULT_WORKFLOW_LIMITS: WorkflowLimits = { waitingMax: 10_000, residentMax: 10_000 };

export interface Workflows<S, C, R extends string> {
  submit(id: string, command: C, sender: Sender): Promise<WorkflowAnswer<S, R>>;
  /** Goes on with what a workflow owes, if anything. */
  resume(id: string): Promise<void>;
  /** The state now, undefined for an unknown id. @throws Unavailable · LogCorrupt · UnknownEventVersion */
  state(id: string): Promise<{ readonly state: S; readonly revision: number } | undefined>;
  /** Answers what is under way, refuses the rest as `shutting-down`. */
  close(): Promise<void>;
}

const RESUME_BASE_MS = 500;
const RESUME_MS_MAX = 30 * SECOND;

export function runWorkflow<S, C extends WorkflowCommand, E extends { readonly type: string }, R extends string>(
  workflow: Workflow<S, C, E, R>,
  room: WorkflowRoom,
  limits: WorkflowLimits = DEFAULT_WORKFLOW_LIMITS,
): Workflows<S, C, R> {
  const queues = createQueues();
  const taking = createTaking(workflow, room, limits.residentMax);
  const again = new Map<string, number>();
  let closing = false;

  const goOn = async (id: string, settling: Settling) => {
    try {
      const went = await settleOwed(workflow, room, taking, id, settling);
      if (went.settled) again.delete(id);
      else later(id);
      return went;
    } catch (error) {
      taking.forget(id);
      room.troubled?.(`${workflow.category}-${id}`, error);
      later(id);
      return { settled: false, position: settling.from };
    }
  };
  const later = (id: string) => {
    const failures = (again.get(id) ?? 0) + 1;
    again.set(id, failures);
    const ms = Math.min(RESUME_MS_MAX, room.random() * RESUME_BASE_MS * 2 ** Math.min(failures, 10));
    void room.sleep(ms).then(() => (closing || !again.has(id) ? undefined : resume(id)));
  };
  const resume = (id: string): Promise<void> =>
    closing ? Promise.resolve() : queues.run(id, async () => void (await goOn(id, { from: START })));

  const submit = async (id: string, command: C, sender: Sender): Promise<WorkflowAnswer<S, R>> => {
    if (closing) return failed('shutting-down', 'this server is shutting down');
    if (queues.waiting() >= limits.waitingMax)
      return failed('overloaded', `too many ${workflow.category} commands wait`);
    return queues.run(id, async (): Promise<WorkflowAnswer<S, R>> => {
      try {
        const taken = await taking.take(id, command, sender);
        if ('reason' in taken) return taken;
        const { settled, position } = await goOn(id, { from: taken.position, sender });
        const { state, revision } = await taking.courseOf(id);
        return { outcome: 'accepted', duplicate: taken.duplicate, settled, state, revision, position };
      } catch (error) {
        taking.forget(id);
        return failed(reasonOf(error), error instanceof Error ? error.message : String(error));
      }
    });
  };
  return {
    submit: traced(workflow.category, room.spans, taking, submit),
    resume,
    async state(id) {
      const { state, revision } = await taking.courseNow(id);
      return revision < 0 ? undefined : { state, revision };
    },
    async close() {
      closing = true;
      await queues.idle();
    },
  };
}

function failed(reason: FailureReason, detail: string): Failed {
  return { outcome: 'failed', reason, detail, retryAfterMs: SECOND };
}

function reasonOf(error: unknown): FailureReason {
  if (error instanceof Conflict) return 'conflict';
  if (error instanceof UnknownOutcome) return 'unknown-outcome';
  if (error instanceof Unavailable && error.reason !== 'down' && error.reason !== 'closed') return error.reason;
  return 'unavailable';
}
