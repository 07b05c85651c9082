// A channel that several processes on one log may tell: this one waits for its turn, tells it while it holds it, and leaves it
// when it ends, when policy takes its connector away, or when another process has it. One publisher for each of its turns.
import { isShadow } from '../../domain/channel/mode.ts';
import { sessionName } from '../../domain/session-name.ts';
import { ChannelPublisher } from './channel-publisher.ts';
import { lookAtAll } from './comparing.ts';
import { timeoutMsOf } from './line.ts';
import { createOwing, type Owing } from './owing.ts';
import type { Since } from './since.ts';
import { untilFree } from './standby.ts';
import { type DeadLetter, deadLettersOf, type PublishStatus } from './status.ts';
import { steer } from './steering.ts';
import type { Assignment, Surroundings } from './surroundings.ts';
import { leaseMsOf, type Sharing } from './tenure.ts';
import { pause } from './timers.ts';

const GRACE_MS = 4_000;

export class SharedChannel implements Pick<ChannelPublisher, keyof ChannelPublisher> {
  readonly #id: string;
  readonly #with: Surroundings;
  readonly #sharing: Sharing;
  #assignment: Assignment;
  /** Of this turn, or of a channel that nobody tells; undefined: it is another's, and this process waits. */
  #publisher: ChannelPublisher | undefined;
  #owing: Owing;
  /** Ends what goes on now: waiting, or a turn. */
  #turn = new AbortController();
  /** Has whoever waits look again. */
  #wake = new AbortController();
  #isClosed = false;
  #graceMs = GRACE_MS;
  readonly #running: Promise<void>;

  constructor(assignment: Assignment, surroundings: Surroundings, sharing: Sharing) {
    this.#id = assignment.channel.id;
    this.#assignment = assignment;
    this.#with = surroundings;
    this.#sharing = sharing;
    this.#owing = createOwing(this.#id, surroundings);
    this.#running = this.#run();
  }

  changed(sku: string): void {
    if (this.#publisher === undefined) this.#owing.changed(sku);
    else this.#publisher.changed(sku);
  }

  status(): PublishStatus {
    if (this.#publisher !== undefined) return this.#publisher.status();
    const { published } = this.#with;
    const { lagMs, paused } = published.channel(this.#id);
    const { backlog, byUrgency, oldestAgeMs } = this.#owing.backlog();
    return {
      ...{ state: 'elsewhere', backlog, byUrgency, oldestBacklogAgeMs: oldestAgeMs, lagMs, inFlight: 0, paused },
      ...{ deadLetters: this.#owing.parked.size, lastError: undefined },
    };
  }

  waiting(): Iterable<Since> {
    return this.#publisher?.waiting() ?? [];
  }

  deadLetters(limit: number): readonly DeadLetter[] {
    if (this.#publisher !== undefined) return this.#publisher.deadLetters(limit);
    return deadLettersOf(this.#owing.parked, (sku) => this.#with.published.shown(this.#id, sku), limit);
  }

  retryDeadLetter(sku?: string): number {
    return this.#publisher?.retryDeadLetter(sku) ?? 0;
  }

  /** Elsewhere: it is to be told, so it may be under way. */
  isInFlight(sku: string): boolean {
    return this.#publisher?.isInFlight(sku) ?? this.#owing.concerns(sku);
  }

  /** Elsewhere: whoever holds the channel is asked through the log; who asked sees whether it came to anything. */
  republish(sku: string): boolean {
    if (this.#publisher !== undefined) return this.#publisher.republish(sku);
    if (this.#owing.concerns(sku)) return false;
    const asked = { action: 'republish', by: this.#sharing.node, skus: [sku] } as const;
    void steer(this.#with, this.#id, asked).catch(() => {});
    return true;
  }

  steered(what: Parameters<ChannelPublisher['steered']>[0]): void {
    if (this.#publisher !== undefined) this.#publisher.steered(what);
    else if (what === 'doubted') void this.#lookAtAll();
    this.#wake.abort();
  }

  setPolicy(assignment: Assignment, change: string): Promise<void> {
    const before = this.#isShared;
    this.#assignment = assignment;
    if (this.#isShared !== before) {
      this.#turn.abort();
      return Promise.resolve();
    }
    return this.#publisher?.setPolicy(assignment, change) ?? this.#lookAtAll();
  }

  async close(graceMs: number): Promise<void> {
    this.#graceMs = graceMs;
    this.#isClosed = true;
    this.#turn.abort();
    await this.#running;
  }

  /** Somebody tells it: this process, if it is its turn. What this process cannot reach is for the others. */
  get #isShared(): boolean {
    const { channel, connector, failure } = this.#assignment;
    if (isShadow(channel) || channel.connector === undefined) return false;
    return this.#sharing.takes ? connector !== undefined && failure === undefined : true;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      this.#turn = new AbortController();
      const turn = this.#turn;
      if (!this.#isShared) await this.#until(turn.signal, new ChannelPublisher(this.#assignment, this.#with));
      else {
        const freeSince = await this.#waitForTurn(turn.signal);
        if (freeSince !== undefined)
          await this.#until(
            turn.signal,
            this.#publisherOf(freeSince, () => turn.abort()),
          );
      }
    }
  }

  async #waitForTurn(signal: AbortSignal): Promise<number | undefined> {
    const { node, takes } = this.#sharing;
    this.#owing = createOwing(this.#id, this.#with);
    void this.#lookAtAll();
    if (!takes) return aborted(signal).then(() => undefined);
    return untilFree({
      ...{ channel: this.#id, with: this.#with, node, leaseMs: this.#leaseMs, signal },
      hasWork: () => this.#owing.hasWork(),
      woken: () => {
        if (this.#wake.signal.aborted) this.#wake = new AbortController();
        return this.#wake.signal;
      },
    });
  }

  #publisherOf(freeSince: number, lost: () => void): ChannelPublisher {
    const { clock, random } = this.#with;
    const session = sessionName(clock.now(), random);
    const tenure = { node: this.#sharing.node, session, leaseMs: this.#leaseMs, freeSince, lost };
    return new ChannelPublisher(this.#assignment, this.#with, tenure);
  }

  get #leaseMs(): number {
    return leaseMsOf(this.#sharing.leaseMs, timeoutMsOf(this.#assignment.channel));
  }

  async #until(signal: AbortSignal, publisher: ChannelPublisher): Promise<void> {
    this.#publisher = publisher;
    await aborted(signal);
    await publisher.close(this.#graceMs);
    this.#publisher = undefined;
  }

  #lookAtAll(): Promise<void> {
    const { timers } = this.#with;
    const owing = this.#owing;
    return lookAtAll(this.#id, this.#with, owing.changed, () => pause(timers, 0, this.#turn.signal));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
