// Is a channel that only accepts silent? It is when it shows nothing of what it took in: counted from the first value that
// it took in after the last one that was seen, once that one should have been there. One of many that is not shown is not silence.
import type { Moment } from './timers.ts';

export interface Unseen {
  /** It took a value in, which it should show by `dueAt`. */
  accepted(at: Moment, dueAt: Moment): void;
  /** It shows a value that it took in. */
  seen(at: Moment): void;
  /** For how long it has shown nothing, ms; undefined: it shows values, or has time left for the first of them. */
  unseenMs(now: Moment): number | undefined;
  /** Since it was seen to show one, ms; undefined: never since this process began. */
  seenMs(now: Moment): number | undefined;
}

export function createUnseen(): Unseen {
  let first: { readonly at: Moment; readonly dueAt: Moment } | undefined;
  let seenAt: Moment | undefined;
  return {
    accepted(at, dueAt) {
      if (first === undefined || dueAt < first.dueAt) first = { at: first?.at ?? at, dueAt };
    },
    seen(at) {
      first = undefined;
      seenAt = at;
    },
    unseenMs: (now) => (first === undefined || now < first.dueAt ? undefined : Math.round(now - first.at)),
    seenMs: (now) => (seenAt === undefined ? undefined : Math.round(now - seenAt)),
  };
}
