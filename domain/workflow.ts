// A workflow coordinates many stocks: an order, a transfer, a stocktake. It has a stream of its own and a decider like
// a stock, and it says what it still owes the stocks. Whatever runs it asks the stocks, tells it their answers, and
// asks again what is owed, until nothing is: after a crash at any point too, because the same state owes the same
// commands under the same ids, and a stock takes each only once.
import type { Policy } from './channel/policy.ts';
import type { StockCommand } from './stock/commands.ts';
import type { ChannelId, LocationId, Sku } from './stock/stream.ts';
import type { RefusalReason } from './stock/verdict.ts';
import type { Instant } from './time.ts';
import type { Upcasters } from './versioned-event.ts';

export interface WorkflowCommand {
  /** The same id is the same intent: its repeats have no effect. */
  readonly id: string;
  readonly type: string;
}

/** What every event of a workflow has besides its own. */
export interface WorkflowFrame {
  readonly v: number;
  readonly commandId: string;
  /** Who sent the command. */
  readonly source: string;
  readonly recordedAt: Instant;
}

export interface WorkflowContext {
  readonly now: Instant;
  readonly policy: Policy;
  /** Units free for a channel at a location as the read model last saw them: a hint where to ask, never a promise. */
  free(sku: Sku, location: LocationId, channel: ChannelId): number;
}

export type WorkflowDecision<Event, Reason extends string, State = never> =
  | {
      readonly outcome: 'accepted';
      readonly events: readonly Event[];
      /** The state after these events, of a decider that folds them on its way: else they are folded again. */
      readonly after?: State;
    }
  | { readonly outcome: 'refused'; readonly reason: Reason; readonly detail: string };

/** What a stock said to a command that was owed to it. */
export type StockAnswer =
  | { readonly outcome: 'accepted' | 'parked'; readonly revision: number }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly detail: string };

export interface Answered {
  readonly command: StockCommand;
  readonly answer: StockAnswer;
}

/** `Event` is what `decide` makes; stored and given to `evolve` with the frame. All functions are pure and never throw. */
export interface Workflow<
  State,
  Command extends WorkflowCommand,
  Event extends { readonly type: string },
  Reason extends string,
> {
  /** Streams are named `<category>-<id>`. */
  readonly category: string;
  /** Of the events written now, their types, and how older ones are read. */
  readonly version: number;
  readonly types: ReadonlySet<string>;
  readonly upcasters: Upcasters;
  initial(id: string): State;
  decide(state: State, command: Command, context: WorkflowContext): WorkflowDecision<Event, Reason, State>;
  evolve(state: State, event: Event & WorkflowFrame): State;
  /** Commands the state calls for and that no stock has answered yet; their ids derive from the workflow. */
  owed(state: State): readonly StockCommand[];
  /** The workflow command that records these answers; its id derives from theirs. Never refused. */
  record(state: State, answers: readonly Answered[]): Command;
}

/** `<category>-<id>`. */
export function workflowStream({ category }: { readonly category: string }, id: string): string {
  return `${category}-${id}`;
}
