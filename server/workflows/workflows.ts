// Runs one kind of workflow: takes commands for it, one after another for each id, appends what they decide, asks the
// stocks what is owed and records their answers, until nothing is owed. A stock that cannot be asked now is asked again
// later; what was owed when the process ended is owed again after `resume`.

import type { Hashes } from '../../domain/event-id.ts';
import { Conflict, type Position, START, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { SECOND } from '../../domain/time.ts';
import type { Answered, Workflow, WorkflowCommand, WorkflowContext } from '../../domain/workflow.ts';
import type { Failed, FailureReason, StockActors } from '../actors/answer.ts';
import { appendRepeating, type RepeatRoom } from '../append-repeating.ts';
import { type Course, judge, loadCourse, type Sender } from './course.ts';
import { createQueues, createResidents } from './queues.ts';

export interface WorkflowRoom extends RepeatRoom {
  readonly clock: Clock;
  readonly hashes: Hashes;
  readonly stocks: Pick<StockActors, 'submit'>;
  /** No other process writes to this log. Default: false. */
  readonly soleWriter?: boolean;
  readonly view: () => Omit<WorkflowContext, 'now'>;
  /** Something failed that nobody waits for; it is tried again. Must not throw. */
  readonly troubled?: (stream: string, error: unknown) => void;
}

export interface WorkflowLimits {
  /** Commands waiting, of all workflows of this kind. */
  readonly waitingMax: number;
  /** Workflows kept in memory; the least recently used leave first. */
  readonly residentMax: number;
}
export const DEFAULT_WORKFLOW_LIMITS: WorkflowLimits = { waitingMax: 10_000, residentMax: 10_000 };

export type WorkflowAnswer<S, R extends string> =
  /** Durable. `settled`: nothing is owed any more; else what the stocks say will follow. */
  | {
      readonly outcome: 'accepted';
      readonly duplicate: boolean;
      readonly settled: boolean;
      readonly state: S;
      readonly revision: number;
      /** At or after every event of the workflow and of the stocks it asked. */
      readonly position: Position;
    }
  | { readonly outcome: 'refused'; readonly reason: R; readonly detail: string }
  | Failed;

export interface Workflows<S, C, R extends string> {
  submit(id: string, command: C, sender: Sender): Promise<WorkflowAnswer<S, R>>;
  /** Goes on with what a workflow owes, if anything. */
  resume(id: string): Promise<void>;
  /** The state now, undefined for an unknown id. @throws Unavailable · LogCorrupt · UnknownEventVersion */
  state(id: string): Promise<{ readonly state: S; readonly revision: number } | undefined>;
  /** Answers what is under way, refuses the rest as `shutting-down`. */
  close(): Promise<void>;
}

const CONFLICTS_MAX = 6;
/** Rounds of owed commands and answers of one submit: a workflow that owes for ever is a fault of its own. */
const ROUNDS_MAX = 100;
const RESUME_BASE_MS = 500;
const RESUME_MS_MAX = 30 * SECOND;
/** The sender of what a workflow records of itself, and of the commands it owes. */
const SELF = 'evenstock';

export function runWorkflow<S, C extends WorkflowCommand, E extends { readonly type: string }, R extends string>(
  workflow: Workflow<S, C, E, R>,
  room: WorkflowRoom,
  limits: WorkflowLimits = DEFAULT_WORKFLOW_LIMITS,
): Workflows<S, C, R> {
  const queues = createQueues();
  const courses = createResidents<Course<S>>(limits.residentMax);
  const again = new Map<string, number>();
  let closing = false;

  const courseOf = async (id: string) => {
    const course = courses.get(id) ?? (await loadCourse(workflow, id, room.log));
    if (course.revision >= 0) courses.set(id, course);
    return course;
  };

  /** Decides and appends; a conflict reads the stream again and decides anew. */
  const take = async (id: string, command: C, sender: Sender) => {
    for (let attempt = 1; ; attempt++) {
      const remembered = courses.get(id) !== undefined;
      const course = await courseOf(id);
      const judged = judge(workflow, course, command, sender, { now: room.clock.now(), ...room.view() }, room.hashes);
      if (judged.outcome === 'refused') {
        if (room.soleWriter === true || !remembered) return judged;
        // Another process may have gone on: nothing is refused from memory alone.
        courses.delete(id);
        continue;
      }
      if (judged.outcome === 'duplicate') return { course, position: START, duplicate: true };
      try {
        const { position } = await appendRepeating(room, course.stream, course.revision, judged.events);
        courses.set(id, judged.after);
        return { course: judged.after, position, duplicate: false };
      } catch (error) {
        courses.delete(id);
        if (!(error instanceof Conflict) || attempt >= CONFLICTS_MAX) throw error;
        await room.sleep(room.random() * 2 ** attempt);
      }
    }
  };

  /** Asks the stocks what is owed and records what they say, round after round. */
  const settle = async (id: string, from: Position): Promise<{ settled: boolean; position: Position }> => {
    let position = from;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { state } = await courseOf(id);
      const owed = workflow.owed(state);
      if (owed.length === 0) return { settled: true, position };
      const asked = await Promise.all(
        owed.map(async (command) => ({ command, answer: await room.stocks.submit({ command, client: SELF }) })),
      );
      const answers: Answered[] = [];
      for (const { command, answer } of asked) {
        if (answer.outcome === 'failed') continue;
        answers.push({ command, answer });
        if (answer.outcome !== 'refused' && answer.position > position) position = answer.position;
      }
      if (answers.length > 0) {
        const taken = await take(id, workflow.record(state, answers), { source: SELF });
        if ('reason' in taken) throw new Error(`${workflow.category}-${id} refused its own record: ${taken.detail}`);
        if (taken.position > position) position = taken.position;
      }
      if (answers.length < owed.length) break;
    }
    return { settled: false, position };
  };

  const goOn = async (id: string, from: Position) => {
    try {
      const went = await settle(id, from);
      if (went.settled) again.delete(id);
      else later(id);
      return went;
    } catch (error) {
      courses.delete(id);
      room.troubled?.(`${workflow.category}-${id}`, error);
      later(id);
      return { settled: false, position: from };
    }
  };
  const later = (id: string) => {
    const failures = (again.get(id) ?? 0) + 1;
    again.set(id, failures);
    const ms = Math.min(RESUME_MS_MAX, room.random() * RESUME_BASE_MS * 2 ** Math.min(failures, 10));
    void room.sleep(ms).then(() => (closing || !again.has(id) ? undefined : resume(id)));
  };
  const resume = (id: string): Promise<void> =>
    closing ? Promise.resolve() : queues.run(id, async () => void (await goOn(id, START)));

  return {
    async submit(id, command, sender) {
      if (closing) return failed('shutting-down', 'this server is shutting down');
      if (queues.waiting() >= limits.waitingMax)
        return failed('overloaded', `too many ${workflow.category} commands wait`);
      return queues.run(id, async (): Promise<WorkflowAnswer<S, R>> => {
        try {
          const taken = await take(id, command, sender);
          if ('reason' in taken) return taken;
          const { settled, position } = await goOn(id, taken.position);
          const { state, revision } = await courseOf(id);
          return { outcome: 'accepted', duplicate: taken.duplicate, settled, state, revision, position };
        } catch (error) {
          courses.delete(id);
          return failed(reasonOf(error), error instanceof Error ? error.message : String(error));
        }
      });
    },
    resume,
    async state(id) {
      const { state, revision } = await courseOf(id);
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
