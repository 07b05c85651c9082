// Stores what changed of all projections with their checkpoints in one transaction, in slices: the pages are those
// of one moment (copy on write) while events go on being folded, so no turn of the event loop is long.
import type { Instant } from '../domain/time.ts';
import type { Member } from './dead-letters.ts';
import type { PageStore } from './page-store.ts';
import { createSlices, type RunnerTime, type Slices } from './time.ts';
import { createUnstored, type Taken } from './unstored.ts';

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

export function createFlusher(
  store: PageStore,
  members: () => readonly Member[],
  time: RunnerTime,
  limits: FlushLimits,
): Flusher {
  const unstored = createUnstored(members);
  let events = 0;
  let firstAt: Instant | undefined;
  let notBefore: Instant = 0;
  let failure: string | undefined;
  let running: Promise<void> | undefined;

  const run = async (everything: boolean, onStored: (() => void) | undefined) => {
    const startedAt = time.clock.now();
    const taken = unstored.take(everything);
    events = 0;
    firstAt = undefined;
    try {
      await put(
        store,
        taken,
        createSlices(time, () => limits.sliceMs, PAGES_PER_TURN_MAX, 1),
      );
      unstored.stored(taken);
      failure = undefined;
      onStored?.();
    } catch (error) {
      store.rollback();
      failure = error instanceof Error ? error.message : String(error);
      unstored.putBack(taken);
      events = 1;
      firstAt = time.clock.now();
      throw error;
    } finally {
      const now = time.clock.now();
      notBefore = now + (SHARE - 1) * (now - startedAt);
      if (failure !== undefined) notBefore = Math.max(notBefore, now + limits.msMax);
    }
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

async function put(store: PageStore, taken: readonly Taken[], slices: Slices): Promise<void> {
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
}
