// The last measurements of something, for percentiles that people can look at: bounded, forgets at a restart.
export interface Recent {
  add(value: number): void;
  /** Nearest rank of the last measurements; undefined: there are none. `part` in (0, 1]. */
  percentile(part: number): number | undefined;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const SIZE = 1_000;

export function createRecent(size = SIZE): Recent {
  const values: number[] = [];
  let next = 0;
  let sorted: readonly number[] | undefined;
  return {
    add(value) {
      values[next] = value;
      next = (next + 1) % size;
      sorted = undefined;
    },
    percentile(part) {
      // Asked for each of thousands of values between two measurements.
      sorted ??= values.toSorted((a, b) => a - b);
      return sorted[Math.ceil(part * sorted.length) - 1];
    },
  };
}

/** In whole milliseconds; undefined: nothing was measured. */
export function percentilesOf(recent: Recent): Percentiles | undefined {
  const [p50, p99] = [recent.percentile(0.5), recent.percentile(0.99)];
  return p50 === undefined || p99 === undefined ? undefined : { p50Ms: Math.round(p50), p99Ms: Math.round(p99) };
}
