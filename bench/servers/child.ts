// Child processes of the benchmark: each says over IPC when it is ready, and ends with it whatever happens.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atExit } from './at-exit.ts';

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The next message. Rejects when the process ends before. */
  message<T>(): Promise<T>;
  stop(): Promise<void>;
}

/** Runs a file of this folder's parent, such as `load/client.ts`. Its stderr is ours. */
export function startChild(
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), [...args], {
    execArgv: [...nodeOptions],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // JSON would make null of NaN.
    serialization: 'advanced',
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const forget = atExit(() => child.kill('SIGKILL'));
  return {
    pid: child.pid!,
    process: child,
    message: <T>() =>
      new Promise<T>((resolve, reject) => {
        const onExit = (code: number | null, signal: string | null) =>
          reject(new Error(`${file} ended (${signal ?? `exit code ${code}`}) before it answered`));
        child.once('exit', onExit);
        child.once('message', (message) => {
          child.removeListener('exit', onExit);
          resolve(message as T);
        });
      }),
    async stop() {
      forget();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
