// The life of whoever holds a stream of the log (server/holding/held-stream.ts): takes it, goes on while it is ours, leaves it
// in order at the end, and begins again after an error or when another process took it over. Nothing here waits for another life.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { sessionName } from '../../domain/session-name.ts';
import { type Clock, MINUTE, SECOND } from '../../domain/time.ts';
import type { RunnerTime } from '../../projections/time.ts';
import { type HoldRoom, LostStream } from './held-stream.ts';

export interface LifeRoom {
  readonly log: EventLog;
  readonly hashes: Hashes;
  readonly time: RunnerTime & { readonly clock: Clock };
  readonly timers: Timers;
  readonly soleWriter: boolean;
}

/** What is done with what is held, `H`. */
export interface Living<H> {
  /** Of what is held; sessions are named after it. */
  readonly id: string;
  /** How long one call of it may take, ms. */
  readonly timeoutMs: number;
  /** Rejects when the room's signal aborts. */
  take(session: string, room: HoldRoom): Promise<H>;
  /** One step, or one rest: called again and again. @throws LostStream */
  goOn(held: H): Promise<void>;
  /** In order: the process ends, and may say so in the stream. It may not, after an error or when the stream was lost. */
  leave(held: H, inOrder: boolean): Promise<void>;
  ended(why: 'lost' | 'failed', reason: string): void;
  /** The log does not take an append, and why; undefined: it took one. */
  stalled(reason: string | undefined): void;
}

export interface Life<H> {
  /** Undefined: it is not ours now. */
  readonly held: H | undefined;
  /** It takes up nothing more. */
  readonly ending: AbortSignal;
  /** Ends the calls under way. */
  readonly calling: AbortSignal;
  /** How long a rest may be, so that the stream is held on to, ms. */
  readonly restMsMax: number;
  /** Ends early by `wake`, or when the life ends. */
  rest(ms: number): Promise<void>;
  wake(): void;
  /** Lets a call under way end for `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const LEASE_MS_MIN = MINUTE;
const FAILED_MS = 30 * SECOND;

/** Begins in a turn of its own, so whoever asks for it has it when `take` is called. */
export function startLife<H>(living: Living<H>, room: LifeRoom): Life<H> {
  const { log, hashes, time, timers, soleWriter } = room;
  const { clock, random, sleep } = time;
  const ending = new AbortController();
  const calling = new AbortController();
  const leaseMs = Math.max(LEASE_MS_MIN, 3 * living.timeoutMs);
  const process = `${living.id}-${sessionName(clock.now(), random)}`;
  let sessions = 0;
  let held: H | undefined;
  let woken = new AbortController();

  const rest = async (ms: number) => {
    await sleep(ms, AbortSignal.any([woken.signal, ending.signal]));
    if (woken.signal.aborted) woken = new AbortController();
  };
  const take = () => {
    sessions += 1;
    return living.take(`${process}-${sessions}`, {
      ...{ log, hashes, clock, timers, random, sleep, soleWriter, leaseMs, signal: ending.signal },
      stalled: (reason) => living.stalled(reason),
    });
  };
  const leave = async () => {
    const left = held;
    held = undefined;
    if (left !== undefined) await living.leave(left, ending.signal.aborted);
  };
  const run = async () => {
    while (!ending.signal.aborted) {
      try {
        held = await take();
        while (!ending.signal.aborted) await living.goOn(held);
      } catch (error) {
        if (ending.signal.aborted) break;
        const isLost = error instanceof LostStream;
        living.ended(isLost ? 'lost' : 'failed', error instanceof Error ? error.message : String(error));
        if (!isLost) await rest(FAILED_MS);
      } finally {
        await leave();
      }
    }
  };
  const running = Promise.resolve().then(run);

  return {
    get held() {
      return held;
    },
    ending: ending.signal,
    calling: calling.signal,
    restMsMax: soleWriter ? MINUTE : Math.min(MINUTE, leaseMs / 3),
    rest,
    wake: () => woken.abort(),
    async close(graceMs) {
      ending.abort();
      const cancel = timers.after(graceMs, () => calling.abort());
      await running;
      cancel();
      calling.abort();
    },
  };
}
