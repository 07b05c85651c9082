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
  /** Surely not applied, and not counted as a call that names the SKU. */
  | { readonly kind: 'retryLater'; readonly afterMs?: number | undefined; readonly reason?: string | undefined }
  /** It may have been applied, or a part of it was. */
  | { readonly kind: 'unknown'; readonly afterMs?: number | undefined; readonly reason: string }
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

/** How fast and how much at once. The channel's policy may lower the numbers, never raise them. */
export interface CallLimits {
  /** Updates in one call. */
  readonly batchSizeMax: number;
  /** Calls; undefined: as the policy says. */
  readonly ratePerSecondMax?: number | undefined;
  readonly burstMax?: number | undefined;
  /** Calls at the same time. */
  readonly concurrency: number;
}

/** What a connector knows of its channel. It is all that publishing adapts to: a connector holds no policy. */
export interface Declaration extends CallLimits {
  /** Only absolute values can be published: a repeat must be harmless. */
  readonly semantics: 'set';
  /** `version`: an older version never overwrites a newer one. `arrival`: the last to arrive wins. */
  readonly ordering: 'version' | 'arrival';
  /** Whether a repeated batch id is recognised. */
  readonly idempotent: boolean;
  /**
   * Whether the channel refuses a value that was made for another one than it shows (compare-and-set). The connector then
   * knows what it read last and answers `retryLater` for a stale one.
   */
  readonly compareAndSet?: boolean | undefined;
  /** `applied`: the channel shows it. `accepted`: it only took it in, and must be read back. */
  readonly acknowledgement: 'applied' | 'accepted';
  /** After which time an accepted value that is not shown counts as lost, ms. Only with `accepted`. */
  readonly settlesMsMax?: number | undefined;
  /** How a bad update is found: the channel names it, or the batch is halved. */
  readonly isolation: 'per-update' | 'halving';
  /**
   * Which of these SKUs one call can take, the first always among them; absent: any. Where a channel has one address for
   * these and another for those, a batch is still one call: the publisher leaves the others for the next one.
   */
  readonly together?: ((skus: readonly string[]) => readonly string[]) | undefined;
  /** Calls a day (any 24 h) that may name the same SKU. Those of which it is sure that nothing was applied do not count. */
  readonly perSkuDailyMax?: number | undefined;
  /** A second way in for many values at once, slow to settle (a feed). What is urgent never takes it. */
  readonly bulk?: (CallLimits & { readonly settlesMsMax: number }) | undefined;
  /** How many SKUs one call of `readBack` may name, and how fast. */
  readonly readBack?: CallLimits | undefined;
  /** A fact for which a channel or POS takes a time of its own may be at most so old, ms. */
  readonly backDatingMsMax?: number | undefined;
}

/** What a channel shows of some SKUs now. An SKU that is missing is not shown there. */
export type ReadBack =
  | {
      readonly kind: 'shown';
      readonly units: ReadonlyMap<string, number>;
      /**
       * SKU → why the channel will not show what it accepted, in its own words. Believed of a value that is not shown by the
       * time it should be: what the channel says of itself may be of an older value.
       */
      readonly refused?: ReadonlyMap<string, string> | undefined;
      readonly limit?: StatedLimit | undefined;
    }
  | {
      readonly kind: 'later';
      readonly reason: string;
      readonly afterMs?: number | undefined;
      /** It was asked too fast: the pace of reading is lowered. */
      readonly tooFast?: boolean | undefined;
    }
  | { readonly kind: 'denied'; readonly reason: string };

export interface Connector {
  readonly declares: Declaration;
  /** Never rejects on a channel's fault; must stop when `signal` aborts (what is not known then is `unknown`). */
  publish(batch: Batch, signal: AbortSignal): Promise<Reply>;
  /** By the way that `declares.bulk` describes; present exactly when that is. The same promises as `publish`. */
  publishBulk?(batch: Batch, signal: AbortSignal): Promise<Reply>;
  /** What the channel shows of these SKUs; present exactly when `declares.readBack` is. Never rejects on its fault. */
  readBack?(skus: readonly string[], signal: AbortSignal): Promise<ReadBack>;
  /** Reads back all that the channel shows, for reconciliation; absent: it cannot be asked. */
  readonly readStatement?: ReadStatement;
}
