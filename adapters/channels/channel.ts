// The connector port: how one channel is told availability. A connector turns a batch into the channel's own calls
// and the channel's answer into one of six replies; it decides nothing else (pace, retries and order are the
// publisher's). Values are absolute, so saying one twice is harmless; a version says which of two is newer.
import type { Position } from '../../domain/event-log.ts';
import type { ReadStatement } from './statement.ts';

export interface Update {
  readonly sku: string;
  /** Units to show, an integer ≥ 0. */
  readonly units: number;
}

export interface Batch {
  /** The same batch id is the same batch: the channel may use it as an idempotency key. */
  readonly batchId: string;
  /** A newer value of an SKU has a higher version. Sent as decimal text. */
  readonly version: Position;
  readonly updates: readonly Update[];
  /** W3C trace context to send along. */
  readonly traceparent?: string | undefined;
}

/** What came of one update. `unknown` is never taken for failure or for success: the current value is sent again. */
export type Outcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'retryLater'; readonly afterMs?: number | undefined; readonly reason?: string | undefined }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** A pace the channel stated itself. */
export interface StatedLimit {
  readonly ratePerSecond: number;
}

export type Reply =
  /** An outcome per SKU; an SKU without one is unknown. */
  | { readonly kind: 'answered'; readonly outcomes: ReadonlyMap<string, Outcome>; readonly limit?: StatedLimit }
  /** Too fast; nothing was applied. */
  | { readonly kind: 'throttled'; readonly afterMs?: number; readonly limit?: StatedLimit }
  /** Not reachable or not serving; nothing was applied. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly afterMs?: number }
  /** It may have been applied. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Refused as a whole without saying which update is at fault: the publisher finds it by halving. */
  | { readonly kind: 'batchRefused'; readonly reason: string }
  /** Refused because of how we call it (credentials, address): no update is at fault and none can pass. */
  | { readonly kind: 'denied'; readonly reason: string };

/** What a connector knows of its channel. The channel's policy may lower the numbers, never raise them. */
export interface Declaration {
  /** Updates in one call. */
  readonly batchSizeMax: number;
  /** Calls; undefined: as the policy says. */
  readonly ratePerSecondMax?: number;
  readonly burstMax?: number;
  /** Calls at the same time. */
  readonly concurrency: number;
  /** Only absolute values can be published: a repeat must be harmless. */
  readonly semantics: 'set';
  /** `version`: an older version never overwrites a newer one. `arrival`: the last to arrive wins. */
  readonly ordering: 'version' | 'arrival';
  /** Whether a repeated batch id is recognised. */
  readonly idempotent: boolean;
  /** `applied`: the channel shows it. `accepted`: it only took it in, and must be read back. */
  readonly acknowledgement: 'applied' | 'accepted';
  /** How a bad update is found: the channel names it, or the batch is halved. */
  readonly isolation: 'per-update' | 'halving';
}

export interface Connector {
  readonly declares: Declaration;
  /** Never rejects on a channel's fault; must stop when `signal` aborts (what is not known then is `unknown`). */
  publish(batch: Batch, signal: AbortSignal): Promise<Reply>;
  /** Reads back what the channel shows, for reconciliation; absent: it cannot be asked. */
  readonly readStatement?: ReadStatement;
}
