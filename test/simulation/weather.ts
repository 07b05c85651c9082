// What goes wrong between a process and the log, append by append. Each seed has its own weather: some faults often,
// some never, so that rare ones are not always drowned by frequent ones (swarm, see scenario.ts).
import type { Chance } from './chance.ts';

/** Probabilities per call. */
export interface LogWeather {
  /** Nothing written, and it says so. */
  readonly unavailable: number;
  /** Unknown outcome: not written · written · written after a while, when nobody waits for it. */
  readonly lost: number;
  readonly written: number;
  readonly late: number;
  /** 50 to 500 ms. */
  readonly slow: number;
  /** A commit that the disk has no room for: nothing in it is written. */
  readonly full: number;
  readonly readFails: number;
  /** A subscription: ends with an error · says nothing more · starts with events it delivered before. */
  readonly dropped: number;
  readonly silent: number;
  readonly again: number;
}

export const FINE: LogWeather = {
  unavailable: 0,
  lost: 0,
  written: 0,
  late: 0,
  slow: 0,
  full: 0,
  readFails: 0,
  dropped: 0,
  silent: 0,
  again: 0,
};

/** `remote`: the log is another machine, so an outcome can be unknown and two processes can write. */
export function drawWeather(chance: Chance, remote: boolean): LogWeather {
  const sometimes = (most: number) => (chance.maybe(0.5) ? (chance.wide(5, 100) / 100) * most : 0);
  const all = Object.fromEntries(
    Object.keys(FINE).map((name) => [name, sometimes(name === 'slow' ? 0.25 : 0.1)]),
  ) as Record<keyof LogWeather, number>;
  return remote ? all : { ...all, lost: 0, written: 0, late: 0 };
}
