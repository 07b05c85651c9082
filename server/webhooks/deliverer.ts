// The life of telling one webhook: takes its stream, sends what the log says in log order, one event a request, waits where
// it must, and stops in order. At least once: what was sent since progress was last written is sent again after a crash.
// Nothing here waits for another webhook, and nobody waits for this: the log is the queue.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Attempts } from '../../adapters/webhooks/attempts.ts';
import type { Sender } from '../../adapters/webhooks/sender.ts';
import type { Hashes } from '../../domain/event-id.ts';
import { type EventLog, type RecordedEvent, START } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import type { WebhookPolicy } from '../../domain/webhook/policy.ts';
import { type Progress, progressJson } from '../../domain/webhook/progress.ts';
import type { RunnerTime } from '../../projections/time.ts';
import { LostStream } from '../holding/held-stream.ts';
import { type LogQueue, openQueue } from '../holding/log-queue.ts';
import { type Call, callBy } from './calls.ts';
import { type WebhookCases, webhookCases } from './cases.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { takeWebhook, type WebhookRecord } from './record.ts';
import { createResending, type Resending, type Resent } from './resending.ts';
import { wantedBy } from './wanted.ts';
import type { Replay, ReplayAsked, WebhookState, WebhookStatus } from './webhooks.ts';

export interface DelivererRoom {
  readonly policy: WebhookPolicy;
  readonly sender: Sender;
  readonly attempts: Attempts;
  readonly log: EventLog;
  readonly hashes: Hashes;
  readonly time: RunnerTime & { readonly clock: Clock };
  readonly timers: Timers;
  readonly sink: CaseSink;
  readonly soleWriter: boolean;
  /** An outage that lasts longer is a case, ms. */
  readonly patienceMs: number;
}

const LOOK_MS_MAX = MINUTE;
const LEASE_MS_MIN = MINUTE;
const FAILED_MS = 30 * SECOND;

interface Held {
  readonly record: WebhookRecord;
  readonly ledger: Ledger;
  queue: LogQueue;
}

export class Deliverer {
  readonly #with: DelivererRoom;
  readonly #ending = new AbortController();
  readonly #calling = new AbortController();
  readonly #cases: WebhookCases;
  readonly #attempts: Attempts;
  readonly #call: Call;
  readonly #resending: Resending;
  readonly #fingerprint: string;
  readonly #session: string;
  readonly #leaseMs: number;
  readonly #running: Promise<void>;
  #sessions = 0;
  #held: Held | undefined;
  #state: WebhookState = 'starting';
  #outageSince: Instant | undefined;
  #isSilentTold = false;
  #lastError: string | undefined;
  #wake = new AbortController();
  #isArrival = false;
  /** One more with every replay: what was under way before does not count. */
  #replays = 0;
  #isRewound = false;

  constructor(room: DelivererRoom) {
    const { policy, attempts, sink, hashes, time } = room;
    const { clock, random } = time;
    this.#with = room;
    this.#cases = webhookCases(policy.id, sink);
    this.#attempts = attempts;
    this.#call = callBy(room, this.#calling.signal);
    this.#resending = createResending(this.#call, attempts, clock);
    this.#fingerprint = hashes.sha256Base64Url(JSON.stringify(policy));
    this.#session = `${policy.id}-${clock.now().toString(36)}-${Math.floor(random() * 2 ** 40).toString(36)}`;
    this.#leaseMs = Math.max(LEASE_MS_MIN, 3 * policy.timeoutMs);
    this.#running = this.#run();
  }

  status(): WebhookStatus {
    const { clock } = this.#with.time;
    const { queue, record, ledger } = this.#held ?? {};
    const oldest = queue?.oldestAt();
    const wait = this.#attempts.waitMs();
    const upTo = ledger?.upTo() ?? record?.state.upTo;
    return {
      state: this.#state,
      waiting: queue?.waiting() ?? 0,
      oldestWaitingMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest),
      delivered: (record?.state.delivered ?? 0) + (ledger?.delivered() ?? 0),
      setAside: record?.state.setAside ?? 0,
      lastSetAside: record?.state.lastSetAside ?? [],
      upTo: upTo === undefined || upTo === START ? undefined : String(upTo),
      nextTryAt: wait > 0 ? clock.now() + wait : undefined,
      outageSince: this.#outageSince,
      lastError: this.#lastError,
    };
  }

  /** Written before it answers; what comes after is then sent once more. */
  async replay({ after, by, reason }: ReplayAsked): Promise<Replay> {
    const held = this.#held;
    if (held === undefined || this.#ending.signal.aborted) return { kind: 'away' };
    const upTo = held.ledger.upTo() ?? held.record.state.upTo;
    if (after > upTo) return { kind: 'ahead', upTo };
    // All at once: whoever waits for the append before finds the flag, and then waits for this one.
    this.#replays += 1;
    this.#isRewound = true;
    const unwritten = held.ledger.take();
    const askedAt = this.#with.time.clock.now();
    const asked = { type: 'WebhookReplayAsked', after: String(after), by, reason, askedAt } as const;
    try {
      await held.record.append(unwritten === undefined ? [asked] : [unwritten, asked]);
    } catch (error) {
      if (error instanceof LostStream) return { kind: 'away' };
      throw error;
    }
    this.#attempts.reset();
    this.#wake.abort();
    return { kind: 'begun' };
  }

  /** Sends an event again that was set aside: at once, or not at all. */
  resend(event: RecordedEvent): Promise<Resent> {
    const asked = this.#resending.ask(event);
    if (this.#held === undefined) this.#resending.giveUp('it is not told by this process now');
    this.#wake.abort();
    return asked;
  }

  /** Lets a call under way end for `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#ending.abort();
    const cancel = this.#with.timers.after(graceMs, () => this.#calling.abort());
    await this.#running;
    cancel();
    this.#with.sender.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const held = await this.#take();
        this.#held = held;
        while (!signal.aborted) await this.#goOn(held);
      } catch (error) {
        if (signal.aborted) break;
        this.#state = error instanceof LostStream ? 'starting' : 'failed';
        this.#lastError = error instanceof Error ? error.message : String(error);
        if (!(error instanceof LostStream)) await this.#rest(FAILED_MS);
      } finally {
        await this.#leave();
      }
    }
  }

  async #take(): Promise<Held> {
    const { log, hashes, timers, time, soleWriter, policy } = this.#with;
    const { clock, random, sleep } = time;
    this.#sessions += 1;
    this.#state = 'starting';
    const room = {
      ...{ log, hashes, clock, timers, random, sleep, soleWriter, leaseMs: this.#leaseMs, signal: this.#ending.signal },
      stalled: (reason: string | undefined) => {
        this.#lastError = reason && `cannot record what was sent: ${reason}`;
      },
    };
    const beginning = async () => (policy.since === undefined ? log.head() : START);
    const record = await takeWebhook(policy.id, `${this.#session}-${this.#sessions}`, room, beginning);
    this.#isRewound = false;
    return { record, ledger: createLedger(record, clock, timers), queue: await this.#open(record.state) };
  }

  #open({ upTo }: Progress): Promise<LogQueue> {
    const { log, time, policy } = this.#with;
    const arrived = () => {
      this.#isArrival = true;
      if (this.#state === 'current') this.#wake.abort();
    };
    return openQueue({ log, time, after: upTo, concerns: wantedBy(policy), arrived });
  }

  async #goOn(held: Held): Promise<void> {
    const { policy, soleWriter } = this.#with;
    const { record, ledger } = held;
    await record.hold();
    while (this.#isRewound) {
      this.#isRewound = false;
      await record.hold();
      await held.queue.close();
      held.queue = await this.#open(record.state);
    }
    const rest = Math.min(LOOK_MS_MAX, this.#leaseMs / 3);
    const { off } = record.state;
    const isGone = off?.policy === this.#fingerprint;
    if (!policy.on || isGone) {
      this.#state = isGone ? 'gone' : 'off';
      if (isGone) this.#lastError = off.reason;
      this.#resending.giveUp(isGone ? `it is gone: ${off.reason}` : 'it is switched off by policy');
      return this.#rest(rest);
    }
    const wait = this.#attempts.waitMs();
    if (wait > 0) {
      this.#resending.giveUp(this.#lastError ?? 'it is to be left alone for a while');
      return this.#rest(Math.min(wait, rest));
    }
    if (await this.#resending.sendNext(record)) return;
    this.#isArrival = false;
    const replays = this.#replays;
    const [event] = await held.queue.peek(1);
    if (replays !== this.#replays) return;
    if (event !== undefined) return this.#send(held, event);
    this.#state = 'current';
    this.#outageSince = undefined;
    const unwrittenMs = ledger.dueMs();
    if (unwrittenMs === 0) await ledger.write();
    if (!this.#isArrival) await this.#rest(unwrittenMs || (soleWriter ? LOOK_MS_MAX : rest));
  }

  async #send({ record, ledger, queue }: Held, event: RecordedEvent): Promise<void> {
    const replays = this.#replays;
    this.#attempts.started();
    const outcome = await this.#call(event);
    if (replays !== this.#replays) return;
    const verdict = this.#attempts.judge(outcome);
    if (verdict.kind === 'done' || verdict.kind === 'set-aside') {
      this.#answered();
      queue.drop(1);
      const wasSetAside = record.state.lastSetAside.some((one) => one.event === event.id);
      await ledger.done(event, verdict.kind === 'done' ? undefined : verdict.reason);
      if (verdict.kind === 'set-aside') this.#cases.setAside(event, verdict.reason);
      else if (wasSetAside) this.#cases.passed(event);
      return;
    }
    this.#lastError = verdict.reason;
    await ledger.write();
    if (verdict.kind === 'gone') {
      const off = { policy: this.#fingerprint, reason: verdict.reason };
      await record.append([{ type: 'WebhookSwitchedOff', off, at: this.#with.time.clock.now() }]);
      this.#cases.silent(
        `${verdict.reason}: it is not called until its policy changes, or somebody asks`,
        queue.waiting(),
      );
      return;
    }
    if (verdict.kind === 'outage') this.#failed(verdict.reason, queue.waiting());
  }

  #answered(): void {
    if (this.#outageSince !== undefined || this.#state !== 'sending') this.#lastError = undefined;
    this.#state = 'sending';
    this.#outageSince = undefined;
    this.#isSilentTold = false;
    this.#cases.taken();
  }

  #failed(reason: string, waiting: number): void {
    const { time, patienceMs } = this.#with;
    const now = time.clock.now();
    this.#state = 'outage';
    this.#outageSince ??= now;
    if (this.#isSilentTold || now - this.#outageSince < patienceMs) return;
    this.#isSilentTold = true;
    this.#cases.silent(reason, waiting);
  }

  /** Ends early when a replay is asked, or when what was waited for arrives. */
  async #rest(ms: number): Promise<void> {
    await this.#with.time.sleep(ms, AbortSignal.any([this.#wake.signal, this.#ending.signal]));
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }

  async #leave(): Promise<void> {
    if (this.#held === undefined) return;
    const { record, ledger, queue } = this.#held;
    this.#held = undefined;
    this.#resending.giveUp('it is not told by this process now');
    await queue.close();
    if (!this.#ending.signal.aborted) return;
    // Not written: what it would have said is sent again by the next start.
    await ledger.write().catch(() => {});
    const stoppedAt = this.#with.time.clock.now();
    await record.append([{ type: 'WebhookStopped', stoppedAt, progress: progressJson(record.state) }]).catch(() => {});
  }
}
