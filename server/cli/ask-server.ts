// Asks a running server over its HTTP API, for commands that show something.
import { ConfigError } from '../config.ts';

export interface ServerOptions {
  readonly url: string;
  readonly key?: string;
}

/** Longer than any wait that a request may ask for. */
const TIMEOUT_MS = 60_000;

/** The body of a 200; with `post` it is sent as JSON. @throws ConfigError with what the server answered instead, or that it does not answer */
export async function askServer(path: string, options: ServerOptions, post?: unknown): Promise<unknown> {
  const sent = post === undefined ? {} : { body: JSON.stringify(post), type: 'application/json' };
  return JSON.parse(await callServer(path, options, sent));
}

export interface Sent {
  /** Makes it a POST. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly accept?: string;
}

/** The body of a 2xx as text. @throws ConfigError with what the server answered instead, or that it does not answer */
export async function callServer(path: string, options: ServerOptions, sent: Sent = {}): Promise<string> {
  const { ok, status, text } = await requestServer(path, options, sent);
  if (!ok) throw new ConfigError(`${options.url} answered ${status}: ${whatIsWrong(text)}`);
  return text;
}

export interface Answered {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Whatever the server answers. @throws ConfigError when it does not */
export async function requestServer(
  path: string,
  { url, key = process.env['EVENSTOCK_KEY'] }: ServerOptions,
  { body, type, accept }: Sent = {},
): Promise<Answered> {
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(accept === undefined ? {} : { accept }),
  };
  const sent = body === undefined ? {} : { method: 'POST', body };
  const request: RequestInit = { ...sent, headers, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' };
  try {
    const response = await fetch(new URL(path, url), request);
    const { ok, status } = response;
    return { ok, status, headers: response.headers, text: await response.text() };
  } catch (error) {
    const { message, cause } = error as Error;
    throw new ConfigError(`${url} does not answer: ${cause instanceof Error ? cause.message : message}`);
  }
}

interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** What a problem says, for people; several faults are a line each. */
export function whatIsWrong(text: string): string {
  let problem: Problem;
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    return text.slice(0, 200);
  }
  const { title, detail, errors = [] } = problem;
  if (errors.length < 2) return detail ?? title ?? 'no reason';
  return [title, ...errors.map(({ path, message }) => `  ${path} ${message}`)].join('\n');
}
