// A clock and timers that move only when told to, so that hours pass in milliseconds and always in the same order.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Clock } from '../../domain/time.ts';

export interface VirtualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  now(): number;
  /** Runs every timer due within `ms`, in order of time and then of setting, letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Advances in steps until `reached`; false if it was not within `msMax`. */
  until(reached: () => boolean, msMax: number, stepMs?: number): Promise<boolean>;
  /** Resolves `ms` later. */
  sleep(ms: number): Promise<void>;
}

/** Where work gives way by turns of the real event loop; 1 is enough where turns are injected too. */
const TURNS = 5;
const START_MS = Date.UTC(2026, 10, 23);

export function createVirtualTime(start = START_MS, turns = TURNS): VirtualTime {
  let now = start;
  let set = 0;
  const pending = new Map<number, { at: number; action: () => void }>();

  const after = (ms: number, action: () => void) => {
    const id = ++set;
    pending.set(id, { at: now + Math.max(0, ms), action });
    return () => void pending.delete(id);
  };
  const next = () => {
    let first: [id: number, at: number, action: () => void] | undefined;
    for (const [id, { at, action }] of pending) if (first === undefined || at < first[1]) first = [id, at, action];
    return first;
  };
  /** Turns of the real event loop: all that can settle without time has, even if it gives way to others meanwhile. */
  const turn = async () => {
    for (let n = 0; n < turns; n += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };

  const advance = async (ms: number) => {
    const until = now + ms;
    await turn();
    for (let first = next(); first !== undefined && first[1] <= until; first = next()) {
      const [id, at, action] = first;
      pending.delete(id);
      now = at;
      action();
      await turn();
    }
    now = until;
  };
  return {
    clock: { now: () => Math.floor(now) },
    timers: { now: () => now, after },
    now: () => now,
    advance,
    async until(reached, msMax, stepMs = 100) {
      for (let passed = 0; passed < msMax; passed += stepMs) {
        if (reached()) return true;
        await advance(stepMs);
      }
      return reached();
    },
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
  };
}
