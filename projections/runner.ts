// Runs a set of projections over one subscription of the log: catch-up, then live. Keeps them stored with their
// checkpoints, rebuilds beside what serves, sets poison events aside, and says how far behind it is.
// Promise: whatever the batching, crash or redelivery, a projection's bytes equal those of a rebuild (P8).
import { type EventLog, type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import { type DeadLetter, fold, type Member } from './dead-letters.ts';
import { createFlusher, DEFAULT_FLUSH, type Flusher, type FlushLimits } from './flush.ts';
import { openMember } from './open-members.ts';
import { isDamaged, openPageStore, type PageStore, replacePageStore } from './page-store.ts';
import type { Projection, ProjectionDefinition } from './projection.ts';
import { createRebuilds } from './rebuild.ts';
import { type RunnerStatus, runnerStatus } from './runner-status.ts';
import { DEFAULT_SUPERVISION, type Supervision, superviseSubscription } from './supervised-subscription.ts';
import { liveSlices, type RunnerTime } from './time.ts';
import { createWaiters, type Waiters } from './waiters.ts';

export interface RunnerOptions {
  readonly log: EventLog;
  /** Where `projections.sqlite` lies; it exists. */
  readonly directory: string;
  readonly projections: readonly ProjectionDefinition[];
  readonly time: RunnerTime;
  /** A rebuilt projection takes the place of the old one: same position, same turn. Must not throw. */
  readonly onSwitch?: (name: string, projection: Projection) => void;
  readonly flush?: Partial<FlushLimits>;
  readonly supervision?: Partial<Supervision>;
  /** Behind for longer than this raises the lag alarm, ms; default 30 s. */
  readonly lagAlarmMs?: number;
  /** Called for each event before it is folded, for traces, and what it gives afterwards. Must not throw. */
  readonly folding?: (event: RecordedEvent) => Folded | undefined;
}

/** The event is folded, or set aside by a projection. */
export type Folded = (isPoison: boolean) => void;

export interface Runner {
  position(): Position;
  /** True once everything up to `after` is folded, false after `timeoutMs`. */
  waitFor(after: Position, timeoutMs: number): Promise<boolean>;
  /** Starts following the log; until then nothing is folded. */
  start(): void;
  /** The instance that serves now. */
  projection(name: string): Projection;
  definitions(): readonly ProjectionDefinition[];
  status(): RunnerStatus;
  deadLetters(): readonly DeadLetter[];
  /** Builds one projection, or all, from the first event; the old one serves until the switch. False when closed first. */
  rebuild(name?: string): Promise<boolean>;
  /** Stores what changed now; `everything`: every page anew. */
  flush: Flusher['flush'];
  readonly store: PageStore;
  /** Ends the subscription, stores, releases the file. */
  close(): Promise<void>;
}

const LAG_ALARM_MS = 30_000;

/** What the parts of a runner share. */
interface Course {
  readonly options: RunnerOptions;
  readonly members: Member[];
  readonly discarded: ReadonlyMap<string, string | undefined>;
  readonly store: PageStore;
  readonly flusher: Flusher;
  readonly waiters: Waiters;
  readonly closing: AbortController;
  readonly head: Position;
  position: Position;
  recordedAt: Instant | undefined;
}

/**
 * Loads what is stored; call `start` to follow the log from there.
 * @throws CheckpointAhead when the stored state is not of this log · Unavailable when the log cannot be read
 */
export async function openRunner(options: RunnerOptions): Promise<Runner> {
  try {
    return await openOn(openPageStore(options.directory), options);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    // Nothing in a file with a damaged place can be relied on: it is a cache, and everything is built from the log.
    return openOn(replacePageStore(options.directory), options);
  }
}

/** Closes the store when it throws. */
async function openOn(store: PageStore, options: RunnerOptions): Promise<Runner> {
  try {
    const opened = [];
    for (const definition of options.projections) opened.push(await openMember(definition, store, options.log));
    const members = opened.map((one) => one.member);
    const course: Course = {
      options,
      members,
      discarded: new Map(opened.map((one) => [one.member.definition.name, one.discarded])),
      store,
      flusher: createFlusher(store, () => members, options.time, { ...DEFAULT_FLUSH, ...options.flush }),
      waiters: createWaiters(() => course.position, options.time),
      closing: new AbortController(),
      head: await options.log.head(),
      position: leastPosition(members),
      recordedAt: undefined,
    };
    return runnerOf(course);
  } catch (error) {
    store.close();
    throw error;
  }
}

function leastPosition(members: readonly Member[]): Position {
  let least = members[0]?.position ?? START;
  for (const { position } of members) if (position < least) least = position;
  return least;
}

function runnerOf(course: Course): Runner {
  const { options, members, store, flusher, waiters, closing } = course;
  const { log, time } = options;
  const member = (name: string): Member => {
    const found = members.find(({ definition }) => definition.name === name);
    if (found === undefined) throw new Error(`there is no projection ${name}`);
    return found;
  };
  const rebuilds = createRebuilds({
    log,
    time,
    until: () => course.position,
    signal: closing.signal,
    member,
    generation: store.generation,
    replace(old, fresh) {
      members[members.indexOf(old)] = fresh;
      options.onSwitch?.(old.definition.name, fresh.projection);
    },
  });
  const supervision = { ...DEFAULT_SUPERVISION, ...options.supervision };
  const { subscription, start } = superviseSubscription({
    log,
    position: () => course.position,
    deliver: deliverer(course),
    time,
    supervision,
    head: course.head,
  });

  return {
    position: () => course.position,
    waitFor: waiters.wait,
    start() {
      start();
      void flushWhenIdle(course);
    },
    projection: (name) => member(name).projection,
    definitions: () => members.map(({ definition }) => definition),
    status: () =>
      runnerStatus({
        ...course,
        now: time.clock.now(),
        alarmMs: options.lagAlarmMs ?? LAG_ALARM_MS,
        subscription: subscription.state(),
        storeFailure: flusher.failure,
        rebuilds,
      }),
    deadLetters: () => members.flatMap(({ deadLetters }) => deadLetters),
    async rebuild(name) {
      const names = name === undefined ? members.map(({ definition }) => definition.name) : [name];
      for (const one of names) if (!(await rebuilds.rebuild(one))) return false;
      await flusher.flush().catch(() => {}); // kept in the status, tried again
      return true;
    },
    flush: flusher.flush,
    store,
    async close() {
      closing.abort();
      waiters.close();
      await subscription.close();
      await rebuilds.ended();
      await flusher.flush().catch(() => {}); // a cache: what is not stored is folded again
      store.close();
    },
  };
}

const BATCH_AFTER_TURN_MIN = 512;

/** Folds batches in slices of a few milliseconds, so that requests are served during a long catch-up. */
function deliverer(course: Course): (batch: readonly RecordedEvent[]) => Promise<void> {
  const { options, members, flusher, waiters, closing } = course;
  const { now } = options.time.clock;
  const slices = liveSlices(options.time);
  const pause = () => {
    waiters.reached(course.position);
    // A failure is kept in the status and tried again: the store is a cache, folding goes on.
    if (flusher.isDue()) flusher.flush().catch(() => {});
  };
  return async (batch) => {
    // Far behind, the log gives a turn before each batch; a few events may come without one.
    if (batch.length >= BATCH_AFTER_TURN_MIN) slices.begin();
    for (const event of batch) {
      if (event.position <= course.position) continue;
      course.position = event.position;
      const folded = options.folding?.(event);
      for (const member of members) fold(member, event, now);
      folded?.(members.some(({ deadLetters }) => deadLetters.at(-1)?.position === event.position));
      flusher.counted();
      if (!slices.spent()) continue;
      pause();
      await slices.turn();
      if (closing.signal.aborted) return;
    }
    const at = batch.at(-1)?.data['recordedAt'];
    if (typeof at === 'number') course.recordedAt = at;
    pause();
  };
}

async function flushWhenIdle({ options, flusher, closing }: Course): Promise<void> {
  const { msMax } = { ...DEFAULT_FLUSH, ...options.flush };
  while (!closing.signal.aborted) {
    await options.time.sleep(msMax, closing.signal);
    if (!closing.signal.aborted && flusher.isDue()) flusher.flush().catch(() => {});
  }
}
