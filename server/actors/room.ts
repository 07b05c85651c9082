// What the stock actors work with, injected: so they can be simulated from a seed, and watched without knowing by whom.
import type { Snapshots } from '../../adapters/snapshots.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { StockPolicy } from '../../domain/stock/verdict.ts';
import type { Clock } from '../../domain/time.ts';
import type { Envelope, FailureReason } from './answer.ts';
import type { Batch } from './batch.ts';

export interface Room {
  readonly log: EventLog;
  readonly snapshots: Snapshots;
  readonly policy: () => {
    stockPolicy(sku: string, location: string): StockPolicy;
    /** How long command ids are remembered: at least the window plus the clock skew, ms. */
    readonly memoryMs: number;
  };
  readonly clock: Clock;
  readonly hashes: Hashes;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Runs a function at the end of the event-loop turn. */
  readonly atTurnEnd: (run: () => void) => void;
  readonly observe: StockActorsObserver;
  /** No other process writes to this log, so a stock in memory is never behind it. Default: false. */
  readonly soleWriter?: boolean;
}

/** For metrics and traces. Called on the hot path: must not throw and must be cheap. */
export interface StockActorsObserver {
  /** A reading of a monotonic clock, or 0 when nothing is measured. */
  started(): number;
  appended(batch: Batch, startedAt: number, stream: string): void;
  /** These were answered as failed. */
  failed(
    waiting: readonly { readonly envelope: Envelope }[],
    reason: FailureReason,
    detail: string,
    stream: string,
  ): void;
  conflicted(stream: string): void;
  repeated(stream: string): void;
}

export const unobserved: StockActorsObserver = {
  started: () => 0,
  appended() {},
  failed() {},
  conflicted() {},
  repeated() {},
};
