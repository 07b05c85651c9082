// The life of publishing to one channel: takes the channel's stream over, finds from the log what is left to say, then
// follows the changes; a new policy and the end are taken in order too. Nothing here waits for another channel.

import { CHANNEL_EVENT_VERSION, channelStream } from '../../domain/channel/events.ts';
import { isShadow } from '../../domain/channel/mode.ts';
import { NO_STREAM, type Position } from '../../domain/event-log.ts';
import type { OnSteered } from '../../projections/published-fold.ts';
import type { ChannelRecord, Pause } from '../../projections/published-pages.ts';
import { readBackEvents, readBackSeen } from './batch-record.ts';
import { type ChannelStream, openChannelStream } from './channel-stream.ts';
import { compareAll } from './comparing.ts';
import { createKnown, type Known } from './known.ts';
import { isSameLine, type Line, lineTo } from './line.ts';
import { Reading } from './reading.ts';
import { createRecent, percentilesOf } from './recent.ts';
import { type Cause, Overtaken, type Recorded, sessionIds } from './record.ts';
import { createRisks } from './risk.ts';
import { seekTold } from './seeking.ts';
import { Sender } from './sender.ts';
import type { Since } from './since.ts';
import { recount } from './spent.ts';
import { type DeadLetter, deadLettersOf, type PublishStatus, workStatus } from './status.ts';
import type { Assignment, Surroundings } from './surroundings.ts';
import { takeOver } from './taking-over.ts';
import { type Holding, holdOn, type Tenure } from './tenure.ts';
import { pause } from './timers.ts';

const nothing = () => {};

export class ChannelPublisher {
  readonly #id: string;
  readonly #with: Surroundings;
  readonly #known: Known;
  readonly #sender: Sender;
  readonly #reading: Reading;
  /** How long each update had been wrong when the channel was known to show it, ms. */
  readonly #lags = createRecent();
  readonly #calls = new AbortController();
  readonly #records = new AbortController();
  #assignment: Assignment;
  #line: Line | undefined;
  readonly #stream: ChannelStream;
  readonly #tenure: Tenure | undefined;
  readonly #holding: Holding;
  /** Start and policy changes, one after the other. */
  #steps: Promise<void> = Promise.resolve();
  #floor: Position | undefined;
  /** The stream is ours, at least once. */
  #taken = false;
  #failure: string | undefined;
  #closed = false;
  /** Something that was told could not be recorded. */
  #unrecorded = false;
  /** What the process before left is known. */
  #compared = false;

  /** @param tenure of several processes it is this one's turn */
  constructor(assignment: Assignment, surroundings: Surroundings, tenure?: Tenure) {
    const { availability, published, clock, timers, random, observe, stakes } = surroundings;
    this.#id = assignment.channel.id;
    this.#with = surroundings;
    this.#assignment = assignment;
    this.#tenure = tenure;
    this.#known = createKnown(this.#id, availability, published);
    const nextId = sessionIds(this.#id, clock.now(), random);
    this.#stream = openChannelStream({
      channel: this.#id,
      with: surroundings,
      calls: this.#calls.signal,
      records: this.#records.signal,
      isClosed: () => this.#closed,
      stalled: (reason) => {
        this.#sender.stalledBy(`cannot record what was published: ${reason}`);
      },
      resumed: () => this.#sender.resumed(),
      behind: () => this.#sender.troubled('the read model is behind the log'),
    });
    this.#sender = new Sender({
      riskOf: createRisks({ channel: this.#id, stakes, known: this.#known, lags: this.#lags }),
      ...{ channel: this.#id, known: this.#known, availability, clock, timers, random, observe },
      nextBatchId: () => nextId(),
      record: (cause) => this.#record(cause),
      mayCall: () => this.#holding.mayCall(),
      closing: this.#calls.signal,
      floor: () => (this.#known.suspects > 0 ? this.#floor : undefined),
      lags: this.#lags,
      told: (flight, outcomes) => seekTold(this.#reading, flight, outcomes, timers.now()),
    });
    this.#reading = new Reading({
      ...{ clock, timers, lags: this.#lags },
      shown: (sku) => published.shown(this.#id, sku),
      isBusy: (sku) => this.#sender.concerns(sku),
      changed: (sku) => this.changed(sku),
      seen: (latenciesMs, since) => observe.applied?.(this.#id, latenciesMs, since),
      record: (values, at, lagMs) =>
        this.#record({
          cause: nextId(),
          traceparent: observe.readBack?.(readBackSeen(this.#id, values, clock.now() - at)),
          events: readBackEvents(values, at, lagMs),
        }),
      mayCall: () => this.#holding.mayCall(),
      closing: this.#calls.signal,
    });
    this.#holding = holdOn(tenure, {
      ...{ stream: this.#stream, clock, timers, record: () => published.channel(this.#id) },
      hasWork: () => !this.#compared || this.#sender.hasWork || this.#reading.size > 0,
      sure: (recorded) => {
        if (recorded.foreign) this.#steps = this.#step(() => this.#meet(recorded));
        this.#sender.pump();
        this.#reading.pump();
      },
    });
    this.#steps = this.#step(() => this.#follow(nextId('start')));
  }

  changed(sku: string): void {
    if (this.#line !== undefined) this.#sender.changed(sku);
  }

  status(): PublishStatus {
    const { timers, clock, published } = this.#with;
    const [state, paused] = [this.#state(), this.#pause];
    const { lagMs } = published.channel(this.#id);
    const [lag, deadLetters] = [percentilesOf(this.#lags), this.#known.parked.size];
    const told = { state, paused, lagMs, lag, deadLetters, lastError: this.#failure ?? this.#sender.lastError };
    return { ...told, ...workStatus(this.#sender, this.#reading, this.#line, timers.now(), clock.now()) };
  }

  *waiting(): Iterable<Since> {
    yield* this.#sender.waiting();
    yield* this.#reading.waiting();
  }

  deadLetters(limit: number): readonly DeadLetter[] {
    return deadLettersOf(this.#known.parked, (sku) => this.#with.published.shown(this.#id, sku), limit);
  }

  /** Tries one refused value again, or all of them. Returns how many. One that is under way counts, whatever comes of it. */
  retryDeadLetter(sku?: string): number {
    const skus = this.#known.retry(sku, (one) => this.isInFlight(one));
    for (const parked of skus) this.changed(parked);
    return skus.length;
  }

  isInFlight(sku: string): boolean {
    return this.#sender.concerns(sku);
  }

  republish(sku: string): boolean {
    if (this.#line === undefined || this.isInFlight(sku)) return false;
    this.#known.suspect(sku);
    this.changed(sku);
    return true;
  }

  /** People had it paused or resumed, or all told again; the log says so, whoever asked. Calls under way end by themselves. */
  steered(what: Parameters<OnSteered>[1]): void {
    if (what === 'taken') this.#holding.taken();
    else if (what === 'paused') this.#rest();
    // In turn: what is being compared, or takes up a new policy, goes on by itself at its end.
    else if (what === 'resumed') this.#steps = this.#step(async () => this.#line && this.#goOn());
    else if (what === 'doubted') this.#steps = this.#step(async () => this.#line && this.#compare());
  }

  /** Calls under way end first; then everything is compared again under the new policy. Nothing, if it is the same. */
  setPolicy(assignment: Assignment, change: string): Promise<void> {
    this.#steps = this.#step(async () => {
      if (assignment.policy === this.#assignment.policy && this.#failure === undefined) return;
      this.#rest();
      await this.#settled();
      const before = { assignment: this.#assignment, line: this.#line };
      this.#assignment = assignment;
      await this.#follow(change, isSameLine(before.assignment, assignment) ? before.line : undefined);
    });
    return this.#steps;
  }

  /** Lets calls under way end for `graceMs`, then ends them; whatever was told is recorded if the log takes it. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#rest();
    const cancels = [
      this.#with.timers.after(graceMs, () => this.#calls.abort()),
      this.#with.timers.after(2 * graceMs, () => this.#records.abort()),
    ];
    await this.#settled();
    // Suspects are known only here until they are told again: without the mark the next start finds them anew. Nor are they
    // known before everything was compared.
    const isSure = this.#compared && !this.#unrecorded && this.#known.suspects === 0;
    if (isSure || (this.#taken && this.#tenure !== undefined)) {
      const event = { type: 'PublishingStopped', v: CHANNEL_EVENT_VERSION, stoppedAt: this.#with.clock.now() } as const;
      const cause = `stop-${this.#stream.revision}-${this.#with.random()}`;
      const events = [isSure ? event : { ...event, unsure: true as const }];
      await this.#stream.append({ cause, events, unless: 'taken' }).catch(() => {});
    }
    this.#holding.end();
    this.#calls.abort();
    this.#records.abort();
    for (const cancel of cancels) cancel();
    await this.#steps;
  }

  #state(): PublishStatus['state'] {
    if (this.#failure !== undefined) return 'failed';
    if (this.#assignment.connector === undefined) return isShadow(this.#assignment.channel) ? 'shadow' : 'off';
    if (this.#pause !== undefined) return 'paused';
    return this.#line?.urgent.pace.state(this.#with.timers.now()) ?? 'running';
  }

  /** Start and policy changes one after the other; a failure is the channel's state, never the process's. */
  #step(action: () => Promise<unknown>): Promise<void> {
    return this.#steps.then(action).then(nothing, (error: unknown) => {
      if (error instanceof Overtaken) this.#tenure?.lost();
      else if (!this.#closed) this.#failure = error instanceof Error ? error.message : String(error);
    });
  }

  /** @param kept a line that goes on with its pauses and its breaker: another buffer does not mend a channel */
  async #follow(cause: string, kept?: Line): Promise<void> {
    this.#line = undefined;
    const { channel, connector, failure } = this.#assignment;
    this.#failure = failure;
    if (connector === undefined || this.#closed) return;
    const fresh = !this.#taken;
    const before = await this.#takeOver(cause);
    const line = kept ?? lineTo(channel, connector, this.#with.random, this.#with.timers.now());
    // A call of the process before may still arrive, after a clean stop too if its outcome was unknown: where the last to
    // arrive wins, nothing newer may leave before.
    const mayArrive = fresh && before.revision > NO_STREAM && line.ordering === 'arrival';
    if (mayArrive) await pause(this.#with.timers, line.urgent.timeoutMs, this.#calls.signal);
    this.#line = line;
    if (fresh) this.#floor = before.floor;
    await this.#compare(fresh ? before : undefined);
    this.#compared = true;
    this.#goOn();
  }

  /** Sends along the line, unless somebody had it paused or something that was told could not be recorded. */
  #goOn(): void {
    if (this.#closed || this.#unrecorded || this.#pause !== undefined) return;
    this.#sender.follow(this.#line);
    this.#reading.follow(this.#line);
  }

  /** Starts no call. */
  #rest(): void {
    this.#sender.stop();
    this.#reading.follow(undefined);
  }

  async #settled(): Promise<void> {
    await this.#sender.settled();
    await this.#reading.settled();
  }

  get #pause(): Pause | undefined {
    return this.#with.published.channel(this.#id).paused;
  }

  /** Marks the stream as ours. */
  async #takeOver(cause: string): Promise<ChannelRecord> {
    const { clock } = this.#with;
    const [stream, goesOn, { policy }, tenure] = [this.#stream, this.#taken, this.#assignment, this.#tenure];
    const before = await takeOver({ stream, clock, policy, goesOn, cause, tenure, isClosed: () => this.#closed });
    this.#taken = true;
    this.#holding.begin();
    return before;
  }

  /** Puts everything that differs into the backlog, within the daily budgets, and looks for what was only accepted. */
  async #compare(before?: ChannelRecord): Promise<void> {
    const { signal } = this.#records;
    const stream = { channel: this.#id, last: this.#stream.revision };
    const [sender, reading, assignment] = [this.#sender, this.#reading, this.#assignment];
    await recount(sender.outstanding, assignment, this.#with, stream, signal);
    const line = this.#line!;
    await compareAll({ assignment, with: this.#with, known: this.#known, before, sender, reading, line, signal });
  }

  async #record(cause: Cause): Promise<void> {
    const recorded = await this.#stream.append(cause).catch((error: unknown) => {
      if (error instanceof Overtaken) throw error;
      // It cannot be written down any more: tell nothing more.
      this.#rest();
      this.#unrecorded = true;
      if (!this.#closed) this.#failure = error instanceof Error ? error.message : String(error);
      throw error;
    });
    await this.#meet(recorded);
  }

  /** What another process wrote before it is known when it is folded. */
  async #meet(recorded: Recorded): Promise<void> {
    await this.#stream.folded(recorded);
    if (recorded.foreign && this.#line !== undefined && !this.#closed) {
      this.#sender.troubled(`another publisher writes to ${channelStream(this.#id)}`);
      await this.#compare();
    }
  }
}
