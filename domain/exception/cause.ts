// Why somebody must look: what opens an exception case, and what says that its cause is gone (R12).
// One cause has one key however often and by whomever it is raised, so it never opens a second case.

export const CASE_KINDS = [
  'shortfall',
  'unmapped-sku',
  'poison-message',
  'sequence-gap',
  'too-old-fact',
  'drift',
  'refused-publish',
  'stuck-transfer',
  'breaker-open',
] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

/** What it is about, as far as it is known. */
export interface CaseSubject {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly channel?: string | undefined;
  readonly source?: string | undefined;
  readonly orderId?: string | undefined;
  readonly transferId?: string | undefined;
  /** Stream and revision of the event that showed it. */
  readonly event?: string | undefined;
}

export interface Cause {
  readonly kind: CaseKind;
  /** Stable: the same for every sight of this cause, such as `order:4711:line:2`. */
  readonly key: string;
  readonly subject: CaseSubject;
  /** For people, one sentence. */
  readonly detail: string;
  /** What could be done, for people to choose from. */
  readonly proposals?: readonly string[] | undefined;
  /** Units at stake. */
  readonly units?: number | undefined;
}

/** Where causes go. Neither waits nor throws: what is raised is kept until it is in the log. */
export interface CaseSink {
  raise(cause: Cause): void;
  /** The cause is gone: its case closes by itself, if it is open. */
  cleared(kind: CaseKind, key: string): void;
}
