// Many seeds over several processes: each takes every n-th seed, so that slow ones spread, and tells its outcomes as they come.
import { fork } from 'node:child_process';
import type { PlantName } from './plant.ts';
import type { Mark } from './trace.ts';

/** What is kept of a run that nobody looks at closely. */
export interface Summary {
  readonly seed: number;
  readonly events: number;
  readonly marks: readonly Mark[];
  /** What it prints, if a promise was broken. */
  readonly failure: string | undefined;
}

export interface Share {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
  readonly steps: number | undefined;
  readonly plant: PlantName | undefined;
}

const JOB = new URL('./job.ts', import.meta.url);

/** Calls `done` for each seed, in no order. @throws Error when a process ends before its share does */
export async function runJobs(jobs: number, whole: Omit<Share, 'stride'>, done: (summary: Summary) => void) {
  const shares = Array.from({ length: jobs }, (_, n): Share => ({ ...whole, from: whole.from + n, stride: jobs }));
  await Promise.all(shares.filter(({ from, to }) => from <= to).map((share) => runShare(share, done)));
}

function runShare(share: Share, done: (summary: Summary) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(JOB, [JSON.stringify(share)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let left = Math.floor((share.to - share.from) / share.stride) + 1;
    child.on('message', (summary) => {
      left -= 1;
      done(summary as Summary);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      left === 0 ? resolve() : reject(new Error(`a job ended with code ${code}, ${left} seeds before its end`)),
    );
  });
}
