// Last revisions of streams, in memory because this process is the only writer. Two generations bound it: when the
// young one is half the limit it becomes the old one and the old one is dropped (least recently used, roughly).
export interface Heads {
  get(stream: string): number | undefined;
  set(stream: string, revision: number): void;
  /** True while no stream was ever dropped or left out: then an unknown stream is a new one, without a look at the index. */
  readonly complete: boolean;
  readonly size: number;
  clear(complete: boolean): void;
}

export function createHeads(max: number, startsComplete: boolean): Heads {
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let complete = startsComplete;

  const set = (stream: string, revision: number) => {
    young.set(stream, revision);
    if (young.size * 2 < max) return;
    if (old.size > 0) complete = false;
    old = young;
    young = new Map();
  };

  return {
    get(stream) {
      const head = young.get(stream);
      if (head !== undefined) return head;
      const older = old.get(stream);
      if (older !== undefined) set(stream, older);
      return older;
    },
    set,
    get complete() {
      return complete;
    },
    get size() {
      return young.size + old.size;
    },
    clear(isComplete) {
      young = new Map();
      old = new Map();
      complete = isComplete;
    },
  };
}
