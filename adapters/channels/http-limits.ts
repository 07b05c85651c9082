// What a channel says of its own pace in HTTP headers.
import type { StatedLimit } from './channel.ts';

/**
 * Milliseconds from `Retry-After` (RFC 9110 §10.2.3): seconds or an HTTP date, one in the past is 0. Undefined if absent
 * or neither. May be absurdly large: the publisher caps it.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
/** The only form to be sent, and the two obsolete ones start with a day's name too; `Date.parse` alone takes "-5". */
const HTTP_DATE = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?,? /;

/** Calls per second from `RateLimit-Policy: "name";q=quota;w=seconds` (IETF draft), the slowest if there are several. */
export function statedLimit(headers: Headers): StatedLimit | undefined {
  let least: number | undefined;
  for (const policy of (headers.get('ratelimit-policy') ?? '').split(',', POLICIES_MAX)) {
    const quota = Number(/;\s*q=(\d{1,9})(?:;|\s|$)/.exec(policy)?.[1]);
    const seconds = Number(/;\s*w=(\d{1,9})(?:;|\s|$)/.exec(policy)?.[1]);
    if (quota > 0 && seconds > 0) least = Math.min(least ?? Number.POSITIVE_INFINITY, quota / seconds);
  }
  return least === undefined ? undefined : { ratePerSecond: least };
}
const POLICIES_MAX = 8;
