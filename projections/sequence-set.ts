// A set of sequence numbers as ranges, so that a source that counts without holes costs two numbers however much it
// sends. Pure functions; bounded: past the limit the oldest gap is closed and its numbers are counted as forgotten.

export interface SequenceSet {
  /** from, to, from, to …: ascending, inclusive, never touching. */
  readonly ranges: readonly number[];
  /** Numbers never seen whose gap was closed to stay within the limit. */
  readonly forgotten: number;
}

export const RANGES_MAX = 1_000;
export const EMPTY_SEQUENCE: SequenceSet = { ranges: [], forgotten: 0 };

/** The set with `n` in it; the very same set when it was there. */
export function withSequence(set: SequenceSet, n: number, rangesMax = RANGES_MAX): SequenceSet {
  const { ranges } = set;
  const at = firstRangeEndingAtOrAfter(ranges, n - 1);
  const from = ranges[at];
  const to = ranges[at + 1];
  if (from === undefined || to === undefined || n < from - 1) {
    return bounded({ ...set, ranges: ranges.toSpliced(at, 0, n, n) }, rangesMax);
  }
  if (n >= from && n <= to) return set;
  if (n === from - 1) return { ...set, ranges: ranges.with(at, n) };
  // n follows this range, and may be all that lay between it and the next.
  if (ranges[at + 2] === n + 1) return { ...set, ranges: ranges.toSpliced(at + 1, 2) };
  return { ...set, ranges: ranges.with(at + 1, n) };
}

export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The numbers between the first and the last seen that were not seen. */
export function gapsOf({ ranges }: SequenceSet): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let at = 1; at + 1 < ranges.length; at += 2) gaps.push({ from: ranges[at]! + 1, to: ranges[at + 1]! - 1 });
  return gaps;
}

function bounded(set: SequenceSet, rangesMax: number): SequenceSet {
  if (set.ranges.length <= rangesMax * 2) return set;
  const missing = set.ranges[2]! - set.ranges[1]! - 1;
  return { ranges: set.ranges.toSpliced(1, 2), forgotten: set.forgotten + missing };
}

/** Index of `from` of the first range whose `to` ≥ n; the length when there is none. */
function firstRangeEndingAtOrAfter(ranges: readonly number[], n: number): number {
  let [low, high] = [0, ranges.length / 2];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle * 2 + 1]! < n) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
