// `evenstock serve` as a process of its own, for tests that kill it: starts it on a directory, and says what it answered,
// or that it did not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export const MAIN = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
export const POLICY = new URL('../../../docs/examples/policy.json', import.meta.url).pathname;

export interface Running {
  readonly url: string;
  readonly process: ChildProcess;
}

export type Settings = Readonly<Record<string, string>>;

let running: ChildProcess | undefined;

/** For `afterEach`: a test that failed leaves no server behind. */
export const killServer = (): void => void running?.kill('SIGKILL');

/** Resolves when it listens. `settings` are environment variables beside those of every such test. */
export async function serve(directory: string, settings: Settings = OPEN): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: { ...process.env, DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'error', RATE_PER_SECOND: 'off', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return { url, process: child };
  }
  throw new Error('the server ended before it listened');
}

/** No keys, and the policy of the docs. */
const OPEN: Settings = { POLICY_FILE: POLICY, EVENSTOCK_INSECURE_NO_AUTH: '1' };

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Sending {
  readonly key?: string | undefined;
  /** A string goes as it is, with `type`; everything else as JSON. */
  readonly body?: unknown;
  readonly type?: string | undefined;
}

/** Undefined: no answer, and nobody knows what came of it. A body that is not an object is `{ text }`. */
export async function send(url: string, path: string, { key, body, type }: Sending = {}): Promise<Answer | undefined> {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    const post = body === undefined ? {} : { method: 'POST', body: text };
    const response = await fetch(`${url}${path}`, { ...post, headers, signal: AbortSignal.timeout(5_000) });
    const isObject = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const said = await response.text();
    return { status: response.status, body: isObject ? JSON.parse(said) : { text: said } };
  } catch {
    return undefined;
  }
}

/** Undefined: no answer that settles it. */
export async function call(url: string, path: string, body?: unknown): Promise<Answer['body'] | undefined> {
  const answer = await send(url, path, { body });
  return answer === undefined || answer.status >= 500 || answer.status === 202 ? undefined : answer.body;
}

/** Kills it as the kernel would, and waits until it is gone. */
export async function killed({ process: child }: Running, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
  const gone = once(child, 'exit');
  child.kill(signal);
  return ((await gone) as [number | null])[0];
}
