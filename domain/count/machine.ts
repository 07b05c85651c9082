// The life of a stocktake and of each of its lines as two statecharts: which happening is possible in which status, and
// where it leads. Deciding and folding ask them; there is no second list. The diagrams in docs/stocktake.mmd and
// docs/stocktake-line.mmd are these machines; a test keeps them equal. Flat, without guards, actions or timers.
import { createMachine } from 'xstate';
import { transitionTable } from '../flat-machine.ts';

export const stocktakeMachine = createMachine({
  id: 'stocktake',
  initial: 'new',
  states: {
    new: { on: { StocktakeOpened: 'opening' } },
    // The SKUs expected here are being written to its sheets.
    opening: { on: { StocktakeStarted: 'counting', StocktakeCancellationAsked: 'cancelling' } },
    counting: { on: { StocktakeCompletionAsked: 'completing', StocktakeCancellationAsked: 'cancelling' } },
    // Its sheets are being closed, each for itself: a line is in before that, or is refused after it.
    completing: { on: { StocktakeCompleted: 'completed' } },
    cancelling: { on: { StocktakeCancelled: 'cancelled' } },
    completed: { type: 'final' },
    cancelled: { type: 'final' },
  },
});

export const STOCKTAKE_STATUSES = [
  'new',
  'opening',
  'counting',
  'completing',
  'cancelling',
  'completed',
  'cancelled',
] as const;
export type StocktakeStatus = (typeof STOCKTAKE_STATUSES)[number];

export const lineMachine = createMachine({
  id: 'stocktake-line',
  initial: 'uncounted',
  states: {
    uncounted: { on: { counted: 'applying', countedAboveThreshold: 'waiting' } },
    // Owed to the stock.
    applying: { on: { recorded: 'applied', parked: 'parked' } },
    applied: { on: { recountAsked: 'recount' } },
    waiting: {
      on: { approved: 'applying', rejected: 'rejected', recountAsked: 'recount', stocktakeCancelled: 'dropped' },
    },
    recount: { on: { counted: 'applying', countedAboveThreshold: 'waiting' } },
    rejected: { on: { recountAsked: 'recount' } },
    // The stock found the count too old to be judged, or from the future, and keeps it without effect.
    parked: { on: { recountAsked: 'recount' } },
    dropped: { type: 'final' },
  },
});

export const LINE_STATUSES = [
  'uncounted',
  'applying',
  'applied',
  'waiting',
  'recount',
  'rejected',
  'parked',
  'dropped',
] as const;
export type LineStatus = (typeof LINE_STATUSES)[number];

export type LineHappening =
  | 'counted'
  | 'countedAboveThreshold'
  | 'recorded'
  | 'parked'
  | 'approved'
  | 'rejected'
  | 'recountAsked'
  | 'stocktakeCancelled';

const STOCKTAKE = transitionTable<StocktakeStatus>(stocktakeMachine);
const LINE = transitionTable<LineStatus>(lineMachine);

/** Where an event leads a stocktake from this status; undefined: it cannot happen there. */
export function statusAfter(status: StocktakeStatus, eventType: string): StocktakeStatus | undefined {
  return STOCKTAKE.get(status)?.get(eventType);
}

/** Where it leads a line; undefined: it cannot happen to a line of this status. */
export function lineAfter(status: LineStatus, happening: LineHappening): LineStatus | undefined {
  return LINE.get(status)?.get(happening);
}
