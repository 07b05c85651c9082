// Work in order for each id, side by side for different ids. Bounded by whoever asks `waiting` first.

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

/** The most recently used values; each can be read again from the log. */
export function createResidents<T>(max: number): Residents<T> {
  const values = new Map<string, T>();
  return {
    get(id) {
      const value = values.get(id);
      if (value !== undefined) {
        values.delete(id);
        values.set(id, value);
      }
      return value;
    },
    set(id, value) {
      values.delete(id);
      values.set(id, value);
      if (values.size <= max) return;
      for (const oldest of values.keys()) {
        values.delete(oldest);
        break;
      }
    },
    delete: (id) => void values.delete(id),
  };
}
