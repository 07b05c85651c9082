// The sending side of one channel: takes the most urgent differences, tells the channel, records what came of it, and
// puts back what is still wrong. Values are read when the batch leaves, so a batch never carries an old one (P11), and an
// SKU stays in flight until its record is folded, so its next value has a higher version.
import type { Position } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import type { Availability } from '../../projections/availability.ts';
import type { Outcome } from '../channels/channel.ts';
import { type Backlog, type Entry, takeUpTo } from './backlog.ts';
import { bulkFrom, takeForBulk } from './bulk.ts';
import { callWithDeadline, failureOf, outcomesOf } from './call.ts';
import { type Flight, isReadBack, lagsOf, landed } from './flight.ts';
import { createIsolation } from './isolation.ts';
import type { Known } from './known.ts';
import type { Lane, Line } from './line.ts';
import type { PublishObserver } from './observe.ts';
import { createOutstanding, type Outstanding } from './outstanding.ts';
import { patienceMs } from './patience.ts';
import type { Recent } from './recent.ts';
import type { Cause } from './record.ts';
import type { RiskOf } from './risk.ts';
import { oldestOf, type Since, sinceNow } from './since.ts';
import type { Moment, Timers } from './timers.ts';
import { fitTogether } from './together.ts';

/** Changes of the same few milliseconds leave together. */
const LINGER_MS = 20;

export interface SenderOptions {
  readonly channel: string;
  readonly known: Known;
  readonly riskOf: RiskOf;
  readonly availability: Pick<Availability, 'position'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly observe: PublishObserver;
  /** Unique in the channel's stream. */
  readonly nextBatchId: () => string;
  /** Resolves when the record is in the log and folded into both read models. */
  readonly record: (cause: Cause) => Promise<void>;
  /** False: it is not sure yet that the channel is ours; `pump` when it is. */
  readonly mayCall: () => boolean;
  /** Ends calls early. */
  readonly closing: AbortSignal;
  /** What a crash before the next record must assume (see `ChannelRecord.floor`), if more than what is in flight. */
  readonly floor: () => Position | undefined;
  /** How long each update had been wrong when the channel was known to show it, ms. */
  readonly lags: Recent;
  /** A batch is recorded and folded. */
  readonly told: (flight: Flight, outcomes: ReadonlyMap<string, Outcome>) => void;
}

export class Sender {
  readonly outstanding: Outstanding;
  /** Why the last call failed, or could not be recorded. */
  lastError: string | undefined;
  /** What was told is not recorded yet, and the log does not take it: tell nothing more. */
  #isStalled = false;
  readonly #options: SenderOptions;
  #line: Line | undefined;
  readonly #isolation = createIsolation();
  #isolationNext = true;
  /** SKU → since when it has changed while it was under way. */
  readonly #inFlight = new Map<string, Since | undefined>();
  /** Calls that have not been answered. */
  readonly #calls: Record<Lane['name'], number> = { urgent: 0, bulk: 0 };
  /** Batches that are not recorded and folded. */
  readonly #flights = new Map<Flight, Promise<void>>();
  #wake: { at: Moment; cancel: () => void } | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.outstanding = createOutstanding(options);
  }

  get #backlog(): Backlog {
    return this.outstanding.backlog;
  }
  get inFlight(): number {
    return this.#inFlight.size;
  }
  get hasWork(): boolean {
    return this.#inFlight.size + this.#backlog.size > 0;
  }
  /** Under way, or waiting for its turn. */
  concerns(sku: string): boolean {
    return this.#inFlight.has(sku) || this.#backlog.has(sku);
  }
  /** Since when the longest-waiting of them has waited; undefined: there is none. */
  oldestSince(): Moment | undefined {
    const flying = [...this.#flights.keys()].flatMap(({ entries }) => entries.map(({ since }) => since));
    const waiting = this.#backlog.oldest();
    return oldestOf(waiting === undefined ? flying : [waiting, ...flying]);
  }

  /** Since when each update has waited that is in the backlog or under way. */
  *waiting(): Iterable<Since> {
    yield* this.#backlog.waiting();
    yield* this.#underWay();
  }
  /** The same without those that a daily budget holds back. */
  *due(): Iterable<Since> {
    yield* this.#backlog.due(this.#options.timers.now());
    yield* this.#underWay();
  }
  *#underWay(): Iterable<Since> {
    for (const { entries } of this.#flights.keys()) for (const { since } of entries) yield since;
  }

  /** Sends along this line from now on; undefined: sends nothing. */
  follow(line: Line | undefined): void {
    this.#line = line;
    this.#backlog.keepTail(line?.bulk !== undefined);
    for (let group = this.#isolation.next(); group !== undefined; group = this.#isolation.next()) {
      this.outstanding.release(group);
    }
    this.pump();
  }

  /** Resolves when every call so far is answered, recorded and folded. */
  async settled(): Promise<void> {
    while (this.#flights.size > 0) await Promise.allSettled(this.#flights.values());
  }

  /** A figure of this SKU, or what is known of it, may have changed. O(log n). */
  changed(sku: string): void {
    const since = sinceNow(this.#options);
    if (this.#inFlight.has(sku)) {
      if (this.#inFlight.get(sku) === undefined) this.#inFlight.set(sku, since);
      return;
    }
    this.outstanding.put(sku, since);
    this.#wakeAt(since.at + LINGER_MS);
  }

  /** Starts every call that may start now, and sets a timer for the next one. */
  pump(): void {
    const line = this.#line;
    if (line === undefined) return;
    while (this.#startNext(line, line.urgent));
    if (line.bulk !== undefined) while (this.#startNext(line, line.bulk));
  }

  /** False: no call may start along this lane now. */
  #startNext(line: Line, lane: Lane): boolean {
    if (this.#line !== line || this.#isStalled || this.#options.closing.aborted) return false;
    if (this.#calls[lane.name] >= (lane.pace.probing() ? 1 : lane.concurrency)) return false;
    const now = this.#options.timers.now();
    const work = this.#workAt(line, lane, now);
    if (work === undefined) return false;
    const at = Math.max(work, now + lane.pace.waitMs(now));
    if (at > now) {
      this.#wakeAt(at);
      return false;
    }
    if (!this.#options.mayCall()) return false;
    const flight = this.#take(line, lane, now);
    if (flight !== undefined) {
      lane.pace.started(now);
      if (lane === line.bulk) line.bulk.health.started(now);
      this.#launch(flight);
    }
    return true;
  }

  /** When there is something to send along this lane; undefined: no time is known. */
  #workAt(line: Line, lane: Lane, now: Moment): Moment | undefined {
    if (lane === line.bulk) return bulkFrom(line, line.bulk, this.#backlog, now);
    return this.#isolation.size > 0 ? now : this.#backlog.nextAt(now);
  }

  #wakeAt(at: Moment): void {
    if (this.#wake !== undefined) {
      if (this.#wake.at <= at) return;
      this.#wake.cancel();
    }
    const cancel = this.#options.timers.after(Math.max(0, at - this.#options.timers.now()), () => {
      this.#wake = undefined;
      this.pump();
    });
    this.#wake = { at, cancel };
  }

  /** The next batch with the values of this instant; undefined if nothing differs any more. */
  #take(line: Line, lane: Lane, now: Moment): Flight | undefined {
    const { known, availability, clock, observe, channel } = this.#options;
    const taken = lane === line.bulk ? takeForBulk(line.bulk, this.#backlog, now) : this.#entries(lane, now);
    const entries = taken.filter(this.outstanding.mayTell);
    if (entries.length === 0) return undefined;
    const updates = entries.map(({ sku }) => ({ sku, units: known.units(sku) }));
    const version = availability.position();
    const batchId = this.#options.nextBatchId();
    const watch = observe.started({ channel, batchId, skus: updates.map(({ sku }) => sku), version });
    return { batchId, version, updates, entries, startedAt: clock.now(), sentAt: now, watch, line, lane };
  }

  /** Groups under suspicion and ordinary batches take turns: a bad update must not hold up a stock-out. */
  #entries(lane: Lane, now: Moment): readonly Entry[] {
    const group = this.#isolationNext || this.#backlog.ready(now) === 0 ? this.#isolation.next() : undefined;
    this.#isolationNext = group === undefined;
    if (group !== undefined) {
      return group.map((sku) => this.#backlog.takeByName(sku)).filter((entry) => entry !== undefined);
    }
    const entries = takeUpTo(lane.batchSize, () => this.#backlog.take(now));
    const fitting = fitTogether(entries, lane);
    for (const entry of fitting.later) this.outstanding.putBack(entry);
    return fitting.now;
  }

  #launch(flight: Flight): void {
    for (const { sku } of flight.updates) this.#inFlight.set(sku, undefined);
    this.#calls[flight.lane.name] += 1;
    const done = this.#send(flight)
      .catch((error: unknown) => {
        this.lastError = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        this.#flights.delete(flight);
        this.pump();
      });
    this.#flights.set(flight, done);
  }

  async #send(flight: Flight): Promise<void> {
    const { timers, clock, closing, record } = this.#options;
    const { batchId, version, updates, lane, line } = flight;
    const { traceparent } = flight.watch;
    const batch = { batchId, version, updates, traceparent };
    const reply = await callWithDeadline(lane, batch, lane.timeoutMs, timers, closing);
    const at = timers.now();
    this.#calls[lane.name] -= 1;
    lane.pace.settled(reply, flight.sentAt, at);
    if (reply.kind === 'batchRefused' && lane === line.bulk) line.bulk.health.refused(at);
    const outcomes = outcomesOf(reply, updates);
    this.lastError = failureOf(reply);
    if (!isReadBack(flight)) for (const lagMs of lagsOf(flight, { outcomes, at })) this.#options.lags.add(lagMs);
    const floor = this.#floor(flight);
    const events = landed(flight, { reply, outcomes, at, finishedAt: clock.now(), floor });
    const recorded = record({ cause: batchId, traceparent, events });
    this.pump();
    // Rejects only when publishing ends: then these SKUs stay in flight, and the next start finds them in the log or not.
    await recorded;
    for (const entry of flight.entries) this.#conclude(entry, outcomes.get(entry.sku)!, flight);
    if (reply.kind === 'batchRefused' && updates.length > 1 && lane === line.urgent) this.#halve(flight);
    this.#options.told(flight, outcomes);
  }

  #floor(recording: Flight): Position {
    let floor = this.#options.floor() ?? this.#options.availability.position();
    for (const other of this.#flights.keys()) if (other !== recording && other.version < floor) floor = other.version;
    return floor;
  }

  /** The record is folded: what still differs goes back, with its age if the channel was not told. */
  #conclude({ sku, since, attempts }: Entry, outcome: Outcome, { line, lane }: Flight): void {
    const { known, timers, random } = this.#options;
    const changed = this.#inFlight.get(sku);
    this.#inFlight.delete(sku);
    this.outstanding.told(sku, outcome.kind);
    known.settled(sku, outcome.kind);
    const now = timers.now();
    if (outcome.kind === 'confirmed' || outcome.kind === 'refused') {
      this.outstanding.put(sku, changed ?? { at: now });
      return;
    }
    const notBefore = now + patienceMs(outcome, attempts + 1, line.ordering, lane, random);
    this.outstanding.put(sku, since, { attempts: attempts + 1, notBefore });
  }

  #halve({ entries }: Flight): void {
    for (const entry of entries) this.outstanding.setApart(entry);
    this.#isolation.halve(entries.map(({ sku }) => sku));
  }

  troubled(why: string): void {
    this.lastError = why;
  }

  stalledBy(why: string): void {
    this.#isStalled = true;
    this.troubled(why);
  }

  /** The log takes what was told again. */
  resumed(): void {
    if (!this.#isStalled) return;
    this.#isStalled = false;
    this.lastError = undefined;
    this.pump();
  }

  stop(): void {
    this.#line = undefined;
    this.#wake?.cancel();
    this.#wake = undefined;
  }
}
