// Sorts many strings without ever stopping the event loop for long: runs of 2,000 are sorted one at a time, then
// merged one string at a time through a heap. Sorting 50,000 stream names at once would stall every reply for 30 ms.
const RUN_STRINGS = 2_000;

export interface SortedRuns {
  /** Sorts one more run. False when every run is sorted. */
  sortNext(): boolean;
  /** The next string in order, undefined at the end. Only after `sortNext` answered false. */
  next(): string | undefined;
}

export function sortedRuns(strings: readonly string[]): SortedRuns {
  const runs: string[][] = [];
  // Heap of run numbers, ordered by each run's next string.
  const heap: number[] = [];
  const cursor: number[] = [];
  const head = (slot: number) => runs[heap[slot]!]![cursor[heap[slot]!]!]!;

  const siftDown = (from: number) => {
    for (let slot = from; ; ) {
      const left = 2 * slot + 1;
      if (left >= heap.length) return;
      const least = left + 1 < heap.length && head(left + 1) < head(left) ? left + 1 : left;
      if (head(slot) <= head(least)) return;
      [heap[slot], heap[least]] = [heap[least]!, heap[slot]!];
      slot = least;
    }
  };

  return {
    sortNext() {
      const from = runs.length * RUN_STRINGS;
      if (from < strings.length) {
        heap.push(runs.length);
        cursor.push(0);
        runs.push(strings.slice(from, from + RUN_STRINGS).sort());
        return true;
      }
      for (let slot = (heap.length >> 1) - 1; slot >= 0; slot--) siftDown(slot);
      return false;
    },
    next() {
      if (heap.length === 0) return undefined;
      const run = heap[0]!;
      const string = head(0);
      cursor[run]! += 1;
      if (cursor[run]! >= runs[run]!.length) {
        const last = heap.pop()!;
        if (heap.length > 0) heap[0] = last;
      }
      siftDown(0);
      return string;
    },
  };
}
