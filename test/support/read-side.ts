// A read model over any log for tests: real time or virtual, its own directory, short intervals.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepReal } from 'node:timers/promises';
import type { RunnerTime } from '../../projections/time.ts';
import type { VirtualTime } from './virtual-time.ts';

export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'evenstock-read-side-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const realTime: RunnerTime = {
  clock: { now: () => Date.now() },
  random: () => 0.5,
  sleep: (ms, signal) => sleepReal(ms, undefined, { ref: false, ...(signal && { signal }) }).catch(() => {}),
  atTurnEnd: (run) => void setImmediate(run),
};

export function virtualRunnerTime(virtual: VirtualTime): RunnerTime {
  return {
    clock: virtual.clock,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const cancel = virtual.timers.after(ms, resolve);
        const end = () => {
          cancel();
          resolve();
        };
        if (signal?.aborted) end();
        signal?.addEventListener('abort', end, { once: true });
      }),
    atTurnEnd: (run) => void setImmediate(run),
  };
}
