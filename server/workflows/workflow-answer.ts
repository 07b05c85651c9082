// What a workflow answers to a command.
import type { Position } from '../../domain/event-log.ts';
import type { Failed } from '../actors/answer.ts';

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
