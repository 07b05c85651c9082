// One request to the Selling Partner API: with an access token, fetched anew once if it is refused, and an answer that is
// either a success or says what its failure means. Never rejects; stops when its signal aborts.
import type { Clock } from '../../../domain/time.ts';
import { answerOf } from '../http-answer.ts';
import { type Answer, type FailedReply, replyOfError } from '../http-reply.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Tokens } from './token.ts';

export interface SellingPartnerRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Segments are encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  /** JSON text. */
  readonly body?: string | undefined;
}

export type SellingPartnerAnswer = (Answer & { readonly kind: 'ok' }) | Failure;

export type CallSellingPartner = (request: SellingPartnerRequest, signal: AbortSignal) => Promise<SellingPartnerAnswer>;

export interface SellingPartnerOptions {
  /** Base address, such as https://sellingpartnerapi-eu.amazon.com. */
  readonly url: string;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Of one request, ms. */
  readonly timeoutMs: number;
}

export function callSellingPartner({ url, tokens, clock, timeoutMs }: SellingPartnerOptions): CallSellingPartner {
  return async (request, signal) => {
    const target = targetOf(url, request);
    let refused: string | undefined;
    for (;;) {
      const granted = await untilAborted(tokens.token(refused), signal);
      if (granted === undefined)
        return { kind: 'failed', reply: { kind: 'unavailable', reason: 'stopped before there was an access token' } };
      if (granted.kind === 'failed') return granted;
      const answer = await send(
        target,
        request,
        granted.token,
        AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      );
      if ('reply' in answer) return answer;
      if (answer.status >= 200 && answer.status < 300) return { kind: 'ok', ...answer };
      const isTokenRefused = answer.status === 401 || answer.status === 403;
      if (!isTokenRefused || refused !== undefined) return failureOf(answer, clock.now());
      refused = granted.token;
    }
  };
}

async function send(
  target: URL,
  { method, body }: SellingPartnerRequest,
  token: string,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  try {
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'evenstock',
        'x-amz-access-token': token,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    return await answerOf(response);
  } catch (error) {
    return { kind: 'failed', reply: replyOfError(error) as FailedReply };
  }
}

function targetOf(base: string, { path, query = {} }: SellingPartnerRequest): URL {
  const target = new URL(base);
  target.pathname = `${target.pathname.replace(/\/$/, '')}${path}`;
  for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
  return target;
}

/** Undefined: `signal` came first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The answer as JSON that keeps to `schema`; undefined: it is not what the API promises. */
export function readAs<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  text: string,
): T | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
