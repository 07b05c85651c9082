// A stocktake as a whole: where it counts what, on how many sheets, and how far it has come. Its stream stays short: the
// lines are on its sheets (sheet.ts). Pure; decide never throws.
import { plural } from '../plural.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { Upcasters } from '../versioned-event.ts';
import type { Workflow, WorkflowDecision, WorkflowFrame } from '../workflow.ts';
import type { StocktakeRefusal } from './commands.ts';
import { type StocktakeStatus, statusAfter } from './machine.ts';

export const STOCKTAKE_CATEGORY = 'stocktake';
export const STOCKTAKE_EVENT_VERSION = 1;

export type StocktakeScope = { readonly type: 'full' } | { readonly type: 'skus'; readonly skus: readonly Sku[] };

export interface Stocktake {
  readonly id: string;
  readonly status: StocktakeStatus;
  readonly location: LocationId;
  readonly scope: StocktakeScope;
  readonly sheets: number;
  /** SKUs expected here when it was opened. */
  readonly expected: number;
}

export type StocktakeCommand =
  | {
      readonly type: 'open';
      readonly id: string;
      readonly location: LocationId;
      readonly scope: StocktakeScope;
      readonly sheets: number;
    }
  /** Its sheets are open. */
  | { readonly type: 'start'; readonly id: string; readonly expected: number }
  /** `waiting` and `uncounted`: lines on its sheets that are, as they were just read. */
  | {
      readonly type: 'complete';
      readonly id: string;
      readonly leaveUncounted: boolean;
      readonly waiting: number;
      readonly uncounted: number;
    }
  | { readonly type: 'cancel'; readonly id: string }
  /** Its sheets are closed. */
  | { readonly type: 'end'; readonly id: string };

type Happening =
  | {
      readonly type: 'StocktakeOpened';
      readonly location: LocationId;
      readonly scope: StocktakeScope;
      readonly sheets: number;
    }
  | { readonly type: 'StocktakeStarted'; readonly expected: number }
  | { readonly type: 'StocktakeCompletionAsked'; readonly uncounted: number }
  | { readonly type: 'StocktakeCompleted' }
  | { readonly type: 'StocktakeCancellationAsked' }
  | { readonly type: 'StocktakeCancelled' };

/** As it is stored: with the status after it. */
export type StocktakeEvent = Happening & { readonly status: StocktakeStatus };

const TYPES: Readonly<Record<Happening['type'], true>> = {
  StocktakeOpened: true,
  StocktakeStarted: true,
  StocktakeCompletionAsked: true,
  StocktakeCompleted: true,
  StocktakeCancellationAsked: true,
  StocktakeCancelled: true,
};
export const STOCKTAKE_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(TYPES));
export const STOCKTAKE_UPCASTERS: Upcasters = new Map();

type Decision = WorkflowDecision<StocktakeEvent, StocktakeRefusal>;

export function newStocktake(id: string): Stocktake {
  return { id, status: 'new', location: '', scope: { type: 'full' }, sheets: 0, expected: 0 };
}

export function decideStocktake(stocktake: Stocktake, command: StocktakeCommand): Decision {
  const { id, status } = stocktake;
  if (command.type === 'open') {
    if (status !== 'new') return refused('stocktake-exists', `/stocktakeId there is a stocktake ${id} already`);
    const { location, scope, sheets } = command;
    return happened(stocktake, { type: 'StocktakeOpened', location, scope, sheets });
  }
  if (status === 'new') return refused('unknown-stocktake', `there is no stocktake ${id}`);
  switch (command.type) {
    case 'start':
      return status === 'opening'
        ? happened(stocktake, { type: 'StocktakeStarted', expected: command.expected })
        : NOTHING_TO_SAY;
    case 'complete':
      return complete(stocktake, command);
    case 'cancel':
      if (statusAfter(status, 'StocktakeCancellationAsked') === undefined) return notCounting(stocktake);
      return happened(stocktake, { type: 'StocktakeCancellationAsked' });
    case 'end':
      if (status === 'completing') return happened(stocktake, { type: 'StocktakeCompleted' });
      return status === 'cancelling' ? happened(stocktake, { type: 'StocktakeCancelled' }) : NOTHING_TO_SAY;
  }
}
/** Another process was faster. */
const NOTHING_TO_SAY: Decision = { outcome: 'accepted', events: [] };

type Complete = Extract<StocktakeCommand, { type: 'complete' }>;

function complete(stocktake: Stocktake, { waiting, uncounted, leaveUncounted }: Complete): Decision {
  if (statusAfter(stocktake.status, 'StocktakeCompletionAsked') === undefined) return notCounting(stocktake);
  if (waiting > 0)
    return refused(
      'lines-waiting',
      `${plural(waiting, 'line waits', 'lines wait')} for approval, rejection or a recount`,
    );
  if (uncounted > 0 && !leaveUncounted) {
    const detail =
      'SKUs have not been counted: count them, send `zero` for them, or complete with "uncounted": "leave"';
    return refused('lines-uncounted', `${uncounted} ${detail}`);
  }
  return happened(stocktake, { type: 'StocktakeCompletionAsked', uncounted });
}

const WHY: Readonly<Record<StocktakeStatus, string>> = {
  new: 'has not been opened',
  opening: 'is still being opened',
  counting: 'is being counted',
  completing: 'is being completed',
  cancelling: 'is being cancelled',
  completed: 'is completed',
  cancelled: 'is cancelled',
};

/** Why it takes no lines now, for people. */
export function notCountingText({ id, status }: Stocktake): string {
  return `stocktake ${id} ${WHY[status]}`;
}

function notCounting(stocktake: Stocktake): Decision {
  return refused('not-counting', notCountingText(stocktake));
}

function refused(reason: StocktakeRefusal, detail: string): Decision {
  return { outcome: 'refused', reason, detail };
}

function happened({ status }: Stocktake, happening: Happening): Decision {
  return { outcome: 'accepted', events: [{ ...happening, status: statusAfter(status, happening.type) ?? status }] };
}

export function evolveStocktake(before: Stocktake, event: Happening): Stocktake {
  const stocktake = { ...before, status: statusAfter(before.status, event.type) ?? before.status };
  switch (event.type) {
    case 'StocktakeOpened': {
      const { location, scope, sheets } = event;
      return { ...stocktake, location, scope, sheets };
    }
    case 'StocktakeStarted':
      return { ...stocktake, expected: event.expected };
    default:
      return stocktake;
  }
}

/** It owes the stocks nothing itself: its sheets do. */
export const stocktakeWorkflow: Workflow<Stocktake, StocktakeCommand, StocktakeEvent, StocktakeRefusal> = {
  category: STOCKTAKE_CATEGORY,
  version: STOCKTAKE_EVENT_VERSION,
  types: STOCKTAKE_EVENT_TYPES,
  upcasters: STOCKTAKE_UPCASTERS,
  initial: newStocktake,
  decide: (stocktake, command) => decideStocktake(stocktake, command),
  evolve: (stocktake: Stocktake, event: StocktakeEvent & WorkflowFrame) => evolveStocktake(stocktake, event),
  owed: () => [],
  record: ({ id }) => ({ type: 'end', id: `stocktake:${id}:end` }),
};
