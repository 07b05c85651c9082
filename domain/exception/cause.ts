// Why somebody must look: what opens an exception case, and what says that its cause is gone (R12).
// One cause has one key however often and by whomever it is raised, so it never opens a second case.
import type { Hashes } from '../event-id.ts';
import type { Position } from '../event-log.ts';

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
  /** Whose it is, if not whose policy says that cases of its kind are. */
  readonly owner?: string | undefined;
  /** Units at stake. */
  readonly units?: number | undefined;
  /**
   * Of the event that shows it, where there is one: what is not later than the last sight or the closing of its case is
   * a repeat. Without it every sight is news.
   */
  readonly position?: Position | undefined;
}

/** Where causes go. Neither waits nor throws: what is raised is kept until it is in the log. */
export interface CaseSink {
  raise(cause: Cause): void;
  /** The cause is gone: its case closes by itself, if it is open. `position` as in `Cause`. */
  cleared(kind: CaseKind, key: string, position?: Position): void;
}

/**
 * `<kind>-<16 hex digits>` of the kind and key of a cause, so that everybody who sees a cause names the same case.
 * 64 bits of SHA-1: two of a million causes meet with a chance of 3 in 10^8, and then are told apart (`other-cause`).
 */
export function caseId(kind: CaseKind, key: string, hashes: Pick<Hashes, 'sha1Hex'>): string {
  return `${kind}-${hashes.sha1Hex(`case:${kind}:${key}`).slice(0, 16)}`;
}
