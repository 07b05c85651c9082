// Starts the writer process of the crash tests, alone or under strace, and gives back what it said and how it ended.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

export interface Run {
  readonly directory: string;
  readonly streams: number;
  readonly appends: number;
  readonly crashAt?: string;
  /** Arguments for strace, before the command. */
  readonly strace?: readonly string[];
  /** Called once the log is open. */
  readonly onReady?: (child: ChildProcess) => void;
}

export function runWriter({ directory, streams, appends, crashAt, strace, onReady }: Run): Promise<Ended> {
  const node = [process.execPath, WRITER, directory, String(streams), String(appends)];
  const command = strace === undefined ? node : ['strace', '-f', ...strace, ...node];
  // strace counts the calls of each thread by itself: with one thread for the syncs, the n-th is the n-th.
  const env = { ...process.env, CRASH_AT: crashAt ?? '', UV_THREADPOOL_SIZE: '1' };
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  let errors = '';
  let ready = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (ready || !output.includes('ready\n')) return;
    ready = true;
    onReady?.(child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, output, errors })));
}

export const straceWorks: boolean =
  spawnSync('strace', ['-f', '-e', 'inject=fsync:error=EIO:when=9999', 'true'], { stdio: 'ignore' }).status === 0;
