// Starts a part's process and waits for what it measured.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured, Mode, Part } from './part.ts';

type Message = { readonly progress: string } | { readonly result: Measured } | { readonly error: string };

/** @throws Error with the part's own stack, or saying how its process ended */
export function runPart(
  part: Pick<Part, 'name'>,
  mode: Mode,
  parent: string,
  progress: (text: string) => void,
): Promise<Measured> {
  const child = fork(fileURLToPath(new URL('./part-process.ts', import.meta.url)), [part.name, mode, parent], {
    execArgv: ['--max-old-space-size=6144'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    let last: Exclude<Message, { readonly progress: string }> | undefined;
    child.on('message', (message: Message) => {
      if ('progress' in message) progress(message.progress);
      else last = message;
    });
    // Only when the process is gone, and its files with it, does the next part begin.
    child.once('exit', (code, signal) => {
      if (last === undefined) reject(new Error(`${part.name} ended by ${signal ?? `exit code ${code}`}`));
      else if ('error' in last) reject(new Error(last.error));
      else resolve(last.result);
    });
  });
}
