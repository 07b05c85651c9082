// What an HTTP answer, or the lack of one, means for a batch. The rule for everything unclear: it may have been applied.
import { z } from 'zod';
import type { Batch, Outcome, Reply, StatedLimit } from './channel.ts';
import { retryAfterMs, statedLimit } from './http-limits.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type FailedReply = Exclude<Reply, { readonly kind: 'answered' }>;

const Result = z.object({
  sku: z.string(),
  status: z.enum(['applied', 'stale', 'retry', 'refused']),
  reason: z.string().optional(),
  retryAfterMs: z.number().nonnegative().optional(),
});
const Results = z.object({ results: z.array(z.unknown()) });

/** Endpoint or protocol at fault, not an update: no call can pass until somebody changes something. */
const DENIED: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 426, 501, 505]);
/** Answered before anything was done. */
const NOT_APPLIED: ReadonlySet<number> = new Set([408, 425]);

export function replyOf(answer: Answer, batch: Batch, nowMs: number): Reply {
  return refusalOf(answer, nowMs) ?? answered(answer.text, batch, statedLimit(answer.headers));
}

/** What the status says of the whole call; undefined: it is a success, whose body says more. */
export function refusalOf(answer: Answer, nowMs: number, said = answer.text): FailedReply | undefined {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return undefined;
  const afterMs = retryAfterMs(headers.get('retry-after'), nowMs);
  const after = afterMs === undefined ? {} : { afterMs };
  const reason = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 300 && status < 400) return { kind: 'denied', reason: `HTTP ${status}: redirects are not followed` };
  if (status === 429) return { kind: 'throttled', ...after, ...limitOf(statedLimit(headers)) };
  if (DENIED.has(status)) return { kind: 'denied', reason };
  if (NOT_APPLIED.has(status)) return { kind: 'unavailable', reason, ...after };
  if (status < 500) return { kind: 'batchRefused', reason };
  // A 503 that says when to come back comes from someone who did not start; any other 5xx may have been applied.
  if (status === 503 && afterMs !== undefined) return { kind: 'unavailable', reason, ...after };
  return { kind: 'unknown', reason };
}

/** Of a call whose answer is known to be no success, or no answer to it at all. */
export function failureOfAnswer(answer: Answer, nowMs: number, said = answer.text): FailedReply {
  return refusalOf(answer, nowMs, said) ?? NOT_AGREED;
}
const NOT_AGREED = { kind: 'unknown', reason: 'the answer is not the JSON that was agreed' } as const;

function answered(text: string, batch: Batch, limit: StatedLimit | undefined): Reply {
  let parsed: z.infer<typeof Results>;
  try {
    parsed = Results.parse(JSON.parse(text));
  } catch {
    return NOT_AGREED;
  }
  const asked = new Set(batch.updates.map(({ sku }) => sku));
  const outcomes = new Map<string, Outcome>();
  for (const raw of parsed.results) {
    const result = Result.safeParse(raw);
    if (!result.success || !asked.has(result.data.sku)) continue;
    const { sku } = result.data;
    const twice = outcomes.has(sku);
    outcomes.set(sku, twice ? { kind: 'unknown', reason: 'answered twice' } : outcomeOf(result.data));
  }
  return { kind: 'answered', outcomes, ...limitOf(limit) };
}

function outcomeOf(result: z.infer<typeof Result>): Outcome {
  switch (result.status) {
    case 'applied':
      return { kind: 'confirmed' };
    case 'stale':
      return { kind: 'refused', reason: 'the channel holds a newer version' };
    case 'retry':
      return { kind: 'retryLater', afterMs: result.retryAfterMs, reason: result.reason ?? 'asked to try later' };
    case 'refused':
      return { kind: 'refused', reason: result.reason ?? 'no reason given' };
  }
}

const limitOf = (limit: StatedLimit | undefined) => (limit === undefined ? {} : { limit });

/** The connection was never made, so nothing can have arrived. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a failed `fetch` or an answer that broke off means. */
export function replyOfError(error: unknown): Extract<Reply, { readonly kind: 'unavailable' | 'unknown' }> {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // An aborted call has a number there, which says nothing.
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const reason = cause instanceof Error ? (code ?? cause.message) : String(cause);
  return code !== undefined && NEVER_SENT.has(code) ? { kind: 'unavailable', reason } : { kind: 'unknown', reason };
}
