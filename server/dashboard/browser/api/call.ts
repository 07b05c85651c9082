// Calls the API of the server that this page came from. Whatever goes wrong is a `Refusal` with words for people; a key
// that is no longer taken ends the session, and the page asks for another one without losing its place.
import { keptKey, leave } from './session.ts';

/** Not a success: a problem document of the server's, or `reason: 'unreachable'` when there was no answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly reason: string;
  readonly title: string;
  /** When it may be tried again, ms from now. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, { reason, title, detail, retryAfterMs }: ProblemDocument) {
    super(detail ?? title ?? `The server answered ${status}`);
    this.status = status;
    this.reason = reason ?? 'unknown';
    this.title = title ?? `The server answered ${status}`;
    this.retryAfterMs = retryAfterMs;
  }
}

interface ProblemDocument {
  readonly reason?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly retryAfterMs?: number;
}

export interface CallOptions {
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Instead of the kept key; '': none. */
  readonly key?: string;
  /** Sent as JSON by POST. */
  readonly body?: unknown;
}

const CALL_MS_MAX = 30_000;

/** @throws Refusal · AbortError when `signal` aborts */
export async function read<T>(path: string, options: CallOptions = {}): Promise<T> {
  const deadline = AbortSignal.timeout(CALL_MS_MAX);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const response = await call(path, { ...options, signal });
  return (await response.json()) as T;
}

/** @throws Refusal · AbortError when `signal` aborts */
export function post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  return read(path, { ...options, body });
}

/** The open answer; for streams. @throws as `read` */
export async function call(path: string, options: CallOptions): Promise<Response> {
  const key = options.key ?? keptKey() ?? '';
  const { body, signal } = options;
  let response: Response;
  try {
    response = await fetch(path, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      credentials: 'omit',
      headers: {
        accept: options.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...options.headers,
      },
    });
  } catch (error) {
    if (signal?.aborted && signal.reason?.name !== 'TimeoutError') throw error;
    throw new Refusal(0, { reason: 'unreachable', title: 'The server does not answer', detail: 'Trying again.' });
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as ProblemDocument;
  const refusal = new Refusal(response.status, problem);
  if (response.status === 401 && options.key === undefined) leave('Your key is not valid any more. Enter another one.');
  throw refusal;
}

/** Any error as one to be shown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Refusal(0, { reason: 'unexpected', title: 'The page met an error', detail });
}
