// The life of posting to one ERP: takes its stream, posts what the log says in log order, waits where it must (nothing to
// post, a maintenance window, an outage, something it refuses), and stops in order. Nothing here waits for another ERP, and
// nobody waits for this: the log is the queue.

import type { Erp } from '../../adapters/erp/erp.ts';
import { type Book, bookJson, lanes, unitsOf } from '../../domain/erp/book.ts';
import type { ParkedMovement } from '../../domain/erp/events.ts';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import { leftOfWindow } from '../../domain/erp/window.ts';
import { START } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { Instant } from '../../domain/time.ts';
import type { HoldRoom } from '../holding/held-stream.ts';
import { type Life, type LifeRoom, startLife } from '../holding/life.ts';
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

export interface PosterRoom extends LifeRoom {
  readonly policy: ErpPolicy;
  readonly erp: Erp;
  readonly sink: CaseSink;
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

/** What is done with it while it is ours. */
interface Work {
  readonly record: ErpRecord;
  readonly queue: LogQueue;
  readonly posting: Posting;
  readonly following: AbortController;
  readonly follower: Promise<void> | undefined;
}

export class Poster {
  readonly #with: PosterRoom;
  readonly #rate = createRate();
  readonly #cases: ErpCases;
  readonly #life: Life<Work>;
  #state: ErpState = 'starting';
  #nextTryAt: Instant | undefined;
  #outageSince: Instant | undefined;
  #isSilentTold = false;
  #lastError: string | undefined;
  #lastReadAt: Instant | undefined;
  #isArrival = false;
  #waitsForArrivals = false;

  constructor(room: PosterRoom) {
    const { policy, sink } = room;
    this.#with = room;
    this.#cases = erpCases(policy.id, sink);
    const { id, timeoutMs } = policy;
    this.#life = startLife(
      {
        ...{ id, timeoutMs },
        take: (session, hold) => this.#take(session, hold),
        goOn: (work) => this.#goOn(work),
        leave: (work, inOrder) => this.#leave(work, inOrder),
        ended: (why, reason) => {
          this.#state = why === 'lost' ? 'starting' : 'failed';
          this.#lastError = reason;
        },
        stalled: (reason) => {
          this.#lastError = reason && `cannot record what was posted: ${reason}`;
        },
      },
      room,
    );
  }

  status(): ErpStatus {
    const { timers, time } = this.#with;
    const { clock } = time;
    const { queue, record } = this.#life.held ?? {};
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
    return this.#life.held?.record.book;
  }

  /** Posts what waits apart again: of one SKU, or all; and does not wait longer for the next try. How many movements. */
  retry(sku?: string): number {
    const count = this.#life.held?.posting.retry(sku) ?? 0;
    this.#life.wake();
    return count;
  }

  /** Gives up movements that wait apart. */
  async dismiss(asked: DismissalAsked): Promise<Dismissal> {
    if (this.#life.held === undefined)
      return { kind: 'away', reason: 'it is not posted to now, or by another process' };
    if (this.#closedFor() !== undefined) return { kind: 'away', reason: 'it is not called now' };
    const answer = this.#life.held.posting.dismiss(asked);
    this.#life.wake();
    return answer;
  }

  /** Lets a call under way end for `graceMs`. */
  close(graceMs: number): Promise<void> {
    return this.#life.close(graceMs);
  }

  async #take(session: string, hold: HoldRoom): Promise<Work> {
    const { log, timers, time, policy, erp } = this.#with;
    const { clock, random, sleep } = time;
    const record = await takeErp(policy.id, session, { ...hold, beginning: async () => START });
    const arrived = () => {
      this.#isArrival = true;
      if (this.#waitsForArrivals) this.#life.wake();
    };
    const queue = await openQueue({ log, time, after: record.book.upTo, concerns: concernsOf(policy), arrived });
    const calls = createCalls({
      ...{ timers, random, sleep, timeoutMs: policy.timeoutMs, signal: this.#life.calling },
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
    const following = new AbortController();
    const follower = this.#follow(record, AbortSignal.any([following.signal, this.#life.ending]));
    return { record, queue, posting, following, follower };
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

  async #goOn({ record, posting }: Work): Promise<void> {
    const { policy, time } = this.#with;
    const { clock } = time;
    const closed = this.#closedFor();
    if (closed !== undefined) {
      this.#state = policy.on ? 'window' : 'off';
      this.#nextTryAt = policy.on ? clock.now() + closed : undefined;
      this.#outageSince = undefined;
      await this.#rest(Math.min(closed, this.#life.restMsMax));
      await record.hold();
      return;
    }
    await record.hold();
    this.#isArrival = false;
    const step = await posting.step();
    if (!this.#life.ending.aborted) await this.#after(step);
  }

  async #after(step: Step): Promise<void> {
    const { time } = this.#with;
    if (step.kind === 'wait') return this.#wait(step);
    this.#nextTryAt = undefined;
    this.#state = step.kind === 'idle' ? 'current' : 'posting';
    if (step.kind === 'idle') {
      if (!this.#isArrival) await this.#rest(this.#life.restMsMax, true);
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
        this.#cases.silent(reason, this.#life.held?.queue.waiting() ?? 0);
        this.#isSilentTold = true;
      }
    }
    return this.#rest(ms);
  }

  /** Ends early when somebody asks for a retry, or when what was waited for arrives. */
  async #rest(ms: number, forArrivals = false): Promise<void> {
    this.#waitsForArrivals = forArrivals;
    await this.#life.rest(ms);
    this.#waitsForArrivals = false;
  }

  async #leave({ record, queue, posting, following, follower }: Work, inOrder: boolean): Promise<void> {
    following.abort();
    await follower?.catch(() => {});
    posting.leave();
    await queue.close();
    // Not written: the next start looks up what it posts first.
    if (!inOrder || !posting.isSure) return;
    await posting.settle().catch(() => {});
    const stoppedAt = this.#with.time.clock.now();
    await record.append([{ type: 'ErpPostingStopped', stoppedAt, book: bookJson(record.book) }]).catch(() => {});
  }
}

function least(...numbers: readonly (number | undefined)[]): number | undefined {
  const said = numbers.filter((number) => number !== undefined);
  return said.length === 0 ? undefined : Math.min(...said);
}
