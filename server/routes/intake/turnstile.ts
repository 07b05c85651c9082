// How many pieces of work may be under way at once; the others wait in the order they came. So many long batches together
// fill no turn of the event loop with more than a few pieces, and whoever sends one command waits for those only.

export interface Turnstile {
  /** Waits for its turn, and works. */
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurnstile(atOnceMax: number): Turnstile {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async pass(work) {
      // Whoever leaves hands its place on: nobody who comes just then gets in between.
      if (inside < atOnceMax) inside += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) inside -= 1;
        else next();
      }
    },
  };
}
