// How posting to one ERP goes, for people and for metrics.
import type { Instant } from '../../domain/time.ts';

/**
 * off: switched off by policy · starting: not ours yet, or finding out where it was · current: all is posted · posting: it
 * goes on · window: a maintenance window · outage: it does not answer, or denies us · held: a movement that it refuses
 * holds up the rest · failed: it cannot be posted to as it is set up.
 */
export const ERP_STATES = ['off', 'starting', 'current', 'posting', 'window', 'outage', 'held', 'failed'] as const;
export type ErpState = (typeof ERP_STATES)[number];

export interface ErpStatus {
  readonly state: ErpState;
  /** Events that wait to be posted. */
  readonly waiting: number;
  /** How long the first of them has been in the log, ms. */
  readonly oldestWaitingMs: number;
  /** Movements posted in the last minute. */
  readonly postedLastMinute: number;
  /** Movements posted since the beginning. */
  readonly posted: number;
  readonly lastPosted: { readonly reference: string; readonly theirId: string; readonly at: Instant } | undefined;
  /** Movements that wait apart, because it refused them or one before them. */
  readonly parked: number;
  /** When it goes on by itself, if it waits. */
  readonly nextTryAt: Instant | undefined;
  readonly outageSince: Instant | undefined;
  /** Up to which position of the log all is posted or parked. */
  readonly upTo: string | undefined;
  readonly lastError: string | undefined;
  /** When it was last read without an error. */
  readonly lastReadAt: Instant | undefined;
}
