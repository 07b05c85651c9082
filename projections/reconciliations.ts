// What reconciliation has found: the latest runs, when each subject was compared last, and the differences that have not
// gone away, with how often each was corrected in vain. Stored and rebuilt from the log, so that a restart knows which run
// was cut short, which is due, and which difference has had its corrections.
import { START } from '../domain/event-log.ts';
import {
  parseReconciliationStream,
  type ReconciliationEvent,
  type ReconciliationEventOf,
  readReconciliationEvent,
} from '../domain/reconciliation/events.ts';
import { evolveRun, hasEnded, type Run } from '../domain/reconciliation/run.ts';
import { subjectKey } from '../domain/reconciliation/subject.ts';
import type { Instant } from '../domain/time.ts';
import type { Projection, ProjectionDefinition } from './projection.ts';
import { bucketOf, pageOf, restorePage, SUBJECTS_PAGE } from './reconciliations-pages.ts';
import {
  type OpenDifference,
  type OpenRow,
  type ReconciliationsState,
  RUNS_KEPT_MAX,
  type RunRow,
  type SubjectRow,
} from './reconciliations-state.ts';

export const RECONCILIATIONS = 'reconciliations';

export interface Reconciliations extends Projection {
  run(id: string): RunRow | undefined;
  /** Newest first. */
  runs(): Iterable<RunRow>;
  subject(key: string): SubjectRow | undefined;
  open(key: string, sku: string): OpenDifference | undefined;
  openOf(key: string): Iterable<OpenDifference>;
  /** Of all subjects. */
  openCount(): number;
}

export const RECONCILIATIONS_PROJECTION: ProjectionDefinition<Reconciliations> = {
  name: RECONCILIATIONS,
  create: createReconciliations,
};

interface Folding {
  readonly state: ReconciliationsState;
  readonly changed: Set<string>;
}

export function createReconciliations(): Reconciliations {
  const state: ReconciliationsState = {
    ...{ seen: START, started: 0, slots: [] },
    ...{ byId: new Map(), subjects: new Map(), open: [] },
  };
  const folding: Folding = { state, changed: new Set() };
  const rowOf = (id: string) => {
    const slot = state.byId.get(id);
    return slot === undefined ? undefined : state.slots[slot];
  };
  return {
    name: RECONCILIATIONS,
    version: 1,
    apply(recorded) {
      const id = parseReconciliationStream(recorded.stream);
      if (id === undefined || recorded.position <= state.seen) return;
      const event = readReconciliationEvent(recorded);
      state.seen = recorded.position;
      folding.changed.add(SUBJECTS_PAGE);
      fold(folding, id, recorded.revision, event, rowOf(id));
    },
    *takeChangedPages() {
      const keys = [...folding.changed].sort();
      folding.changed.clear();
      for (const key of keys) yield pageOf(state, key);
    },
    restore(pages) {
      for (const page of pages) restorePage(state, page);
    },
    run: rowOf,
    *runs() {
      const oldest = Math.max(0, state.started - RUNS_KEPT_MAX);
      for (let ordinal = state.started - 1; ordinal >= oldest; ordinal--) {
        const row = state.slots[ordinal % RUNS_KEPT_MAX];
        if (row !== undefined) yield row;
      }
    },
    subject: (key) => state.subjects.get(key),
    open: (key, sku) => openAt(state, key, sku),
    openCount: () => state.open.reduce((count, bucket) => count + (bucket?.size ?? 0), 0),
    *openOf(key) {
      for (const bucket of state.open) for (const row of bucket?.values() ?? []) if (row.key === key) yield row;
    },
  };
}

function fold(
  folding: Folding,
  id: string,
  revision: number,
  event: ReconciliationEvent,
  before: RunRow | undefined,
): void {
  const { state, changed } = folding;
  const after = evolveRun(before as Run | undefined, id, event);
  // A run that left the ring is history: its stream tells it.
  if (after === undefined) return;
  const ordinal = before?.ordinal ?? state.started;
  if (before === undefined) {
    state.started += 1;
    const evicted = state.slots[ordinal % RUNS_KEPT_MAX];
    if (evicted !== undefined) state.byId.delete(evicted.id);
    state.byId.set(id, ordinal % RUNS_KEPT_MAX);
  }
  state.slots[ordinal % RUNS_KEPT_MAX] = { ...after, taken: withoutFaults(after.taken), revision, ordinal };
  changed.add(`run/${ordinal % RUNS_KEPT_MAX}`);
  const key = subjectKey(after.subject);
  state.subjects.set(key, subjectAfter(state.subjects.get(key), key, after, event));
  if (event.type === 'DifferencesFound') found(folding, key, after.startedAt, event);
  else if (event.type === 'DifferencesSettled') for (const sku of event.skus) put(folding, key, sku, undefined);
  else if (event.type === 'CorrectionsMade') corrected(folding, key, event);
}

function withoutFaults(taken: Run['taken'] | RunRow['taken']): RunRow['taken'] {
  if (taken === undefined) return undefined;
  const { faults: _, ...rest } = taken as NonNullable<Run['taken']>;
  return rest;
}

function subjectAfter(before: SubjectRow | undefined, key: string, run: Run, event: ReconciliationEvent): SubjectRow {
  const was = before ?? { key, lastStartedAt: run.startedAt, failures: 0 };
  if (event.type === 'ReconciliationStarted') return { ...was, lastStartedAt: event.startedAt };
  if (!hasEnded(run)) return was;
  return run.stage === 'failed'
    ? { ...was, failures: was.failures + 1 }
    : { ...was, failures: 0, lastCompleted: { id: run.id, at: run.endedAt! } };
}

function found(
  folding: Folding,
  key: string,
  startedAt: Instant,
  { differences }: ReconciliationEventOf<'DifferencesFound'>,
): void {
  for (const { sku, class: of, units } of differences) {
    const before = openAt(folding.state, key, sku);
    // One that only waits for an update is no finding; one that was a finding stays one until it agrees.
    if (before === undefined && (of === 'in-flight' || of === 'explained')) continue;
    const known = before ?? { sku, firstSeenAt: startedAt, attempts: 0, isCased: false };
    put(folding, key, sku, { ...known, class: of, units });
  }
}

function corrected(folding: Folding, key: string, { corrections }: ReconciliationEventOf<'CorrectionsMade'>): void {
  for (const { sku, plan, outcome } of corrections) {
    const before = openAt(folding.state, key, sku);
    if (before === undefined || outcome === 'in-flight') continue;
    const isCase = plan === 'case' || outcome === 'not-possible';
    const attempts = before.attempts + (plan === 'case' ? 0 : 1);
    put(folding, key, sku, { ...before, attempts, isCased: before.isCased || isCase });
  }
}

function openAt({ open }: ReconciliationsState, key: string, sku: string): OpenRow | undefined {
  return open[bucketOf(key, sku)]?.get(`${key} ${sku}`);
}

function put({ state, changed }: Folding, key: string, sku: string, after: OpenDifference | undefined): void {
  const place = bucketOf(key, sku);
  const bucket = state.open[place] ?? new Map<string, OpenRow>();
  if (after === undefined) {
    if (!bucket.delete(`${key} ${sku}`)) return;
  } else bucket.set(`${key} ${sku}`, { key, ...after });
  state.open[place] = bucket;
  changed.add(`open/${place}`);
}
