// The state of the `reconciliations` projection: what is kept of a run, a subject and a difference that has not gone away.
import type { Position } from '../domain/event-log.ts';
import type { Run } from '../domain/reconciliation/run.ts';
import type { Instant } from '../domain/time.ts';

/** Runs kept here; an older one is still in its stream. */
export const RUNS_KEPT_MAX = 1_000;

export interface RunRow extends Omit<Run, 'taken'> {
  /** Of the last event folded. */
  readonly revision: number;
  /** Runs are numbered in the order in which they started, from 0. */
  readonly ordinal: number;
  /** Without the lines that could not be read. */
  readonly taken: Omit<NonNullable<Run['taken']>, 'faults'> | undefined;
}

export interface OpenDifference {
  readonly sku: string;
  readonly class: string;
  readonly units: number;
  /** When the run began that found it first. */
  readonly firstSeenAt: Instant;
  /** Corrections since then; it is still there. */
  readonly attempts: number;
  /** There is a case for it. */
  readonly isCased: boolean;
}

export interface SubjectRow {
  readonly key: string;
  /** Of the last run that started, and of the last that completed. */
  readonly lastStartedAt: Instant;
  readonly lastCompleted?: { readonly id: string; readonly at: Instant } | undefined;
  /** Runs that failed since then. */
  readonly failures: number;
}

export interface ReconciliationsState {
  seen: Position;
  started: number;
  /** By ordinal, modulo `RUNS_KEPT_MAX`. */
  readonly slots: (RunRow | undefined)[];
  readonly byId: Map<string, number>;
  readonly subjects: Map<string, SubjectRow>;
  /** Buckets, each by `<subject> <SKU>`; undefined: never touched, so not a page either. */
  readonly open: (Map<string, OpenRow> | undefined)[];
}

export interface OpenRow extends OpenDifference {
  readonly key: string;
}
