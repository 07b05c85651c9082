// Time, chance and turns of the event loop, injected into the read side so that it can be simulated.
import type { Clock } from '../domain/time.ts';

export interface RunnerTime {
  readonly clock: Clock;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  /** Ends early, without an error, when the signal aborts; must not keep the process alive by itself. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Runs a function at the end of the event-loop turn, after waiting I/O had its chance. */
  readonly atTurnEnd: (run: () => void) => void;
}

/** Work in slices: `spent()` says when to give the event loop a turn, by awaiting `turn()`. */
export interface Slices {
  /** Call once an event (or page); true when the slice is used up. */
  spent(): boolean;
  turn(): Promise<void>;
  /** The event loop has just had a turn: the slice begins anew. */
  begin(): void;
}

export function createSlices(time: RunnerTime, sliceMs: () => number, stepsMax: number, stepsPerLook: number): Slices {
  let steps = 0;
  let since = time.clock.now();
  const begin = () => {
    steps = 0;
    since = time.clock.now();
  };
  return {
    begin,
    spent() {
      steps += 1;
      if (steps >= stepsMax) return true;
      return steps % stepsPerLook === 0 && time.clock.now() - since >= sliceMs();
    },
    async turn() {
      await new Promise<void>((resolve) => time.atTurnEnd(resolve));
      begin();
    },
  };
}

const SLICE_MS = 4;
const LIVE_SLICE_MS_MAX = 50;
const SLICE_EVENTS_MAX = 5_000;
const EVENTS_PER_LOOK = 64;

/**
 * Slices for following the log while others write it: as long as the turn before, so that folding has half of the time when
 * it is behind. Under overload, turns of 100 ms with slices of 4 ms brought in more events than were folded.
 */
export function liveSlices(time: RunnerTime): Slices {
  const slice = { ms: SLICE_MS };
  const slices = createSlices(time, () => slice.ms, SLICE_EVENTS_MAX, EVENTS_PER_LOOK);
  return {
    ...slices,
    async turn() {
      const from = time.clock.now();
      await slices.turn();
      slice.ms = Math.min(LIVE_SLICE_MS_MAX, Math.max(SLICE_MS, time.clock.now() - from));
    },
  };
}

/** Slices for folding events, one step an event. */
export function foldingSlices(time: RunnerTime): Slices {
  return createSlices(time, () => SLICE_MS, SLICE_EVENTS_MAX, EVENTS_PER_LOOK);
}
