// Work in order for each id, side by side for different ids. Bounded by whoever asks `waiting` first.
import { createRecency, type Recent } from '../actors/recency.ts';

export interface Queues {
  run<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** Work that has not ended. */
  waiting(): number;
  /** Resolves when nothing is left, also of what was added meanwhile. */
  idle(): Promise<void>;
}

export function createQueues(): Queues {
  const tails = new Map<string, Promise<unknown>>();
  let waiting = 0;
  return {
    run(id, work) {
      waiting += 1;
      const before = tails.get(id) ?? Promise.resolve();
      const result = before.then(work, work).finally(() => {
        waiting -= 1;
        if (tails.get(id) === result) tails.delete(id);
      });
      tails.set(id, result);
      return result;
    },
    waiting: () => waiting,
    async idle() {
      while (tails.size > 0) await Promise.allSettled([...tails.values()]);
    },
  };
}

export interface Residents<T> {
  get(id: string): T | undefined;
  set(id: string, value: T): void;
  delete(id: string): void;
}

interface Resident<T> extends Recent<Resident<T>> {
  readonly id: string;
  value: T;
}

/** The most recently used values; each can be read again from the log. By list: a Map whose entries leave and come back is full of holes. */
export function createResidents<T>(max: number): Residents<T> {
  const residents = new Map<string, Resident<T>>();
  const recency = createRecency<Resident<T>>();
  const leave = (one: Resident<T>) => {
    recency.remove(one);
    residents.delete(one.id);
  };
  return {
    get(id) {
      const known = residents.get(id);
      if (known !== undefined) recency.touch(known);
      return known?.value;
    },
    set(id, value) {
      const known = residents.get(id);
      if (known !== undefined) known.value = value;
      const one = known ?? { id, value, older: undefined, newer: undefined };
      if (known === undefined) residents.set(id, one);
      recency.touch(one);
      if (residents.size > max) leave(recency.oldest()!);
    },
    delete(id) {
      const known = residents.get(id);
      if (known !== undefined) leave(known);
    },
  };
}
