// The sending side of one channel: takes the most urgent differences, tells the channel, records what came of it, and
// puts back what is still wrong. Values are read when the batch leaves, so a batch never carries an old one (P11), and an
// SKU stays in flight until its record is folded, so its next value has a higher version.
import type { PublishOutcome } from '../../domain/channel/events.ts';
import type { Position } from '../../domain/event-log.ts';
import type { Clock, Instant } from '../../domain/time.ts';
import type { Availability } from '../../projections/availability.ts';
import type { Outcome, Reply, Update } from '../channels/channel.ts';
import { createBacklog, type Entry } from './backlog.ts';
import { batchEvents, countOutcomes } from './batch-record.ts';
import { callWithDeadline, failureOf, outcomesOf, unsettledOf } from './call.ts';
import { createIsolation } from './isolation.ts';
import type { Known } from './known.ts';
import type { Line } from './line.ts';
import type { CallObserver, PublishObserver } from './observe.ts';
import { patienceMs } from './patience.ts';
import type { Cause } from './record.ts';
import type { Moment, Timers } from './timers.ts';
import { fitTogether } from './together.ts';

/** Changes of the same few milliseconds leave together. */
const LINGER_MS = 20;

export interface SenderOptions {
  readonly channel: string;
  readonly known: Known;
  readonly availability: Pick<Availability, 'position'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly observe: PublishObserver;
  /** Unique in the channel's stream. */
  readonly nextBatchId: () => string;
  /** Resolves when the record is in the log and folded into both read models. */
  readonly record: (cause: Cause) => Promise<void>;
  /** Ends calls early. */
  readonly closing: AbortSignal;
  /** What a crash before the next record must assume (see `ChannelRecord.floor`), if more than what is in flight. */
  readonly floor: () => Position | undefined;
}

interface Flight {
  readonly batchId: string;
  readonly version: Position;
  readonly updates: readonly Update[];
  readonly entries: readonly Entry[];
  readonly startedAt: Instant;
  readonly sentAt: Moment;
  readonly watch: CallObserver;
}

export class Sender {
  readonly backlog = createBacklog();
  /** Why the last call failed, or could not be recorded. */
  lastError: string | undefined;
  /** What was told is not recorded yet, and the log does not take it: tell nothing more. */
  stalled = false;
  readonly #options: SenderOptions;
  #line: Line | undefined;
  readonly #isolation = createIsolation();
  #isolationNext = true;
  /** SKU → when it changed while it was under way. */
  readonly #inFlight = new Map<string, Moment | undefined>();
  /** Calls that have not been answered. */
  readonly #calls = new Set<Flight>();
  /** Batches that are not recorded and folded. */
  readonly #flights = new Map<Flight, Promise<void>>();
  #wake: { at: Moment; cancel: () => void } | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }
  /** Under way, or waiting for its turn. */
  concerns(sku: string): boolean {
    return this.#inFlight.has(sku) || this.backlog.has(sku);
  }
  oldestSince(): Moment | undefined {
    let oldest = this.backlog.oldestSince();
    for (const { entries } of this.#flights.keys()) {
      for (const { since } of entries) if (oldest === undefined || since < oldest) oldest = since;
    }
    return oldest;
  }

  /** Sends along this line from now on; undefined: sends nothing. */
  follow(line: Line | undefined): void {
    this.#line = line;
    for (let group = this.#isolation.next(); group !== undefined; group = this.#isolation.next()) this.#release(group);
    this.pump();
  }

  /** Resolves when every call so far is answered, recorded and folded. */
  async settled(): Promise<void> {
    while (this.#flights.size > 0) await Promise.allSettled(this.#flights.values());
  }

  /** A figure of this SKU, or what is known of it, may have changed. O(log n). */
  changed(sku: string): void {
    const now = this.#options.timers.now();
    if (this.#inFlight.has(sku)) {
      if (this.#inFlight.get(sku) === undefined) this.#inFlight.set(sku, now);
      return;
    }
    this.#putBack(sku, now);
    this.#wakeAt(now + LINGER_MS);
  }

  /** Starts every call that may start now, and sets a timer for the next one. */
  pump(): void {
    for (;;) {
      const line = this.#line;
      if (line === undefined || this.stalled || this.#options.closing.aborted) return;
      if (this.#calls.size >= (line.pace.probing() ? 1 : line.connector.declares.concurrency)) return;
      const now = this.#options.timers.now();
      const work = this.#isolation.size > 0 ? now : this.backlog.nextAt(now);
      if (work === undefined) return;
      const at = Math.max(work, now + line.pace.waitMs(now));
      if (at > now) {
        this.#wakeAt(at);
        return;
      }
      const flight = this.#take(line, now);
      if (flight !== undefined) {
        line.pace.started(now);
        this.#launch(flight, line);
      }
    }
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
  #take(line: Line, now: Moment): Flight | undefined {
    const { known, availability, clock, observe, channel } = this.#options;
    const entries = this.#entries(line, now).filter(({ sku }) => known.difference(sku) !== undefined);
    if (entries.length === 0) return undefined;
    const updates = entries.map(({ sku }) => ({ sku, units: known.units(sku) }));
    const version = availability.position();
    const batchId = this.#options.nextBatchId();
    const watch = observe.started({ channel, batchId, skus: updates.map(({ sku }) => sku), version });
    return { batchId, version, updates, entries, startedAt: clock.now(), sentAt: now, watch };
  }

  /** Groups under suspicion and ordinary batches take turns: a bad update must not hold up a stock-out. */
  #entries(line: Line, now: Moment): readonly Entry[] {
    const group = this.#isolationNext || this.backlog.ready(now) === 0 ? this.#isolation.next() : undefined;
    this.#isolationNext = group === undefined;
    if (group !== undefined) {
      return group.map((sku) => this.backlog.takeByName(sku)).filter((entry) => entry !== undefined);
    }
    const entries: Entry[] = [];
    while (entries.length < line.batchSize) {
      const entry = this.backlog.take(now);
      if (entry === undefined) break;
      entries.push(entry);
    }
    const fitting = fitTogether(entries, line.connector.declares);
    for (const { sku, since, attempts } of fitting.later) this.#putBack(sku, since, { attempts, notBefore: now });
    return fitting.now;
  }

  #launch(flight: Flight, line: Line): void {
    for (const { sku } of flight.updates) this.#inFlight.set(sku, undefined);
    this.#calls.add(flight);
    const done = this.#send(flight, line)
      .catch((error: unknown) => {
        this.lastError = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        this.#flights.delete(flight);
        this.pump();
      });
    this.#flights.set(flight, done);
  }

  async #send(flight: Flight, line: Line): Promise<void> {
    const { timers, closing } = this.#options;
    const { batchId, version, updates } = flight;
    const batch = { batchId, version, updates, traceparent: flight.watch.traceparent };
    const reply = await callWithDeadline(line.connector, batch, line.timeoutMs, timers, closing);
    const now = timers.now();
    this.#calls.delete(flight);
    line.pace.settled(reply, flight.sentAt, now);
    const outcomes = outcomesOf(reply, updates);
    const recorded = this.#record(flight, line, reply, outcomes, now);
    this.pump();
    // Rejects only when publishing ends: then these SKUs stay in flight, and the next start finds them in the log or not.
    await recorded;
    for (const entry of flight.entries) this.#conclude(entry, outcomes.get(entry.sku)!, line);
    if (reply.kind === 'batchRefused' && updates.length > 1) this.#halve(flight);
  }

  #record(
    flight: Flight,
    line: Line,
    reply: Reply,
    outcomes: ReadonlyMap<string, Outcome>,
    now: Moment,
  ): Promise<void> {
    const detail = failureOf(reply);
    this.lastError = detail;
    const confirmed = flight.entries.filter(({ sku }) => outcomes.get(sku)?.kind === 'confirmed');
    const lagMs = confirmed.reduce((most, { since }) => Math.max(most, now - since), 0);
    flight.watch.finished({
      outcomes: countOutcomes(outcomes),
      durationMs: now - flight.sentAt,
      lagMs: confirmed.length > 0 ? lagMs : undefined,
      again: unsettledOf(outcomes),
      error: detail,
    });
    const events = batchEvents({
      ...flight,
      floor: this.#floor(flight),
      finishedAt: Math.max(flight.startedAt, this.#options.clock.now()),
      lagMs,
      acknowledgement: line.connector.declares.acknowledgement,
      outcomes,
      detail,
    });
    return this.#options.record({ cause: flight.batchId, traceparent: flight.watch.traceparent, events });
  }

  /** The least version of a batch that is sent and not in the log when this one is. */
  #floor(recording: Flight): Position {
    let floor = this.#options.floor() ?? this.#options.availability.position();
    for (const other of this.#flights.keys()) if (other !== recording && other.version < floor) floor = other.version;
    return floor;
  }

  /** The record is folded: what still differs goes back, with its age if the channel was not told. */
  #conclude({ sku, since, attempts }: Entry, outcome: Outcome, line: Line): void {
    const { known, timers } = this.#options;
    const changedAt = this.#inFlight.get(sku);
    this.#inFlight.delete(sku);
    known.settled(sku, outcome.kind satisfies PublishOutcome);
    const now = timers.now();
    if (outcome.kind === 'confirmed' || outcome.kind === 'refused') {
      this.#putBack(sku, changedAt ?? now);
      return;
    }
    const notBefore = now + patienceMs(outcome, attempts + 1, line, this.#options.random);
    this.#putBack(sku, since, { attempts: attempts + 1, notBefore });
  }

  #putBack(sku: string, since: Moment, retry?: { attempts: number; notBefore: Moment }): void {
    const urgency = this.#options.known.difference(sku);
    if (urgency === undefined) this.backlog.remove(sku);
    else this.backlog.put(sku, urgency, since, retry);
  }

  #halve({ entries }: Flight): void {
    for (const { sku, since, attempts } of entries) {
      this.#putBack(sku, since, { attempts, notBefore: Number.POSITIVE_INFINITY });
    }
    this.#isolation.halve(entries.map(({ sku }) => sku));
  }

  #release(group: readonly string[]): void {
    const now = this.#options.timers.now();
    for (const sku of group) {
      const entry = this.backlog.takeByName(sku);
      if (entry !== undefined) this.#putBack(sku, entry.since, { attempts: entry.attempts, notBefore: now });
    }
  }

  stop(): void {
    this.#line = undefined;
    this.#wake?.cancel();
    this.#wake = undefined;
  }
}
