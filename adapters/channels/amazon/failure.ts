// What it means when the Selling Partner API does not do what was asked. Every reason begins with Amazon's own code.
import { z } from 'zod';
import type { StatedLimit } from '../channel.ts';
import { type Unread, unreadReply } from '../http-reading.ts';
import { type Answer, type FailedReply, failureOfAnswer } from '../http-reply.ts';

const ErrorList = z.object({
  errors: z
    .array(
      z.object({ code: z.string(), message: z.string().catch(''), details: z.string().optional().catch(undefined) }),
    )
    .min(1),
});

export interface Failure {
  readonly kind: 'failed';
  readonly reply: FailedReply;
  /** Undefined: there was no answer. */
  readonly status?: number | undefined;
  /** Of the first error, if Amazon gave a list of errors. */
  readonly code?: string | undefined;
}

/** Requests a second that Amazon allows of an operation, from `x-amzn-RateLimit-Limit`; undefined: it did not say. */
export function statedLimit(headers: Headers): StatedLimit | undefined {
  const text = headers.get('x-amzn-ratelimit-limit') ?? '';
  const ratePerSecond = /^\d{1,6}(?:\.\d{1,9})?$/.test(text) ? Number(text) : 0;
  return ratePerSecond > 0 ? { ratePerSecond } : undefined;
}

/** `answer` has a status that is no success. */
export function failureOf(answer: Answer, nowMs: number): Failure {
  const { status, text } = answer;
  const [error] = errorsOf(text);
  const said = error === undefined ? plain(text) : reasonOf(error.code, error.message, error.details);
  const reply = failureOfAnswer(answer, nowMs, said);
  const limit = statedLimit(answer.headers);
  const limited = reply.kind === 'throttled' && limit !== undefined ? { ...reply, limit } : reply;
  return { kind: 'failed', status, code: error?.code, reply: limited };
}

function errorsOf(text: string): z.infer<typeof ErrorList>['errors'] {
  try {
    return ErrorList.parse(JSON.parse(text)).errors;
  } catch {
    return [];
  }
}

/** `code: message (details)`, on one line, at most 120 characters. */
export function reasonOf(code: string | undefined, message: string, details?: string): string {
  const parts = [code, message].filter((part) => part !== undefined && part !== '').join(': ');
  return plain(details === undefined || details === '' ? parts : `${parts} (${details})`);
}

/** Text from outside, safe in a log line and in a case. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, REASON_LENGTH_MAX);
}
const REASON_LENGTH_MAX = 120;

/** The same for a call that only reads: nothing can have been applied, so it may be asked again. */
export function unread({ reply }: Failure): Unread {
  if (reply.kind !== 'throttled') return unreadReply(reply, TOO_FAST);
  return { kind: 'later', reason: TOO_FAST, afterMs: reply.afterMs ?? waitMs(reply.limit), tooFast: true };
}
const TOO_FAST = 'QuotaExceeded: too many requests';

/** Until the next request is due at that pace. */
function waitMs(limit: StatedLimit | undefined): number | undefined {
  return limit && Math.ceil(1_000 / limit.ratePerSecond);
}
