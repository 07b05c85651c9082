// A run of reconciliation, kept for ever in a stream of its own: what was compared, each difference and its class before
// anything is corrected, what was done, and how it ended. Instants are milliseconds since 1970, positions decimal text.
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import { Correction } from '../policy/system-of-record.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';
import { DIFFERENCE_CLASSES, Difference } from './difference.ts';
import { PLANS } from './plan.ts';
import { Subject } from './subject.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const RECONCILIATION_EVENT_VERSION = 1;

/** In one event: it stays below about 100 KiB. */
export const DIFFERENCES_PER_EVENT = 250;
export const SETTLED_PER_EVENT = 1_000;
/** Kept of the lines of a statement that could not be read; the others are counted. */
export const FAULTS_KEPT_MAX = 500;

export const RunId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ -')
  .meta({ id: 'ReconciliationId', description: 'A run of reconciliation', example: 'marketplace-1k7f3' });

/** A line of an uploaded statement that is not compared, and why. */
export const LineFault = z.strictObject({
  line: z.int().min(1),
  rule: z.string(),
  message: z.string().max(300),
});
export type LineFault = z.output<typeof LineFault>;

export const FoundDifference = Difference.extend({
  plan: z.enum(PLANS),
  /** Of the statement's row, for a count. */
  asOf: z.int(),
  /** Corrections before this run that did not help. */
  attempts: z.int().min(0),
  /** When the run began that found it first; absent: it is new. */
  firstSeenAt: z.int().optional(),
});
export type FoundDifference = z.output<typeof FoundDifference>;

/**
 * done: the channel will be told, or the count is in the log, or there is a case · in-flight: an update began meanwhile,
 * nothing was done · not-possible: the channel is not published to, or the count was not taken; there is a case instead.
 */
export const MadeCorrection = z.strictObject({
  sku: z.string(),
  plan: z.enum(PLANS).exclude(['none']),
  outcome: z.enum(['done', 'in-flight', 'not-possible']),
  detail: z.string().max(200).optional(),
});
export type MadeCorrection = z.output<typeof MadeCorrection>;

const count = z.int().min(0);
/** SKUs, units (absolute, so that too many here and too few there do not cancel) and their value as far as prices are known. */
export const ClassTotal = z.strictObject({ skus: count, units: count, value: count.optional() });
export const ClassTotals = z.partialRecord(z.enum(DIFFERENCE_CLASSES), ClassTotal);
export type ClassTotals = z.output<typeof ClassTotals>;

const v = z.literal(RECONCILIATION_EVENT_VERSION);

export const ReconciliationEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ReconciliationStarted'),
    v,
    subject: Subject,
    cause: z.enum(['on-demand', 'schedule']),
    by: z.string(),
    statement: z.enum(['adapter', 'upload']),
    correction: z.union([Correction, z.literal('none')]),
    correctionsMax: count,
    isShadow: z.boolean(),
    policy: z.string(),
    startedAt: z.int(),
  }),
  z.strictObject({
    type: z.literal('StatementTaken'),
    v,
    rows: count,
    asOf: z.int(),
    isComplete: z.boolean(),
    faults: z.array(LineFault).max(FAULTS_KEPT_MAX),
    faultCount: count,
    takenAt: z.int(),
  }),
  z.strictObject({
    type: z.literal('DifferencesFound'),
    v,
    differences: z.array(FoundDifference).max(DIFFERENCES_PER_EVENT),
    foundAt: z.int(),
  }),
  /** They differed in an earlier run, and agree now. */
  z.strictObject({ type: z.literal('DifferencesSettled'), v, skus: z.array(z.string()).max(SETTLED_PER_EVENT) }),
  z.strictObject({
    type: z.literal('StatementCompared'),
    v,
    /** Every figure is of this position of the log. */
    cut: z.string().regex(/^-?\d+$/),
    compared: count,
    equal: count,
    reportedUnits: count,
    ourUnits: z.int(),
    totals: ClassTotals,
    /** Differences beyond the limit of one run: counted in `totals`, neither listed nor corrected. */
    notListed: count,
    comparedAt: z.int(),
  }),
  z.strictObject({
    type: z.literal('CorrectionsMade'),
    v,
    corrections: z.array(MadeCorrection).max(DIFFERENCES_PER_EVENT),
    madeAt: z.int(),
  }),
  z.strictObject({ type: z.literal('ReconciliationCompleted'), v, completedAt: z.int() }),
  z.strictObject({ type: z.literal('ReconciliationFailed'), v, reason: z.string().max(300), failedAt: z.int() }),
]);
export type ReconciliationEvent = z.infer<typeof ReconciliationEvent>;
export type ReconciliationEventOf<T extends ReconciliationEvent['type']> = Extract<ReconciliationEvent, { type: T }>;

const PREFIX = 'reconciliation-';

export function reconciliationStream(id: string): string {
  return `${PREFIX}${id}`;
}

/** The id of a run's stream, or undefined for any other stream. */
export function parseReconciliationStream(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

const TYPES: ReadonlySet<string> = new Set(ReconciliationEvent.options.map((option) => option.shape.type.value));

const UPCASTERS: Upcasters = new Map();

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readReconciliationEvent(recorded: RecordedEvent, upcasters = UPCASTERS): ReconciliationEvent {
  return readVersioned(recorded, RECONCILIATION_EVENT_VERSION, TYPES, upcasters) as unknown as ReconciliationEvent;
}

/** The `data` part of a stored event: all but the type, which the log keeps beside it. */
export function reconciliationEventData(event: ReconciliationEvent): JsonObject {
  const { type: _, ...data } = event;
  return data as JsonObject;
}
