// Work that must not take more than its share: pieces of it run one at a time, whoever they belong to, and after each the
// rest of the server gets as long as the piece took. So 250 stores that come back at once upload slower, and a sale that
// is made meanwhile waits for one piece at most.

export interface Turns {
  /** Waits for its turn, works, and leaves a rest behind it. */
  take<T>(work: () => Promise<T>): Promise<T>;
}

export interface TurnsOptions {
  /** Of time, that all pieces together may take. */
  readonly share: number;
  /** A piece that had to wait long itself (a slow disk) does not stop the others for as long. */
  readonly restMsMax: number;
  readonly now?: () => number;
  readonly rest?: (ms: number) => Promise<void>;
}

export function createTurns({ share, restMsMax, now = () => performance.now(), rest = sleep }: TurnsOptions): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = last;
      last = promise;
      await before;
      const from = now();
      try {
        return await work();
      } finally {
        const restMs = Math.min(restMsMax, (now() - from) * (1 / share - 1));
        void rest(restMs).then(resolve, resolve);
      }
    },
  };
}

const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
