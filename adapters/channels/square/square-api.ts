// One call to Square through Square's own SDK, and what its answer means. The SDK builds and reads the calls; the connection
// is ours: nothing is retried, answers are read up to a limit, redirects are not followed. The SDK is loaded when the first
// channel needs it: it takes a second and 85 MB.
import type { SquareClient } from 'square';
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import { answerOf } from '../http-answer.ts';
import { type Unread, unreadReply } from '../http-reading.ts';
import { type Answer, type FailedReply, failureOfAnswer, replyOfError } from '../http-reply.ts';
import { jsonOf } from '../json.ts';

/** Of the API; the SDK of this month is the one that is used, and its calls are checked against this specification. */
export const SQUARE_VERSION = '2025-08-20';

export interface CallOptions {
  readonly maxRetries: 0;
  readonly abortSignal: AbortSignal;
  readonly headers?: Record<string, string>;
}

/** What was asked for, or why not: as the publisher's replies say it. */
export type Told<T> = { readonly kind: 'data'; readonly data: T } | FailedReply;

/** A question that was not answered: later, or never like this. */
export function notNow(told: FailedReply): Unread {
  return unreadReply(told, 'RATE_LIMITED');
}

export interface SquareApi {
  /** Never rejects. `call` makes one call; `schema` is what its result must be. */
  ask<T>(
    call: (client: SquareClient, options: CallOptions) => Promise<unknown>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    traceparent?: string | undefined,
  ): Promise<Told<T>>;
}

export interface SquareApiOptions {
  readonly url: string;
  readonly token: () => string;
  readonly clock: Clock;
}

export function createSquareApi({ url, token, clock }: SquareApiOptions): SquareApi {
  return {
    async ask(call, schema, signal, traceparent) {
      const secret = tokenOf(token);
      if (secret === undefined) return { kind: 'denied', reason: 'the access token cannot be read any more' };
      const sdk = await unlessAborted(loadSdk(), signal);
      if (sdk === undefined) return { kind: 'unavailable', reason: "stopped while Square's SDK was loaded" };
      const line = createLine();
      const client = new sdk.SquareClient({ baseUrl: url, token: secret, fetcher: line.fetcher });
      const headers = traceparent === undefined ? {} : { headers: { traceparent } };
      let data: unknown;
      let failure: unknown;
      try {
        data = await call(client, { maxRetries: 0, abortSignal: signal, ...headers });
      } catch (error) {
        failure = error;
      }
      const { answer } = line;
      if (answer === undefined) return replyOfError(line.failure ?? failure);
      if (answer.status < 200 || answer.status >= 300) return refusedBy(answer, clock.now());
      const parsed = schema.safeParse(failure === undefined ? data : undefined);
      if (parsed.success) return { kind: 'data', data: parsed.data };
      const { path, message } = parsed.error.issues[0]!;
      return { kind: 'unknown', reason: `the answer is not what was agreed: ${path.join('.') || 'body'}: ${message}` };
    },
  };
}

type Sdk = typeof import('square');
let loading: Promise<Sdk> | undefined;

/** May be called early, so that the first call need not wait. */
export function loadSdk(): Promise<Sdk> {
  loading ??= import('square');
  return loading;
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([promise, aborted]);
}

/** Its file may have been taken away since the channel was connected. */
function tokenOf(token: () => string): string | undefined {
  try {
    return token();
  } catch {
    return undefined;
  }
}

/** What a call of the SDK goes over; it keeps the answer as it came, which the SDK would not show. */
function createLine() {
  const line: { answer: Answer | undefined; failure: unknown; fetcher: Fetcher } = {
    answer: undefined,
    failure: undefined,
    fetcher: (async ({
      url,
      method,
      headers = {},
      contentType,
      body,
      queryParameters,
      abortSignal,
    }: Parameters<Fetcher>[0]) => {
      try {
        const response = await fetch(addressOf(url, queryParameters), {
          method,
          redirect: 'manual',
          headers: {
            ...(await headersOf(headers)),
            ...(body !== undefined && contentType && { 'content-type': contentType }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          ...(abortSignal && { signal: abortSignal }),
        });
        const answer = await answerOf(response);
        line.answer = answer;
        return resultOf(answer, response);
      } catch (error) {
        line.failure = error;
        const errorMessage = error instanceof Error ? error.message : 'unknown';
        return { ok: false, error: { reason: 'unknown', errorMessage }, rawResponse: NO_RESPONSE };
      }
    }) as Fetcher,
  };
  return line;
}

type Fetcher = NonNullable<ConstructorParameters<Sdk['SquareClient']>[0]>['fetcher'] & {};
type Result = Awaited<ReturnType<Fetcher>>;

const NO_RESPONSE = {
  headers: new Headers(),
  redirected: false,
  status: 499,
  statusText: '',
  type: 'error',
  url: '',
} as const;

function resultOf(answer: Answer, response: Response): Result {
  const { status, headers, text } = answer;
  const { redirected, statusText, type, url } = response;
  const rawResponse = { headers, redirected, status, statusText, type, url };
  if (status < 200 || status >= 300) {
    return { ok: false, error: { reason: 'status-code', statusCode: status, body: undefined }, rawResponse };
  }
  try {
    return { ok: true, body: JSON.parse(text), headers: {}, rawResponse } as Result;
  } catch {
    return { ok: false, error: { reason: 'non-json', statusCode: status, rawBody: '' }, rawResponse };
  }
}

function addressOf(url: string, query: Parameters<Fetcher>[0]['queryParameters']): URL {
  const address = new URL(url);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

async function headersOf(given: NonNullable<Parameters<Fetcher>[0]['headers']>): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, supplied] of Object.entries(given)) {
    const value = typeof supplied === 'function' ? await supplied() : await supplied;
    if (value !== undefined && value !== null) headers[name] = String(value);
  }
  return headers;
}

const Errors = z.object({
  errors: z
    .array(
      z.object({
        category: z.string(),
        code: z.string(),
        detail: z.string().optional(),
        field: z.string().optional(),
      }),
    )
    .min(1),
});

/** What Square's error codes mean where the HTTP status does not say it (developer.squareup.com/docs → Error codes). */
function refusedBy(answer: Answer, nowMs: number): FailedReply {
  const reply = failureOfAnswer(answer, nowMs);
  const first = Errors.safeParse(jsonOf(answer.text)).data?.errors[0];
  if (first === undefined || answer.status >= 500 || answer.status === 429) return reply;
  const { category, code, detail = '', field } = first;
  const reason = `${code}: ${detail}${field === undefined ? '' : ` (${field})`}`.slice(0, 300);
  if (category !== 'INVALID_REQUEST_ERROR') return 'reason' in reply ? { ...reply, reason } : reply;
  switch (code) {
    // The key was used for a call with another content, by a process before this one: what became of it is not known.
    case 'IDEMPOTENCY_KEY_REUSED':
      return { kind: 'unknown', reason };
    // By Square's clock: told again it has a new time.
    case 'INVALID_TIME':
      return { kind: 'unavailable', reason };
    case 'API_VERSION_INCOMPATIBLE':
    case 'INVALID_SQUARE_VERSION_FORMAT':
    case 'LOCATION_MISMATCH':
    case 'METHOD_NOT_ALLOWED':
      return { kind: 'denied', reason };
    default:
      return { kind: 'batchRefused', reason };
  }
}
