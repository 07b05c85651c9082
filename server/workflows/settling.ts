// Asks the stocks what a workflow owes them and records what they say, round after round, until nothing is owed.
import type { Position } from '../../domain/event-log.ts';
import type { Answered, Workflow, WorkflowCommand } from '../../domain/workflow.ts';
import type { Sender } from './course.ts';
import type { Taking, WorkflowRoom } from './taking.ts';

/** Rounds of one call: a workflow that owes for ever is a fault of its own. */
const ROUNDS_MAX = 100;
/** The sender of what a workflow records of itself, and of the commands it owes. */
const SELF = 'evenstock';

export interface Settling {
  /** At or after what made it owe. */
  readonly from: Position;
  /** Of the command that it goes on with; undefined: nobody asked, it goes on in the trace of the last command that had one. */
  readonly sender?: Sender | undefined;
}

export interface Settled {
  /** Nothing is owed any more; else a stock could not be asked. */
  readonly settled: boolean;
  /** At or after every event that came of it. */
  readonly position: Position;
}

export async function settleOwed<S, C extends WorkflowCommand, E extends { readonly type: string }, R extends string>(
  workflow: Workflow<S, C, E, R>,
  room: WorkflowRoom,
  taking: Taking<S, C, R>,
  id: string,
  { from, sender }: Settling,
): Promise<Settled> {
  let position = from;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { state, traceparent: last, lastCommandId: cause } = await taking.courseOf(id);
    const traceparent = sender === undefined ? last : sender.traceparent;
    const owed = workflow.owed(state);
    if (owed.length === 0) return { settled: true, position };
    const asked = await Promise.all(
      owed.map(async (ask) => {
        // Whoever follows a movement back finds the command for whose sake it was asked (P16).
        const command = { ...ask, causationId: ask.causationId ?? cause };
        return { command, answer: await room.stocks.submit({ command, client: SELF, traceparent }) };
      }),
    );
    const answers: Answered[] = [];
    for (const { command, answer } of asked) {
      if (answer.outcome === 'failed') continue;
      answers.push({ command, answer });
      if (answer.outcome !== 'refused' && answer.position > position) position = answer.position;
    }
    if (answers.length > 0) {
      const taken = await taking.take(id, workflow.record(state, answers), { source: SELF, traceparent });
      if ('reason' in taken) throw new Error(`${workflow.category}-${id} refused its own record: ${taken.detail}`);
      if (taken.position > position) position = taken.position;
    }
    if (answers.length < owed.length) break;
  }
  return { settled: false, position };
}
