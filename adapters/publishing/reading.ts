// Closes the loop of a channel that only accepts: values that it took in are looked for until it shows them (when, says
// `looks.ts`). What is not shown in its time is told again, and after some times given to people.
// What is looked for is known from the log, so a restart goes on with it.
import type { ReadVerdict } from '../../domain/channel/events.ts';
import type { Instant } from '../../domain/time.ts';
import type { Shown } from '../../projections/shown.ts';
import type { ReadBack } from '../channels/channel.ts';
import { replyOf, withDeadline } from './call.ts';
import { createLateFeeds } from './late-feeds.ts';
import type { Line, ReadingLane } from './line.ts';
import { createLooks, isOfOneFeed } from './looks.ts';
import { createRecent, type Recent } from './recent.ts';
import type { Since } from './since.ts';
import { createSchedule, type Sought } from './sought.ts';
import type { Moment, Timers } from './timers.ts';
import { createUnseen, type Unseen } from './unseen.ts';
import { verdictOf } from './verdict.ts';

export interface ReadingOptions {
  readonly shown: (sku: string) => Shown | undefined;
  /** Something is under way for the SKU, or waits for its turn: what it shows now is of no interest. */
  readonly isBusy: (sku: string) => boolean;
  /** What is known of the SKU has changed. */
  readonly changed: (sku: string) => void;
  readonly clock: { now(): Instant };
  readonly timers: Timers;
  /** How long each update had been wrong when the channel was known to show it, ms. */
  readonly lags: Recent;
  /** Resolves when the values are in the log and folded. */
  readonly record: (seen: readonly Seen[], at: Instant, lagMs: number) => Promise<void>;
  /** Values were seen, so long after they were accepted, and had been wrong since. */
  readonly seen: (latenciesMs: readonly number[], since: readonly Since[]) => void;
  /** As a sender's. */
  readonly mayCall: () => boolean;
  readonly closing: AbortSignal;
}

/** What became of one value. */
export interface Seen {
  readonly sought: Sought;
  readonly told: number;
  /** Undefined: no such SKU, or it was not asked. */
  readonly shows: number | undefined;
  readonly verdict: ReadVerdict;
  /** The channel's own words. */
  readonly why: string | undefined;
}

type Showing = Extract<ReadBack, { kind: 'shown' }>;

const WHOLE_MS = 1_000;
const BUSY_MS = 30_000;

export class Reading {
  /** From acceptance to sight, ms, of the last values. */
  readonly applied: Recent = createRecent();
  readonly counts: Record<ReadVerdict, number> = { applied: 0, fewer: 0, lost: 0, abandoned: 0 };
  readonly unseen: Unseen = createUnseen();
  lastError: string | undefined;
  readonly #options: ReadingOptions;
  readonly #schedule = createSchedule();
  readonly #looks = createLooks();
  readonly #feeds = createLateFeeds();
  readonly #calls = new Set<Promise<void>>();
  /** Values that are being asked for. */
  #asked = 0;
  #line: Line | undefined;
  #wake: { readonly at: Moment; readonly cancel: () => void } | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** Values that were accepted and not seen yet, and some that are looked at again. */
  get size(): number {
    return this.#schedule.size + this.#asked;
  }

  /** Since when each of them has waited to be seen. */
  waiting(): Iterable<Since> {
    return this.#schedule.waiting();
  }

  /** Looks along this line from now on; undefined: does not look. What is sought stays. */
  follow(line: Line | undefined): void {
    this.#line = line;
    this.pump();
  }

  /** Accepted: to be seen. */
  seek(sought: Omit<Sought, 'isGuard' | 'isScout'>): void {
    const now = this.#options.timers.now();
    // Of what a process before told nothing was looked at yet.
    this.unseen.accepted(now, now + settlesMs(this.#line, sought));
    this.#later({ ...sought, isGuard: false, isScout: this.#looks.isScout(sought) });
  }

  seeks(sku: string): boolean {
    return this.#schedule.has(sku);
  }

  /** A feed was handed over, or may have been; `units` undefined: nobody knows what it says. */
  handedOver(sku: string, units: number | undefined, along = this.#line): void {
    const { bulk, ordering } = along ?? {};
    if (bulk === undefined || ordering !== 'arrival') return;
    this.#feeds.handedOver(sku, units, this.#options.timers.now(), bulk.settlesMs);
  }

  /** As `handedOver`, by a process before. */
  leftBehind(sku: string, units: number, at: Moment): void {
    this.#feeds.left(sku, units, at);
    if (!this.seeks(sku)) this.shownNow(sku);
  }

  /** Confirmed, and known to be shown: looked at only if an older value may yet arrive over it. */
  shownNow(sku: string): void {
    this.#guard(sku, this.#options.timers.now());
  }

  /** Resolves when every call so far is answered and recorded. */
  async settled(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }

  /** On whole seconds, so that many are looked for together; when its time is over in any case. */
  #later(sought: Sought): void {
    const now = this.#options.timers.now();
    const overdueAt = sought.acceptedAt + settlesMs(this.#line, sought);
    this.#put(sought, Math.max(now, Math.min(this.#looks.next(sought, now), overdueAt)));
  }

  #put(sought: Sought, at: Moment): void {
    const nextAt = Math.ceil(at / WHOLE_MS) * WHOLE_MS;
    this.#schedule.put(sought, nextAt);
    this.#wakeAt(nextAt);
  }

  #wakeAt(at: Moment): void {
    if (this.#wake !== undefined && this.#wake.at <= at) return;
    this.#wake?.cancel();
    const { timers } = this.#options;
    const cancel = timers.after(Math.max(0, at - timers.now()), () => {
      this.#wake = undefined;
      this.pump();
    });
    this.#wake = { at, cancel };
  }

  #guard(sku: string, now: Moment): void {
    const at = this.#feeds.nextLook(sku, now);
    if (at === undefined) return;
    this.#put({ sku, lane: 'urgent', acceptedAt: now, since: { at: now }, isGuard: true, isScout: false }, at);
  }

  pump(): void {
    const { timers, closing } = this.#options;
    const reading = this.#line?.reading;
    if (reading === undefined || closing.aborted) return;
    for (;;) {
      if (this.#calls.size >= (reading.pace.probing() ? 1 : reading.concurrency)) return;
      const now = timers.now();
      const next = this.#schedule.nextAt();
      if (next === undefined) return;
      const at = Math.max(next, now + reading.pace.waitMs(now));
      if (at > now) {
        this.#wakeAt(at);
        return;
      }
      if (!this.#options.mayCall()) return;
      const taken = this.#schedule.take(now, reading.batchSize).filter((sought) => this.#isNext(sought, now));
      if (taken.length === 0) continue;
      reading.pace.started(now);
      this.#asked += taken.length;
      const call = this.#look(this.#line!, reading, taken)
        .catch((error: unknown) => {
          this.lastError = error instanceof Error ? error.message : String(error);
        })
        .finally(() => {
          this.#calls.delete(call);
          this.#asked -= taken.length;
          this.pump();
        });
      this.#calls.add(call);
    }
  }

  /** What is told now, or waits for it, is looked at later: if nothing is told in the end, it is still to be seen. */
  #isNext(sought: Sought, now: Moment): boolean {
    if (!this.#options.isBusy(sought.sku)) return this.#isOpen(sought);
    this.#put(sought, now + BUSY_MS);
    return false;
  }

  /** False: something newer is told now, or it was settled. */
  #isOpen({ sku, isGuard }: Sought): boolean {
    if (this.#options.isBusy(sku)) return false;
    return isGuard || this.#options.shown(sku)?.accepted !== undefined;
  }

  async #look(line: Line, reading: ReadingLane, taken: readonly Sought[]): Promise<void> {
    const { timers, clock, closing } = this.#options;
    const skus = taken.map(({ sku }) => sku);
    const askedAt = timers.now();
    const asked = clock.now();
    const failed = (reason: string): ReadBack => ({ kind: 'later', reason });
    const ask = (signal: AbortSignal) => reading.read(skus, signal);
    const answer = await withDeadline(ask, failed, reading.timeoutMs, timers, closing);
    reading.pace.settled(replyOf(answer), askedAt, timers.now());
    this.lastError = answer.kind === 'shown' ? undefined : answer.reason;
    if (answer.kind !== 'shown') {
      for (const sought of taken) if (!this.#schedule.has(sought.sku)) this.#later(sought);
      return;
    }
    const seen: Seen[] = [];
    let isStuck = false;
    for (const sought of taken) {
      // What was told while it was asked is sought again from then on.
      if (this.#schedule.has(sought.sku) || !this.#isNext(sought, askedAt)) continue;
      const value = this.#judge(line, sought, answer, askedAt);
      if (value === undefined) continue;
      seen.push(value);
      if (value.verdict === 'applied' && this.#looks.seen(sought, askedAt)) this.#lookForFeedOf(sought, askedAt);
      if (sought.lane === 'bulk') isStuck = this.#judgeLane(line, value) || isStuck;
    }
    if (isStuck) seen.push(...this.#failOver());
    await this.#conclude(seen, asked, askedAt);
  }

  /** A value of the feed was seen: the others are looked for at once. */
  #lookForFeedOf(seen: Sought, now: Moment): void {
    for (const sought of this.#schedule.takeAll((one) => isOfOneFeed(one, seen))) this.#put(sought, now);
  }

  /** True: the bulk lane is stuck. */
  #judgeLane({ bulk }: Line, { sought: { sku, acceptedAt }, verdict }: Seen): boolean {
    if (bulk === undefined) return false;
    if (verdict === 'applied') {
      bulk.health.applied(acceptedAt);
      this.#feeds.arrived(sku);
    }
    if (verdict !== 'lost' && verdict !== 'abandoned') return false;
    return bulk.health.lost(acceptedAt, this.#options.timers.now());
  }

  /** Undefined: nothing to be written down. */
  #judge(line: Line, sought: Sought, { units, refused }: Showing, now: Moment): Seen | undefined {
    const { sku, acceptedAt, isGuard } = sought;
    const shown = this.#options.shown(sku)!;
    const shows = units.get(sku);
    const why = refused?.get(sku);
    const isOverdue = isGuard || now >= acceptedAt + settlesMs(line, sought);
    const verdict = verdictOf(shown, shows, this.#feeds.units(sku), why !== undefined, isOverdue);
    if (verdict === undefined) {
      this.#later(sought);
      return undefined;
    }
    if (isGuard && (verdict === 'applied' || verdict === 'fewer')) {
      this.#guard(sku, now);
      return undefined;
    }
    return { sought, told: shown.units ?? 0, shows, verdict, why: verdict === 'abandoned' ? why : undefined };
  }

  /** Written down first: what is told next is newer than that. */
  async #conclude(seen: readonly Seen[], at: Instant, now: Moment): Promise<void> {
    if (seen.length === 0) return;
    for (const { verdict } of seen) {
      this.counts[verdict] += 1;
      // Fewer may also be what it has shown all the time.
      if (verdict === 'applied') this.unseen.seen(now);
    }
    const applied = seen.filter(({ verdict }) => verdict === 'applied').map(({ sought }) => sought);
    const latencies = applied.map(({ acceptedAt }) => Math.max(0, now - acceptedAt));
    for (const latency of latencies) this.applied.add(latency);
    const since = applied.map((sought) => sought.since);
    if (since.length > 0) this.#options.seen(latencies, since);
    for (const { at } of since) this.#options.lags.add(now - at);
    const lagMs = since.reduce((most, { at }) => Math.max(most, now - at), 0);
    await this.#options.record(seen, at, Math.round(lagMs));
    for (const { sought, verdict } of seen) {
      if (verdict === 'applied' || verdict === 'fewer') this.#guard(sought.sku, now);
      else this.#options.changed(sought.sku);
    }
  }

  /** The bulk lane is stuck: what went by it is told again by the other. */
  #failOver(): readonly Seen[] {
    this.#feeds.stuck();
    const taken = this.#schedule.takeAll(({ lane }) => lane === 'bulk').filter((sought) => this.#isOpen(sought));
    return taken.map((sought) => {
      const told = this.#options.shown(sought.sku)!.units ?? 0;
      return { sought, told, shows: undefined, verdict: 'lost', why: undefined };
    });
  }
}

/** Without a line it is looked at as soon as there is one. */
function settlesMs(line: Line | undefined, { lane }: Pick<Sought, 'lane'>): number {
  return (lane === 'bulk' ? line?.bulk : undefined)?.settlesMs ?? line?.urgent.settlesMs ?? 0;
}
