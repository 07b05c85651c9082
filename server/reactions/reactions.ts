// Process managers that react to what others did: each follows the log by itself, from its own checkpoint, in log order
// and at least once. So whatever a reaction does must be harmless when repeated: commands with ids derived from the event.
// An event that cannot be reacted to is tried again and then set aside; it holds up nobody else. While the log itself cannot
// be reached nothing is set aside: that is nothing an event could help.
import type { Checkpoints } from '../../adapters/checkpoints.ts';
import {
  Conflict,
  type EventLog,
  type Position,
  type RecordedEvent,
  START,
  Unavailable,
  UnknownOutcome,
} from '../../domain/event-log.ts';
import { DEFAULT_SUPERVISION, superviseSubscription } from '../../projections/supervised-subscription.ts';
import type { RunnerTime } from '../../projections/time.ts';
import { createWaiters } from '../../projections/waiters.ts';
import type { Failed } from '../actors/answer.ts';

export interface Reaction {
  /** Its checkpoint's name: a new name begins at the first event. */
  readonly name: string;
  /** Every event of the log comes by: what does not concern it costs this question only. */
  readonly concerns: (event: RecordedEvent) => boolean;
  /**
   * Of events that concern it: those of different lanes may be reacted to side by side, those of one keep their order.
   * Default: one lane. A reaction that appends waits for the disk, and one after another that is a few each second under load.
   */
  readonly lane?: (event: RecordedEvent) => string;
  /**
   * Called in log order, the next of its lane when this has resolved. A rejection is tried again: `Unavailable`, `UnknownOutcome` and
   * `Conflict` until it works, any other three times.
   */
  on(event: RecordedEvent): Promise<void> | void;
}

export interface ReactionsOptions {
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly time: RunnerTime;
  readonly reactions: readonly Reaction[];
  /** An event was given up after `TRIES_MAX` tries. Must not throw. */
  readonly setAside: (reaction: string, event: RecordedEvent, error: unknown) => void;
  /** What a reaction or `setAside` left to others, such as causes of cases: resolves before the checkpoint moves. */
  readonly settled?: () => Promise<void> | undefined;
}

export interface Reactions {
  /** What every reaction has seen. */
  position(): Position;
  /** True once all have seen everything up to `after`, false after `timeoutMs`. */
  waitFor(after: Position, timeoutMs: number): Promise<boolean>;
  /** Reacts to one event again that was set aside. @throws what the reaction throws · Error for an unknown name */
  again(reaction: string, event: RecordedEvent): Promise<void>;
  /** Ends after the event in hand. */
  close(): Promise<void>;
}

const TRIES_MAX = 3;
const RETRY_BASE_MS = 100;
const RETRY_MS_MAX = 20_000;
const SIDE_BY_SIDE_MAX = 64;
const SAVE_EVENTS_MAX = 500;
const SAVE_MS_MAX = 1_000;

export async function startReactions(options: ReactionsOptions): Promise<Reactions> {
  const { log, time, reactions } = options;
  const head = await log.head();
  const followers = reactions.map((reaction) => follow(reaction, options, head, () => waiters.reached(position())));
  const position = () => followers.reduce((least, { at }) => (at() < least ? at() : least), followers[0]?.at() ?? head);
  const waiters = createWaiters(position, time);
  for (const { start } of followers) start();
  return {
    position,
    waitFor: waiters.wait,
    async again(name, event) {
      const reaction = reactions.find((one) => one.name === name);
      if (reaction === undefined) throw new Error(`there is no reaction ${name}`);
      await reaction.on(event);
    },
    async close() {
      waiters.close();
      await Promise.all(followers.map(({ close }) => close()));
    },
  };
}

function follow(reaction: Reaction, options: ReactionsOptions, head: Position, moved: () => void) {
  const { log, time, checkpoints } = options;
  const closing = new AbortController();
  let position = checkpoints.load(reaction.name);
  // Of another log, or of this one before its tail was cut: everything is seen again, which is harmless.
  if (position > head) position = START;
  let saved = { position, at: time.clock.now(), events: 0 };

  const save = () => {
    if (saved.position !== position) checkpoints.save(reaction.name, position);
    saved = { position, at: time.clock.now(), events: 0 };
  };
  const reactToAll = reacting(reaction, options, closing.signal);
  const passed = (event: RecordedEvent) => {
    position = event.position;
    saved.events += 1;
    if (saved.events >= SAVE_EVENTS_MAX) save();
  };
  const togetherMax = reaction.lane === undefined ? 1 : SIDE_BY_SIDE_MAX;
  const { subscription, start } = superviseSubscription({
    log,
    position: () => position,
    async deliver(batch) {
      let together: RecordedEvent[] = [];
      for (const event of batch) {
        if (event.position <= position) continue;
        if (closing.signal.aborted) return;
        if (reaction.concerns(event)) together.push(event);
        // What lies behind an event that waits for others is passed with it.
        if (together.length > 0 && together.length < togetherMax) continue;
        if (together.length > 0) await reactToAll(together);
        together = [];
        passed(event);
      }
      if (together.length > 0) {
        await reactToAll(together);
        passed(batch.at(-1)!);
      }
      if (time.clock.now() - saved.at >= SAVE_MS_MAX) save();
      moved();
    },
    time,
    supervision: DEFAULT_SUPERVISION,
    head,
  });
  return {
    at: () => position,
    start,
    async close() {
      closing.abort();
      await subscription.close();
      save();
    },
  };
}

/** Reacts to some events that concern it; resolves when all are done, or set aside. Rejects when `signal` aborts. */
function reacting(reaction: Reaction, options: ReactionsOptions, signal: AbortSignal) {
  const { time, setAside, settled = () => undefined } = options;
  const react = async (event: RecordedEvent) => {
    let failures = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        return await reaction.on(event);
      } catch (error) {
        if (signal.aborted) throw error;
        if (!isPassing(error)) failures += 1;
        if (failures >= TRIES_MAX) return setAside(reaction.name, event, error);
        await time.sleep(Math.min(RETRY_MS_MAX, RETRY_BASE_MS * 2 ** attempt) * time.random(), signal);
      }
    }
  };
  return async (events: readonly RecordedEvent[]) => {
    const lanes = Map.groupBy(events, (event) => reaction.lane?.(event));
    const ends = await Promise.allSettled([...lanes.values()].map((lane) => inOrder(lane, react)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const left = settled();
    if (left !== undefined) await unlessAborted(left, signal);
  };
}

async function inOrder<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (const one of all) await work(one);
}

function isPassing(error: unknown): boolean {
  return error instanceof Unavailable || error instanceof UnknownOutcome || error instanceof Conflict;
}

/**
 * The answer to a command that a reaction sent, if it was decided.
 * @throws Unavailable when it was not: then the reaction is tried again
 */
export function decided<A extends { readonly outcome: string }>(answer: A | Failed): A {
  if (answer.outcome === 'failed') throw new Unavailable('down', (answer as Failed).detail);
  return answer as A;
}

/** @throws Error when `signal` aborts first */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error('closed'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
