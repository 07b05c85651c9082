// Asks a running server over its HTTP API, for commands that show something.
import { ConfigError } from '../config.ts';

export interface ServerOptions {
  readonly url: string;
  readonly key?: string;
}

const TIMEOUT_MS = 30_000;

/** The body of a 200. @throws ConfigError with what the server answered instead, or that it does not answer */
export async function askServer(
  path: string,
  { url, key = process.env['EVENSTOCK_KEY'] }: ServerOptions,
): Promise<unknown> {
  const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const request: RequestInit = { signal, redirect: 'error', ...(headers && { headers }) };
  let status: number;
  let body: { readonly detail?: string; readonly title?: string };
  try {
    const response = await fetch(new URL(path, url), request);
    status = response.status;
    body = (await response.json()) as typeof body;
  } catch (error) {
    const { message, cause } = error as Error;
    throw new ConfigError(`${url} does not answer: ${cause instanceof Error ? cause.message : message}`);
  }
  if (status !== 200) throw new ConfigError(`${url} answered ${status}: ${body.detail ?? body.title}`);
  return body;
}
