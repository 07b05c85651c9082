// A binary heap that knows where each entry lies, so that an entry can be moved or taken out in O(log n).
// Entries carry their own place; an entry is in at most one heap.

export interface Placed {
  /** Index in the heap, -1 outside. Written by the heap alone. */
  place: number;
}

export interface IndexedHeap<E extends Placed> {
  readonly size: number;
  first(): E | undefined;
  add(entry: E): void;
  remove(entry: E): void;
  entries(): readonly E[];
}

/** `before(a, b)`: a leaves first. Must be a strict total order, or the order of leaving depends on history. */
export function createIndexedHeap<E extends Placed>(before: (a: E, b: E) => boolean): IndexedHeap<E> {
  const heap: E[] = [];

  const put = (entry: E, place: number) => {
    heap[place] = entry;
    entry.place = place;
  };
  function up(entry: E, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      put(heap[parent]!, place);
      place = parent;
    }
    put(entry, place);
  }
  function down(entry: E, from: number): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, entry)) break;
      put(heap[child]!, place);
      place = child;
    }
    put(entry, place);
  }

  return {
    get size() {
      return heap.length;
    },
    first: () => heap[0],
    add: (entry) => up(entry, heap.length),
    remove(entry) {
      const place = entry.place;
      const last = heap.pop()!;
      entry.place = -1;
      if (last === entry) return;
      if (place > 0 && before(last, heap[(place - 1) >> 1]!)) up(last, place);
      else down(last, place);
    },
    entries: () => heap,
  };
}
