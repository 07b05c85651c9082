// A run as its events tell it: how far it has come, what it found and what it still owes. A run that a crash ended goes on
// from here: its differences are in the log before anything is corrected, so what is owed is known to the SKU.
import type { ClassTotals, FoundDifference, ReconciliationEvent, ReconciliationEventOf } from './events.ts';

type Fields<T extends ReconciliationEvent['type']> = Omit<ReconciliationEventOf<T>, 'type' | 'v'>;

export type Stage = 'reading' | 'comparing' | 'correcting' | 'completed' | 'failed';

/** How many corrections of each kind were made, and how many could not be. */
export interface Corrected {
  readonly republish: number;
  readonly count: number;
  readonly case: number;
  readonly inFlight: number;
  readonly notPossible: number;
}

export interface Run extends Fields<'ReconciliationStarted'> {
  readonly id: string;
  readonly stage: Stage;
  readonly taken: Fields<'StatementTaken'> | undefined;
  readonly compared: Fields<'StatementCompared'> | undefined;
  readonly corrected: Corrected;
  readonly endedAt: number | undefined;
  /** Why it failed. */
  readonly reason: string | undefined;
}

export const NOTHING_CORRECTED: Corrected = { republish: 0, count: 0, case: 0, inFlight: 0, notPossible: 0 };

/** What is known after one more event; undefined while nothing is. */
export function evolveRun(run: Run | undefined, id: string, event: ReconciliationEvent): Run | undefined {
  if (event.type === 'ReconciliationStarted') return run ?? started(id, event);
  if (run === undefined) return undefined;
  switch (event.type) {
    case 'StatementTaken':
      return { ...run, stage: 'comparing', taken: fieldsOf(event) };
    case 'StatementCompared':
      return { ...run, stage: 'correcting', compared: fieldsOf(event) };
    case 'CorrectionsMade':
      return { ...run, corrected: correctedAfter(run.corrected, event) };
    case 'ReconciliationCompleted':
      return { ...run, stage: 'completed', endedAt: event.completedAt };
    case 'ReconciliationFailed':
      return { ...run, stage: 'failed', endedAt: event.failedAt, reason: event.reason };
    default:
      return run;
  }
}

export function hasEnded({ stage }: Pick<Run, 'stage'>): boolean {
  return stage === 'completed' || stage === 'failed';
}

function started(id: string, event: ReconciliationEventOf<'ReconciliationStarted'>): Run {
  return {
    id,
    ...fieldsOf(event),
    stage: 'reading',
    taken: undefined,
    compared: undefined,
    corrected: NOTHING_CORRECTED,
    endedAt: undefined,
    reason: undefined,
  };
}

function fieldsOf<T extends ReconciliationEvent['type']>(event: ReconciliationEventOf<T>): Fields<T> {
  const { type: _, v: __, ...fields } = event;
  return fields as unknown as Fields<T>;
}

export function correctedAfter(
  before: Corrected,
  { corrections }: ReconciliationEventOf<'CorrectionsMade'>,
): Corrected {
  const after = { ...before };
  for (const { plan, outcome } of corrections) {
    if (outcome === 'done') after[plan] += 1;
    else if (outcome === 'in-flight') after.inFlight += 1;
    else after.notPossible += 1;
  }
  return after;
}

/** Adds one difference to the totals of its class. */
export function totalsWith(
  totals: ClassTotals,
  difference: Pick<FoundDifference, 'class' | 'units' | 'value'>,
): ClassTotals {
  const before = totals[difference.class] ?? { skus: 0, units: 0 };
  const value = difference.value === undefined ? before.value : (before.value ?? 0) + Math.abs(difference.value);
  return {
    ...totals,
    [difference.class]: {
      skus: before.skus + 1,
      units: before.units + Math.abs(difference.units),
      ...(value === undefined ? {} : { value }),
    },
  };
}
