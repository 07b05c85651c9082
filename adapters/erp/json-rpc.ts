// What Tryton and Odoo have in common: a POST of JSON-RPC, and what it means when no answer of theirs comes back. The words
// of their faults are their own.
import type { z } from 'zod';
import { answerOf } from '../channels/http-answer.ts';
import { retryAfterMs } from '../channels/http-limits.ts';
import { type Answer, replyOfError } from '../channels/http-reply.ts';

export type RpcTrouble =
  /** Nothing was done. */
  | { readonly kind: 'retryLater'; readonly reason: string; readonly afterMs?: number | undefined }
  /** It may have been done. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Nothing was done, and it will not be. */
  | { readonly kind: 'denied'; readonly reason: string };

/** The HTTP answer, whatever its status; or why there is none. Never rejects. */
export async function postRpc(
  url: string,
  body: object,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | RpcTrouble> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal,
      headers: { 'content-type': 'application/json', 'user-agent': 'evenstock', ...headers },
      body: JSON.stringify(body),
    });
    return await answerOf(response);
  } catch (error) {
    const { kind, reason } = replyOfError(error) as { readonly kind: string; readonly reason: string };
    return { kind: kind === 'unavailable' ? 'retryLater' : 'unknown', reason };
  }
}

/** The body of an answer that is one of JSON-RPC. */
export function rpcBody<T>(
  { status, headers, text }: Answer,
  schema: z.ZodType<T>,
  nowMs: number,
): { readonly kind: 'body'; readonly body: T } | RpcTrouble {
  if (status === 429 || status === 503) {
    return { kind: 'retryLater', reason: `HTTP ${status}`, afterMs: retryAfterMs(headers.get('retry-after'), nowMs) };
  }
  if (status >= 500) return { kind: 'unknown', reason: `HTTP ${status}` };
  if (status !== 200) return { kind: 'denied', reason: `HTTP ${status}` };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { kind: 'unknown', reason: 'the answer is not JSON' };
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) return { kind: 'unknown', reason: 'the answer is no JSON-RPC' };
  return { kind: 'body', body: parsed.data };
}
