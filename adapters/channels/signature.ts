// HMAC-SHA256 over `timestamp.rawBody`: proves to the other side that a call comes from us and is fresh. Verification
// takes several secrets, so that one can be replaced without a moment in which calls are refused.
import { createHmac, timingSafeEqual } from 'node:crypto';

export const TIMESTAMP_HEADER = 'evenstock-timestamp';
export const SIGNATURE_HEADER = 'evenstock-signature';
/** How far the timestamp may be from now, both ways. */
export const SIGNATURE_AGE_MS_MAX = 300_000;

/** `timestamp`: seconds since 1970 as decimal text. The result is `v1=` and 64 hexadecimal digits. */
export function sign(secret: string, timestamp: string, rawBody: string | Uint8Array): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody).digest('hex')}`;
}

/** True if any of `secrets` made any of the (comma-separated) signatures, and the timestamp is fresh. Constant time. */
export function verify(
  secrets: readonly string[],
  headers: { readonly timestamp: string | undefined; readonly signature: string | undefined },
  rawBody: string | Uint8Array,
  nowMs: number,
): boolean {
  const { timestamp, signature } = headers;
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > SIGNATURE_AGE_MS_MAX) return false;
  const given = signature.split(',', SIGNATURES_MAX).map((part) => Buffer.from(part.trim()));
  const expected = secrets.map((secret) => Buffer.from(sign(secret, timestamp, rawBody)));
  return given.map((part) => isOneOf(part, expected)).includes(true);
}
const SIGNATURES_MAX = 4;

/** Is it the signature by any of several secrets? Constant time: all are compared. */
export function isOneOf(signature: Uint8Array, expected: readonly Uint8Array[]): boolean {
  let matches = false;
  for (const one of expected) {
    if (signature.length === one.length && timingSafeEqual(signature, one)) matches = true;
  }
  return matches;
}
