// What it means when Vendure does not do what was asked. A mutation is one transaction: an error in it means that nothing
// was applied; an error below it means that it was, and that only the answer could not be made.
import type { Unread } from '../http-reading.ts';
import { type Answer, type FailedReply, failureOfAnswer } from '../http-reply.ts';
import { graphqlAnswer } from './graphql.ts';

/** The session has ended, or its owner may not do this: Vendure says the same of both. */
export function isForbidden(answer: Answer): boolean {
  if (answer.status === 401) return true;
  return answer.status === 200 && NOT_ALLOWED.has(codeOf(answer) ?? '');
}
const NOT_ALLOWED: ReadonlySet<string> = new Set(['FORBIDDEN', 'UNAUTHORIZED', 'UNAUTHENTICATED']);

const codeOf = (answer: Answer) => graphqlAnswer(answer)?.errors?.[0]?.extensions?.code;

/** Of an answer that is no success. */
export function failureOf(answer: Answer, nowMs: number): FailedReply {
  const error = graphqlAnswer(answer)?.errors?.[0];
  if (error === undefined || (answer.status !== 200 && answer.status !== 400)) return failureOfAnswer(answer, nowMs);
  const code = error.extensions?.code;
  const reason = `${code ?? 'error'}: ${error.message}`;
  if (NOT_ALLOWED.has(code ?? '') || DENIED.has(code ?? '')) return { kind: 'denied', reason };
  if ((error.path?.length ?? 0) > 1) return { kind: 'unknown', reason };
  if ((code === undefined || code === 'INTERNAL_SERVER_ERROR') && CONTENDED.test(error.message)) {
    return { kind: 'unavailable', reason };
  }
  return { kind: 'batchRefused', reason };
}
/** The query itself is at fault, or the shop is not the one that was meant: no update is. */
const DENIED: ReadonlySet<string> = new Set([
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  'CHANNEL_NOT_FOUND',
  'ILLEGAL_OPERATION',
]);
/** What its databases say when two transactions meet or a connection is lost; it passes, and nothing was applied. */
const CONTENDED = /deadlock|serializ|lock|too many|connection|timeout|timed out|SQLITE_BUSY/i;

/** Of a call that changes nothing (a login, a question): whatever became of it, nothing was applied and nothing is at fault. */
export function nothingDone(failure: FailedReply): FailedReply {
  if (failure.kind !== 'unknown' && failure.kind !== 'batchRefused') return failure;
  return { kind: 'unavailable', reason: failure.reason };
}

/** The same for whoever only wanted to read. */
export function unread(failure: FailedReply): Unread {
  if (failure.kind === 'denied') return { kind: 'denied', reason: failure.reason };
  const tooFast = failure.kind === 'throttled';
  const reason = tooFast ? 'HTTP 429' : failure.reason;
  return { kind: 'later', reason, tooFast, ...('afterMs' in failure ? { afterMs: failure.afterMs } : {}) };
}
