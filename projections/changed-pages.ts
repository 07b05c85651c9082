// Which pages of a large state changed, and pages that stay as they were while the runner stores them in slices:
// a page that is about to change again before it was stored is copied first (copy on write).
import type { Page } from './projection.ts';

export interface ChangedPages {
  /** Call before anything in the page changes. */
  willChange(page: number): void;
  /** Every page below `count` counts as changed. Pages taken before are given up: read none of them after this. */
  changeAll(count: number): void;
  /** The changed pages as they are now, encoded when reached or when about to change. */
  take(): Iterable<Page>;
}

const CHANGED = 1;
const TAKEN = 2;

export function createChangedPages(encode: (page: number) => Page): ChangedPages {
  let marks = new Uint8Array(64);
  const copies = new Map<number, Page>();

  const willChange = (page: number) => {
    while (page >= marks.length) {
      const larger = new Uint8Array(marks.length * 2);
      larger.set(marks);
      marks = larger;
    }
    const mark = marks[page]!;
    if (mark === CHANGED) return;
    if ((mark & TAKEN) !== 0) copies.set(page, encode(page));
    marks[page] = CHANGED;
  };

  function* stored(pages: readonly number[]): Generator<Page> {
    for (const page of pages) {
      const copy = copies.get(page);
      copies.delete(page);
      if (copy === undefined) marks[page]! &= ~TAKEN;
      yield copy ?? encode(page);
    }
  }

  return {
    willChange,
    changeAll(count) {
      copies.clear();
      marks.fill(0);
      for (let page = 0; page < count; page++) willChange(page);
    },
    take() {
      const pages: number[] = [];
      copies.clear();
      marks.forEach((mark, page) => {
        if ((mark & CHANGED) !== 0) pages.push(page);
        marks[page] = (mark & CHANGED) !== 0 ? TAKEN : 0;
      });
      return stored(pages);
    },
  };
}
