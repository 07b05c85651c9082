// Stores what changed of all projections with their checkpoints in one transaction, in slices: the pages are those
// of one moment (copy on write) while events go on being folded, so no turn of the event loop is long.
import { START } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import type { Member } from './dead-letters.ts';
import type { PageStore, ToStore } from './page-store.ts';
import type { Page } from './projection.ts';
import { createSlices, type RunnerTime } from './time.ts';

export interface FlushLimits {
  /** Store after so many events … */
  readonly eventsMax: number;
  /** … or so long after the first of them, ms. */
  readonly msMax: number;
  /** Longest turn, ms. */
  readonly sliceMs: number;
}

export const DEFAULT_FLUSH: FlushLimits = { eventsMax: 100_000, msMax: 5_000, sliceMs: 4 };
/** Storing takes at most one part in so many of the time, however many pages change. */
const SHARE = 10;
const PAGES_PER_TURN_MAX = 64;

export interface Flusher {
  /** An event was folded. */
  counted(): void;
  /** Is it time? */
  isDue(): boolean;
  /** Stores what changed up to now, or every page; `stored` is called before any other flush can begin. Rejects when the disk does. */
  flush(everything?: boolean, stored?: () => void): Promise<void>;
  readonly failure: string | undefined;
}

interface Taken {
  readonly member: Member;
  readonly store: ToStore;
  readonly pages: Iterable<Page>;
}

export function createFlusher(
  store: PageStore,
  members: () => readonly Member[],
  time: RunnerTime,
  limits: FlushLimits,
): Flusher {
  let events = 0;
  let firstAt: Instant | undefined;
  let notBefore: Instant = 0;
  let failure: string | undefined;
  let running: Promise<void> | undefined;
  /** Pages taken from a projection without `markAllChanged` by a flush that failed. */
  let unsaved = new Map<Member, readonly Page[]>();
  /** A member's dead letters only grow in number. */
  const lettersStored = new WeakMap<Member, number>();

  const take = (member: Member): Taken | undefined => {
    if (member.position === START || member.last === undefined) return undefined;
    const { definition, projection, generation, deadLetters, forgotten, last } = member;
    const { position, stream, revision, id } = last;
    const pages = projection.takeChangedPages();
    const before = unsaved.get(member) ?? [];
    return {
      member,
      pages: projection.markAllChanged === undefined ? [...before, ...pages] : pages,
      store: {
        name: definition.name,
        version: projection.version,
        generation,
        checkpoint: { position, stream, revision, id },
        deadLetters: lettersStored.get(member) === deadLetters.length ? undefined : [...deadLetters],
        deadLettersForgotten: forgotten,
      },
    };
  };

  const put = async (taken: readonly Taken[]) => {
    const slices = createSlices(time, limits.sliceMs, PAGES_PER_TURN_MAX, 1);
    store.begin();
    for (const { store: projection, pages } of taken) {
      for (const page of pages) {
        store.putPage(projection.name, projection.generation, page);
        if (slices.spent()) await slices.turn();
      }
      store.putProjection(projection);
    }
    await slices.turn();
    store.commit();
    await slices.turn();
    store.settle();
    await slices.turn();
    while (store.sweep()) await slices.turn();
  };

  const run = async (everything: boolean, stored: (() => void) | undefined) => {
    if (everything) for (const { projection } of members()) projection.markAllChanged?.();
    const startedAt = time.clock.now();
    const taken = members()
      .map(take)
      .filter((one) => one !== undefined);
    events = 0;
    firstAt = undefined;
    try {
      await put(taken);
      for (const { member, store: projection } of taken) {
        if (projection.deadLetters !== undefined) lettersStored.set(member, projection.deadLetters.length);
      }
      unsaved = new Map();
      failure = undefined;
      stored?.();
    } catch (error) {
      store.rollback();
      failure = error instanceof Error ? error.message : String(error);
      keep(taken);
      throw error;
    } finally {
      const now = time.clock.now();
      notBefore = now + (SHARE - 1) * (now - startedAt);
      if (failure !== undefined) notBefore = Math.max(notBefore, now + limits.msMax);
    }
  };
  const keep = (taken: readonly Taken[]) => {
    for (const { member, pages } of taken) {
      if (member.projection.markAllChanged === undefined) unsaved.set(member, pages as readonly Page[]);
      else member.projection.markAllChanged();
    }
    events = 1;
    firstAt = time.clock.now();
  };

  return {
    counted() {
      events += 1;
      firstAt ??= time.clock.now();
    },
    isDue() {
      if (running !== undefined || events === 0) return false;
      const now = time.clock.now();
      return now >= notBefore && (events >= limits.eventsMax || now - firstAt! >= limits.msMax);
    },
    async flush(everything = false, stored) {
      while (running !== undefined) await running.catch(() => {});
      running = run(everything, stored).finally(() => {
        running = undefined;
      });
      return running;
    },
    get failure() {
      return failure;
    },
  };
}
