// Who is to be looked at again, and in which step at the latest. One date each: a newer one takes the place of the older.

export interface Calendar {
  put(id: number, step: number): void;
  drop(id: number): void;
  /** Takes out everybody whose date has come. */
  upTo(step: number): readonly number[];
}

export function createCalendar(): Calendar {
  const dates = new Map<number, number>();
  /** By step. An entry whose date is another by now is void. */
  const pages = new Map<number, number[]>();
  return {
    put(id, step) {
      if (dates.get(id) === step) return;
      dates.set(id, step);
      const page = pages.get(step);
      if (page === undefined) pages.set(step, [id]);
      else page.push(id);
    },
    drop: (id) => void dates.delete(id),
    upTo(now) {
      const come: number[] = [];
      for (const [step, page] of pages) {
        if (step > now) continue;
        pages.delete(step);
        for (const id of page) if (dates.get(id) === step && dates.delete(id)) come.push(id);
      }
      return come;
    },
  };
}
