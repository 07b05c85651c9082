// The crowd's process as the run uses it: one order at a time, and what it saw each second.
import { fork } from 'node:child_process';
import type { Says, Told } from './crowd/main.ts';
import type { Second } from './crowd/tally.ts';

export interface CrowdProcess {
  /** Resolves when it is done. */
  tell(told: Told): Promise<Extract<Says, { did: unknown }>>;
  onSecond(hear: (second: Second) => void): void;
  stop(): void;
}

export function startCrowd(): CrowdProcess {
  const child = fork(new URL('./crowd/main.ts', import.meta.url).pathname, {
    // Maps and bytes go as they are.
    serialization: 'advanced',
    env: { PATH: process.env['PATH'] },
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let hear: (second: Second) => void = () => {};
  let done: { resolve(says: Extract<Says, { did: unknown }>): void; reject(error: Error): void } | undefined;
  child.on('message', (says: Says) => {
    if ('second' in says) return hear(says.second);
    done?.resolve(says);
    done = undefined;
  });
  child.once('exit', () => {
    process.off('exit', kill);
    done?.reject(new Error('the crowd ended'));
  });
  return {
    tell: (told) =>
      new Promise((resolve, reject) => {
        done = { resolve, reject };
        child.send(told);
      }),
    onSecond(listener) {
      hear = listener;
    },
    stop: () => void child.disconnect(),
  };
}
