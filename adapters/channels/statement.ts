// A channel's statement: what it says it shows, page by page. Reading one changes nothing at the channel, so it may be
// repeated; whoever reads keeps pace and patience (server/reconciliation/read-statement.ts), as the publisher does for calls.

import type { StatementRow } from '../../domain/reconciliation/statement.ts';
import type { Instant } from '../../domain/time.ts';

export type StatementReply =
  | {
      readonly kind: 'page';
      readonly rows: readonly StatementRow[];
      /** Of the page: what was shown at that time. Undefined: the channel does not say; then it is when the page was asked for. */
      readonly asOf: Instant | undefined;
      /** Passed on to get the next page; undefined: this was the last. */
      readonly next: string | undefined;
    }
  /** Not now. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number | undefined }
  /** It will not answer this call, however often it is repeated: credentials, address, or no statements there. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** It answered, and not what was agreed. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** `cursor`: the `next` of the page before. Never rejects on a channel's fault; stops when `signal` aborts. */
export type ReadStatement = (cursor: string | undefined, signal: AbortSignal) => Promise<StatementReply>;
