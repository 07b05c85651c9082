// How long a commit waits for company. Under load most of those answered by the last commit send again at once; the
// event loop sees them over two or three turns, and a commit each turn would pay an fsync for a handful. Measured with
// 64 connections on one stock: two to four times the commands a second. A lone writer never waits.

/** A commit waits for this part of what the last one carried … */
const SHARE = 0.5;
/** … but not longer than this: the price is latency, ms. */
const MS_MAX = 1;

export interface Gathering {
  /** The first append of a commit came. */
  begin(): void;
  /** Go now, or give the event loop another turn? */
  isComplete(appends: number): boolean;
  end(appends: number): void;
}

export function createGathering(now: () => number = () => performance.now()): Gathering {
  let since = 0;
  let last = 0;
  return {
    begin() {
      since = now();
    },
    isComplete: (appends) => appends >= last * SHARE || now() - since >= MS_MAX,
    end(appends) {
      last = appends;
    },
  };
}
