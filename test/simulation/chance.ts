// Everything random of a run comes from here, and from the seed alone. Each part of the world draws from a stream of
// its own, so that one more draw in one part does not change what happens in all others.
import { seeded } from '../support/marketplace/world.ts';

export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** True with probability `p`. */
  maybe(p: number): boolean;
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
  /** A name, by its weight; at least one is above 0. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  /** Log-uniform: small numbers as often as large ones. */
  wide(from: number, to: number): number;
  /** An independent stream of chance, the same for the same seed and name. */
  fork(name: string): Chance;
}

export function createChance(seed: number): Chance {
  const next = seeded(seed);
  return {
    next,
    maybe: (p) => next() < p,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: (list) => list[Math.floor(next() * list.length)]!,
    weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
      const names = (Object.keys(weights) as K[]).filter((name) => weights[name] > 0);
      let left = next() * names.reduce((sum, name) => sum + weights[name], 0);
      for (const name of names) {
        left -= weights[name];
        if (left < 0) return name;
      }
      return names.at(-1)!;
    },
    wide: (from, to) => Math.round(from * (to / from) ** next()),
    fork: (name) => createChance(mixed(seed, name)),
  };
}

/** FNV-1a over the seed and the name. */
function mixed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of `${seed}/${name}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
