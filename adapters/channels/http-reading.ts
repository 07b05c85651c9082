// What an HTTP answer to a call that only reads means, when it is not what was asked for. Reading changes nothing, so
// whatever may pass is simply `later`.
import { retryAfterMs } from './http-limits.ts';
import type { Answer, FailedReply } from './http-reply.ts';

export type Unread =
  | {
      readonly kind: 'later';
      readonly reason: string;
      readonly afterMs?: number | undefined;
      readonly tooFast?: boolean;
    }
  | { readonly kind: 'denied'; readonly reason: string };

/** Undefined: it was answered (200), and the body says more. `said`: what of the body people should read. */
export function unreadOf({ status, headers, text }: Answer, nowMs: number, said = text): Unread | undefined {
  if (status === 200) return undefined;
  const reason = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  const passes = status === 429 || status === 408 || status === 425 || status >= 500;
  if (!passes) return { kind: 'denied', reason };
  const afterMs = retryAfterMs(headers.get('retry-after'), nowMs);
  return { kind: 'later', reason, afterMs, ...(status === 429 ? { tooFast: true } : {}) };
}

/** A failed call that only read, where an adapter asks as it tells. `tooFast`: the vendor's own words for it. */
export function unreadReply(failed: FailedReply, tooFast: string): Unread {
  switch (failed.kind) {
    case 'throttled':
      return { kind: 'later', reason: tooFast, afterMs: failed.afterMs, tooFast: true };
    case 'unavailable':
      return { kind: 'later', reason: failed.reason, afterMs: failed.afterMs };
    case 'unknown':
      return { kind: 'later', reason: failed.reason };
    default:
      return { kind: 'denied', reason: failed.reason };
  }
}

/** A call that broke off, at whatever point. */
export function unreadOfError(error: unknown): Unread {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return { kind: 'later', reason: cause instanceof Error ? cause.message : String(cause) };
}
