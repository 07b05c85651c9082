// Finds the update at fault when a channel refuses a batch as a whole: the batch is halved until one is left. One bad
// update in n costs about 2 × log2(n) calls, and all others get through.

export interface Isolation {
  readonly size: number;
  /** A batch was refused as a whole; its halves are tried on their own. */
  halve(skus: readonly string[]): void;
  /** The next group to try. */
  next(): readonly string[] | undefined;
  clear(): void;
}

export function createIsolation(): Isolation {
  const groups: (readonly string[])[] = [];
  return {
    get size() {
      return groups.length;
    },
    halve(skus) {
      const middle = skus.length >> 1;
      groups.push(skus.slice(middle), skus.slice(0, middle));
    },
    next: () => groups.pop(),
    clear() {
      groups.length = 0;
    },
  };
}
