// What others may watch of publishing (metrics, traces). Publishing works the same whether anybody watches.
import type { PublishOutcome, ReadVerdict } from '../../domain/channel/events.ts';
import type { Position } from '../../domain/event-log.ts';
import type { Origin, Since } from './since.ts';

export interface CallResult {
  /** How many updates had which outcome. */
  readonly outcomes: Readonly<Record<PublishOutcome, number>>;
  readonly durationMs: number;
  /** How long the longest-waiting confirmed update had been wrong at the channel; undefined: none was confirmed. */
  readonly lagMs: number | undefined;
  /** Since when each confirmed update had been wrong. */
  readonly confirmed: readonly Since[];
  /** False: what is confirmed was only accepted, and is read back. */
  readonly isShown: boolean;
  /** SKUs that this call did not settle: they will be told again. */
  readonly again: readonly string[];
  /** Why the whole call failed. */
  readonly error: string | undefined;
}

export interface CallObserver {
  /** W3C trace context of the call: sent to the channel and kept with the record. */
  readonly traceparent?: string | undefined;
  /** The channel answered, or its deadline passed. */
  finished(result: CallResult): void;
}

export interface ReadBackLook {
  readonly channel: string;
  readonly tookMs: number;
  /** Of each value: what became of it, and the trace context of the call that told it. */
  readonly values: readonly { readonly verdict: ReadVerdict; readonly told: string | undefined }[];
}

export interface PublishObserver {
  started(call: {
    readonly channel: string;
    readonly batchId: string;
    readonly skus: readonly string[];
    readonly version: Position;
  }): CallObserver;
  /** Values that a channel had only accepted were seen at it, so long after, ms; each had been wrong since. */
  applied?(channel: string, latenciesMs: readonly number[], since: readonly Since[]): void;
  /** It is known what became of values that a channel had only accepted. Its trace context is kept with the record. */
  readBack?(look: ReadBackLook): string | undefined;
  /** Asked while a figure changes: the event that is being folded, if one is. */
  origin?(): Origin | undefined;
}

const unwatched: CallObserver = { finished: () => {} };
export const unobserved: PublishObserver = { started: () => unwatched };
