// Asks a running server over its HTTP API, for commands that show something or send one thing.
import { ConfigError } from '../config.ts';

export interface ServerOptions {
  readonly url: string;
  readonly key?: string;
}

const TIMEOUT_MS = 30_000;

/** The body of a 200; with `post` it is sent as JSON. @throws ConfigError with what the server answered instead, or that it does not answer */
export async function askServer(
  path: string,
  { url, key = process.env['EVENSTOCK_KEY'] }: ServerOptions,
  post?: unknown,
): Promise<unknown> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let request: RequestInit = { signal, redirect: 'error', headers };
  if (post !== undefined) {
    headers['content-type'] = 'application/json';
    request = { ...request, method: 'POST', body: JSON.stringify(post) };
  }
  let status: number;
  let body: Problem;
  try {
    const response = await fetch(new URL(path, url), request);
    status = response.status;
    body = (await response.json()) as Problem;
  } catch (error) {
    const { message, cause } = error as Error;
    throw new ConfigError(`${url} does not answer: ${cause instanceof Error ? cause.message : message}`);
  }
  if (status !== 200) throw new ConfigError(`${url} answered ${status}: ${whatIsWrong(body)}`);
  return body;
}

interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Several faults are a line each. */
function whatIsWrong({ title, detail, errors = [] }: Problem): string {
  if (errors.length < 2) return detail ?? title ?? 'no reason';
  return [title, ...errors.map(({ path, message }) => `  ${path} ${message}`)].join('\n');
}
