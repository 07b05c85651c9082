// The life of posting to one ERP: takes its stream, posts what the log says in log order, waits where it must (nothing to
// post, a maintenance window, an outage, something it refuses), and stops in order. Nothing here waits for another ERP, and
// nobody waits for this: the log is the queue.

import type { Erp } from '../../adapters/erp/erp.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import { type Book, bookJson, lanes, unitsOf } from '../../domain/erp/book.ts';
import type { ParkedMovement } from '../../domain/erp/events.ts';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import { leftOfWindow } from '../../domain/erp/window.ts';
import type { Hashes } from '../../domain/event-id.ts';
import { type EventLog, START } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import type { RunnerTime } from '../../projections/time.ts';
import { LostStream } from '../holding/held-stream.ts';
import { type LogQueue, openQueue } from '../holding/log-queue.ts';
import type { WatchErpCall } from '../observe/erp-calls.ts';
import { createCalls } from './calls.ts';
import { type ErpCases, erpCases } from './cases.ts';
import type { Dismissal, DismissalAsked } from './dismissals.ts';
import { concernsOf } from './entries.ts';
import { Posting, type Step } from './posting.ts';
import { createRate } from './rate.ts';
import { type ErpRecord, takeErp } from './record.ts';
import type { ErpState, ErpStatus } from './status.ts';

export interface PosterRoom {
  readonly policy: ErpPolicy;
  readonly erp: Erp;
  readonly log: EventLog;
  readonly hashes: Hashes;
  readonly time: RunnerTime & { readonly clock: Clock };
  readonly timers: Timers;
  readonly sink: CaseSink;
  readonly soleWriter: boolean;
  /** An outage that lasts longer is a case, ms. */
  readonly patienceMs: number;
  /** While the ERP is ours: reads from it, until the signal aborts. */
  readonly follow?: ((held: Held) => Promise<void>) | undefined;
  readonly posted?: ((movements: number) => void) | undefined;
  /** Undefined: no traces. */
  readonly watch?: WatchErpCall | undefined;
}

/** What else is done with an ERP while it is held. */
export interface Held {
  readonly record: ErpRecord;
  readonly cases: ErpCases;
  readonly signal: AbortSignal;
  /** How long it must not be called, ms; undefined: it may be. */
  readonly closedFor: () => number | undefined;
  /** Undefined: it was read. */
  readonly read: (failure: string | undefined) => void;
}

const LOOK_MS_MAX = MINUTE;
const LEASE_MS_MIN = MINUTE;
const FAILED_MS = 30 * SECOND;

export class Poster {
  readonly #with: PosterRoom;
  readonly #ending = new AbortController();
  readonly #calling = new AbortController();
  readonly #rate = createRate();
  readonly #cases: ErpCases;
  readonly #session: string;
  readonly #leaseMs: number;
  readonly #running: Promise<void>;
  #sessions = 0;
  #held: { readonly record: ErpRecord; readonly queue: LogQueue; readonly posting: Posting } | undefined;
  #state: ErpState = 'starting';
  #nextTryAt: Instant | undefined;
  #outageSince: Instant | undefined;
  #isSilentTold = false;
  #lastError: string | undefined;
  #lastReadAt: Instant | undefined;
  #wake = new AbortController();
  #isArrival = false;
  #waitsForArrivals = false;

  constructor(room: PosterRoom) {
    const { policy, sink } = room;
    const { clock, random } = room.time;
    this.#with = room;
    this.#cases = erpCases(policy.id, sink);
    this.#session = `${policy.id}-${clock.now().toString(36)}-${Math.floor(random() * 2 ** 40).toString(36)}`;
    this.#leaseMs = Math.max(LEASE_MS_MIN, 3 * policy.timeoutMs);
    this.#running = this.#run();
  }

  status(): ErpStatus {
    const { timers, time } = this.#with;
    const { clock } = time;
    const { queue, record } = this.#held ?? {};
    const oldest = queue?.oldestAt();
    return {
      state: this.#state,
      waiting: queue?.waiting() ?? 0,
      oldestWaitingMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest),
      postedLastMinute: this.#rate.lastMinute(timers.now()),
      posted: record?.book.posted ?? 0,
      lastPosted: record?.book.lastPosted,
      parked: record?.book.parked.size ?? 0,
      nextTryAt: this.#nextTryAt,
      outageSince: this.#outageSince,
      upTo: record === undefined || record.book.upTo === START ? undefined : String(record.book.upTo),
      lastError: this.#lastError,
      lastReadAt: this.#lastReadAt,
    };
  }

  /** The first of those that wait apart, in log order. */
  parked(limit: number): readonly ParkedMovement[] {
    return [...(this.book()?.parked.values() ?? [])].slice(0, limit);
  }

  /** Undefined: it is not ours now. */
  book(): Book | undefined {
    return this.#held?.record.book;
  }

  /** Posts what waits apart again: of one SKU, or all; and does not wait longer for the next try. How many movements. */
  retry(sku?: string): number {
    const count = this.#held?.posting.retry(sku) ?? 0;
    this.#wake.abort();
    return count;
  }

  /** Gives up movements that wait apart. */
  async dismiss(asked: DismissalAsked): Promise<Dismissal> {
    if (this.#held === undefined) return { kind: 'away', reason: 'it is not posted to now, or by another process' };
    if (this.#closedFor() !== undefined) return { kind: 'away', reason: 'it is not called now' };
    const answer = this.#held.posting.dismiss(asked);
    this.#wake.abort();
    return answer;
  }

  /** Lets a call under way end for `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#ending.abort();
    const cancel = this.#with.timers.after(graceMs, () => this.#calling.abort());
    await this.#running;
    cancel();
    this.#calling.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const following = new AbortController();
      let follower: Promise<void> | undefined;
      try {
        this.#held = await this.#take();
        follower = this.#follow(this.#held.record, AbortSignal.any([following.signal, signal]));
        while (!signal.aborted) await this.#goOn(this.#held);
      } catch (error) {
        if (signal.aborted) break;
        this.#state = error instanceof LostStream ? 'starting' : 'failed';
        this.#lastError = error instanceof Error ? error.message : String(error);
        if (!(error instanceof LostStream)) await this.#rest(FAILED_MS);
      } finally {
        following.abort();
        await follower?.catch(() => {});
        await this.#leave();
      }
    }
  }

  async #take() {
    const { log, hashes, timers, time, soleWriter, policy, erp } = this.#with;
    const { clock, random, sleep } = time;
    this.#sessions += 1;
    const record = await takeErp(policy.id, `${this.#session}-${this.#sessions}`, {
      ...{ log, hashes, clock, timers, random, sleep, soleWriter },
      ...{ leaseMs: this.#leaseMs, beginning: async () => START, signal: this.#ending.signal },
      stalled: (reason) => {
        this.#lastError = reason && `cannot record what was posted: ${reason}`;
      },
    });
    const arrived = () => {
      this.#isArrival = true;
      if (this.#waitsForArrivals) this.#wake.abort();
    };
    const queue = await openQueue({ log, time, after: record.book.upTo, concerns: concernsOf(policy), arrived });
    const calls = createCalls({
      ...{ timers, random, sleep, timeoutMs: policy.timeoutMs, signal: this.#calling.signal },
      ratePerSecond: least(policy.ratePerSecond, erp.declares.ratePerSecondMax),
    });
    const posted = (movements: number) => {
      this.#rate.add(movements, timers.now());
      this.#with.posted?.(movements);
    };
    const { watch } = this.#with;
    const room = { policy, erp, record, queue, log, clock, random, calls, watch };
    const posting = new Posting({ ...room, cases: this.#cases, posted });
    for (const [first, ...rest] of lanes(record.book).values()) {
      if (first !== undefined && first.why !== 'behind') this.#cases.parked(first, unitsOf([first, ...rest]));
    }
    return { record, queue, posting };
  }

  #follow(record: ErpRecord, signal: AbortSignal): Promise<void> | undefined {
    return this.#with.follow?.({
      ...{ record, cases: this.#cases, signal, closedFor: () => this.#closedFor() },
      read: (failure) => {
        if (failure === undefined) this.#lastReadAt = this.#with.time.clock.now();
        else this.#lastError = `it could not be read: ${failure}`;
      },
    });
  }

  #closedFor(): number | undefined {
    const { policy, time } = this.#with;
    const { clock } = time;
    return policy.on ? leftOfWindow(policy.windows, clock.now()) : Number.POSITIVE_INFINITY;
  }

  async #goOn({ record, posting }: { readonly record: ErpRecord; readonly posting: Posting }): Promise<void> {
    const { policy, time } = this.#with;
    const { clock } = time;
    const closed = this.#closedFor();
    if (closed !== undefined) {
      this.#state = policy.on ? 'window' : 'off';
      this.#nextTryAt = policy.on ? clock.now() + closed : undefined;
      this.#outageSince = undefined;
      await this.#rest(Math.min(closed, LOOK_MS_MAX, this.#leaseMs / 3));
      await record.hold();
      return;
    }
    await record.hold();
    this.#isArrival = false;
    const step = await posting.step();
    if (!this.#ending.signal.aborted) await this.#after(step);
  }

  async #after(step: Step): Promise<void> {
    const { time, soleWriter } = this.#with;
    if (step.kind === 'wait') return this.#wait(step);
    this.#nextTryAt = undefined;
    this.#state = step.kind === 'idle' ? 'current' : 'posting';
    if (step.kind === 'idle') {
      if (!this.#isArrival) await this.#rest(soleWriter ? LOOK_MS_MAX : this.#leaseMs / 3, true);
      return;
    }
    if (this.#outageSince !== undefined && time.clock.now() >= this.#outageSince) this.#lastError = undefined;
    this.#outageSince = undefined;
    this.#isSilentTold = false;
  }

  #wait({ why, ms, reason }: Extract<Step, { kind: 'wait' }>): Promise<void> {
    const { time, patienceMs } = this.#with;
    const { clock } = time;
    this.#lastError = reason;
    if (why !== 'again') this.#state = why;
    this.#nextTryAt = clock.now() + ms;
    if (why === 'outage') {
      this.#outageSince ??= clock.now();
      if (!this.#isSilentTold && clock.now() - this.#outageSince >= patienceMs) {
        this.#cases.silent(reason, this.#held?.queue.waiting() ?? 0);
        this.#isSilentTold = true;
      }
    }
    return this.#rest(ms);
  }

  /** Ends early when somebody asks for a retry, or when what was waited for arrives. */
  async #rest(ms: number, forArrivals = false): Promise<void> {
    this.#waitsForArrivals = forArrivals;
    await this.#with.time.sleep(ms, AbortSignal.any([this.#wake.signal, this.#ending.signal]));
    this.#waitsForArrivals = false;
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }

  async #leave(): Promise<void> {
    if (this.#held === undefined) return;
    const { record, queue, posting } = this.#held;
    this.#held = undefined;
    posting.leave();
    await queue.close();
    // Not written: the next start looks up what it posts first.
    if (!this.#ending.signal.aborted || !posting.isSure) return;
    await posting.settle().catch(() => {});
    const stoppedAt = this.#with.time.clock.now();
    await record.append([{ type: 'ErpPostingStopped', stoppedAt, book: bookJson(record.book) }]).catch(() => {});
  }
}

function least(...numbers: readonly (number | undefined)[]): number | undefined {
  const said = numbers.filter((number) => number !== undefined);
  return said.length === 0 ? undefined : Math.min(...said);
}
