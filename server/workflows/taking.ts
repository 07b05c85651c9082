// Takes the commands of one kind of workflow: decides against the stream as it is, appends, and decides anew when another
// writer came first. Nothing is refused from memory alone where other processes write too.

import type { Hashes } from '../../domain/event-id.ts';
import { Conflict, type Position, START } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import type { Workflow, WorkflowCommand, WorkflowContext } from '../../domain/workflow.ts';
import type { StockActors } from '../actors/answer.ts';
import { appendRepeating, type RepeatRoom } from '../append-repeating.ts';
import type { Spans } from '../observe/spans.ts';
import { type Course, judge, loadCourse, type Sender } from './course.ts';
import { createResidents } from './queues.ts';

export interface WorkflowRoom extends RepeatRoom {
  readonly clock: Clock;
  readonly hashes: Hashes;
  readonly stocks: Pick<StockActors, 'submit'>;
  /** Undefined: no traces. */
  readonly spans?: Spans | undefined;
  /** No other process writes to this log. Default: false. */
  readonly soleWriter?: boolean;
  readonly view: () => Omit<WorkflowContext, 'now'>;
  /** Something failed that nobody waits for; it is tried again. Must not throw. */
  readonly troubled?: (stream: string, error: unknown) => void;
}

const CONFLICTS_MAX = 6;

export interface Taken<S> {
  readonly course: Course<S>;
  /** Of the last event appended, `START` for none. */
  readonly position: Position;
  readonly duplicate: boolean;
}

export interface Taking<S, C, R extends string> {
  courseOf(id: string): Promise<Course<S>>;
  /** As far as it is in memory. */
  remembered(id: string): Course<S> | undefined;
  /** With what other processes have written, where others write. */
  courseNow(id: string): Promise<Course<S>>;
  take(
    id: string,
    command: C,
    sender: Sender,
  ): Promise<Taken<S> | { readonly outcome: 'refused'; readonly reason: R; readonly detail: string }>;
  /** Read from the log again the next time. */
  forget(id: string): void;
}

export function createTaking<S, C extends WorkflowCommand, E extends { readonly type: string }, R extends string>(
  workflow: Workflow<S, C, E, R>,
  room: WorkflowRoom,
  residentMax: number,
): Taking<S, C, R> {
  const courses = createResidents<Course<S>>(residentMax);
  const courseOf = async (id: string) => {
    const course = courses.get(id) ?? (await loadCourse(workflow, id, room.log));
    if (course.revision >= 0) courses.set(id, course);
    return course;
  };
  return {
    courseOf,
    remembered: courses.get,
    async courseNow(id) {
      const known = room.soleWriter === true ? undefined : courses.get(id);
      if (known === undefined) return courseOf(id);
      const now = await loadCourse(workflow, id, room.log, known);
      // What came meanwhile by this process is newer.
      if (courses.get(id) === known) courses.set(id, now);
      return now;
    },
    forget: courses.delete,
    async take(id, command, sender) {
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
        // Nothing to say, such as answers that another process has recorded: there is nothing to append.
        if (judged.events.length === 0) return { course, position: START, duplicate: true };
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
    },
  };
}
