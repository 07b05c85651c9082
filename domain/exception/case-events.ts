// What happened to an exception case, in its own stream `case-<id>`. What a case was opened by is in its events, so
// that it can be read without whatever raised it. Instants are milliseconds since the epoch.
import { z } from 'zod';
import type { RecordedEvent } from '../event-log.ts';
import { Severity } from '../policy/escalation.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';
import type { WorkflowFrame } from '../workflow.ts';
import { CASE_KINDS, type CaseSubject } from './cause.ts';

/** The version written now. Raise it with an upcaster in `CASE_UPCASTERS` for every older version. */
export const CASE_EVENT_VERSION = 1;

const text = z.string();
const subject = z.strictObject({
  sku: text.optional(),
  location: text.optional(),
  channel: text.optional(),
  source: text.optional(),
  orderId: text.optional(),
  transferId: text.optional(),
  event: text.optional(),
}) satisfies z.ZodType<CaseSubject>;
/** Position of the log up to which this is the last word on the cause, as decimal text. */
const asOf = z
  .string()
  .regex(/^-?\d+$/)
  .optional();
const units = z.int().min(0).optional();
/** One event may stand for many sights: those of a cause that lasts are gathered. */
const sighted = { detail: text, units, times: z.int().min(1), asOf };
const begun = {
  ...sighted,
  subject,
  proposals: z.array(text).optional(),
  severity: Severity,
  owner: text,
  /** From then on it is escalated. */
  dueAt: z.int(),
};

function event<const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.strictObject({ type: z.literal(type), ...shape });
}

export const CaseEvent = z.discriminatedUnion('type', [
  event('CaseOpened', { kind: z.enum(CASE_KINDS), key: text, ...begun }),
  /** The cause came back after the case was closed. */
  event('CaseReopened', { ...begun, occurrence: z.int().min(2) }),
  event('CaseSeenAgain', sighted),
  event('CaseAssigned', { owner: text }),
  event('CaseCommented', { text }),
  /** Somebody asked for the kind's own remedy; what came of it is in the `CaseRetried` that follows. */
  event('CaseRetryAsked', {}),
  event('CaseRetried', { of: text, detail: text }),
  /** `dueAt` absent: nobody is above the owner, so it stays late. */
  event('CaseEscalated', { level: z.int().min(1), severity: Severity, owner: text, dueAt: z.int().optional() }),
  event('CaseResolved', { resolution: text, asOf }),
  event('CaseDismissed', { reason: text, asOf }),
  event('CaseCleared', { asOf }),
]);
export type CaseEvent = z.infer<typeof CaseEvent>;
export type CaseEventOf<T extends CaseEvent['type']> = Extract<CaseEvent, { type: T }>;
export type CaseHappening = CaseEvent & WorkflowFrame;

export const CASE_EVENT_TYPES: ReadonlySet<string> = new Set(
  CaseEvent.options.map((option) => option.shape.type.value),
);
export const CASE_UPCASTERS: Upcasters = new Map();

const PREFIX = 'case-';

/** The case of a case's stream, undefined for any other stream. */
export function parseCaseStream(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readCaseEvent(recorded: RecordedEvent): CaseHappening {
  return readVersioned(recorded, CASE_EVENT_VERSION, CASE_EVENT_TYPES, CASE_UPCASTERS) as unknown as CaseHappening;
}
