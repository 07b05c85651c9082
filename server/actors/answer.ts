// What a sender of a command is told. Failures are values, not exceptions: in a batch each line has its own answer.
import type { Position } from '../../domain/event-log.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { Levels } from '../../domain/stock/levels.ts';
import type { RefusalReason } from '../../domain/stock/verdict.ts';

export interface Envelope {
  readonly command: StockCommand;
  /** The authenticated client; the source of a command that names none. */
  readonly client: string;
  /** W3C trace context of the request, kept in the event's metadata. */
  readonly traceparent?: string | undefined;
}

/** Durable. A duplicate is answered as its first was, with `duplicate` set. */
export interface Accepted {
  readonly outcome: 'accepted' | 'parked';
  readonly duplicate: boolean;
  readonly eventType: string;
  readonly revision: number;
  readonly position: Position;
  /** After this event. */
  readonly levels: Levels;
  /** Of a bundle, which has no levels of its own: what became of its components. */
  readonly bundle?: AnsweredBundle;
}

export interface AnsweredBundle {
  /** Of the definition it was exploded by; empty for a fact that was parked. */
  readonly version: string;
  /** Every component has answered; else the rest follow by themselves. */
  readonly settled: boolean;
  readonly components: readonly {
    readonly sku: string;
    /** Units in one bundle. */
    readonly quantity: number;
    readonly outcome: 'accepted' | 'parked' | 'refused' | 'waiting';
    /** Of the component's event. */
    readonly revision?: number;
  }[];
}

/** Only requests; nothing was written. */
export interface Refused {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  readonly detail: string;
}

export type FailureReason =
  | 'conflict'
  | 'unavailable'
  | 'disk-full'
  | 'overloaded'
  | 'unknown-outcome'
  | 'shutting-down';

/** Not decided, or not known to be durable: send the same command again after `retryAfterMs`. */
export interface Failed {
  readonly outcome: 'failed';
  readonly reason: FailureReason;
  readonly detail: string;
  readonly retryAfterMs: number;
}

export type Answer = Accepted | Refused | Failed;

export interface StockActors {
  submit(envelope: Envelope): Promise<Answer>;
  /** Counts for /readyz, metrics and benchmarks. */
  stats(): { readonly resident: number; readonly waiting: number };
  /** Answers what is in flight, refuses the rest as `shutting-down`. */
  close(): Promise<void>;
}
