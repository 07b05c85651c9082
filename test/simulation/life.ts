// The life of a simulated process. What a dead process waits for never comes, and what it set off never calls back:
// that is all that a crash is. What it had already handed over (an append, a call) goes its own way.

export interface Life {
  alive: boolean;
}

export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** What `promise` settles to, if the process lives to see it. */
export function mortal<T>(life: Life, promise: Promise<T>): Promise<T> {
  return promise.then(
    (value) => (life.alive ? value : never<T>()),
    (error: unknown) => {
      if (life.alive) throw error;
      return never<T>();
    },
  );
}
