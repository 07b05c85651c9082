// The life of telling one webhook: takes its stream, sends what the log says in log order, one event a request, waits where
// it must, and stops in order. At least once: what was sent since progress was last written is sent again after a crash.
// Nothing here waits for another webhook, and nobody waits for this: the log is the queue.
import type { Attempts } from '../../adapters/webhooks/attempts.ts';
import type { Sender } from '../../adapters/webhooks/sender.ts';
import { type RecordedEvent, START } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { Instant } from '../../domain/time.ts';
import type { WebhookPolicy } from '../../domain/webhook/policy.ts';
import { type Progress, progressJson } from '../../domain/webhook/progress.ts';
import { type HoldRoom, LostStream } from '../holding/held-stream.ts';
import { type Life, type LifeRoom, startLife } from '../holding/life.ts';
import { type LogQueue, openQueue } from '../holding/log-queue.ts';
import { type Call, callBy } from './calls.ts';
import { type WebhookCases, webhookCases } from './cases.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { takeWebhook, type WebhookRecord } from './record.ts';
import { createResending, type Resending, type Resent } from './resending.ts';
import { wantedBy } from './wanted.ts';
import type { WebhookState } from './webhook-state.ts';
import type { Replay, ReplayAsked, WebhookStatus } from './webhooks.ts';

export interface DelivererRoom extends LifeRoom {
  readonly policy: WebhookPolicy;
  readonly sender: Sender;
  readonly attempts: Attempts;
  readonly sink: CaseSink;
  /** An outage that lasts longer is a case, ms. */
  readonly patienceMs: number;
}

interface Held {
  readonly record: WebhookRecord;
  readonly ledger: Ledger;
  queue: LogQueue;
}

export class Deliverer {
  readonly #with: DelivererRoom;
  readonly #cases: WebhookCases;
  readonly #attempts: Attempts;
  readonly #call: Call;
  readonly #resending: Resending;
  readonly #fingerprint: string;
  readonly #life: Life<Held>;
  #state: WebhookState = 'starting';
  #outageSince: Instant | undefined;
  #isSilentTold = false;
  #lastError: string | undefined;
  #deliveredAt: Instant | undefined;
  #isArrival = false;
  /** One more with every replay: what was under way before does not count. */
  #replays = 0;
  #isRewound = false;

  constructor(room: DelivererRoom) {
    const { policy, attempts, sink, hashes } = room;
    const { clock } = room.time;
    const { id, timeoutMs } = policy;
    this.#with = room;
    this.#cases = webhookCases(policy.id, sink);
    this.#attempts = attempts;
    this.#life = startLife(
      {
        ...{ id, timeoutMs },
        take: (session, hold) => this.#take(session, hold),
        goOn: (held) => this.#goOn(held),
        leave: (held, inOrder) => this.#leave(held, inOrder),
        ended: (why, reason) => {
          this.#state = why === 'lost' ? 'starting' : 'failed';
          this.#lastError = reason;
        },
        stalled: (reason) => {
          this.#lastError = reason && `cannot record what was sent: ${reason}`;
        },
      },
      room,
    );
    this.#call = callBy(room, this.#life.calling);
    this.#resending = createResending(this.#call, attempts, clock);
    this.#fingerprint = hashes.sha256Base64Url(JSON.stringify(policy));
  }

  status(): WebhookStatus {
    const { clock } = this.#with.time;
    const { queue, record, ledger } = this.#life.held ?? {};
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
      lastDeliveredAt: latest(this.#deliveredAt, record?.state.lastDeliveredAt),
      upTo: upTo === undefined || upTo === START ? undefined : String(upTo),
      nextTryAt: wait > 0 ? clock.now() + wait : undefined,
      outageSince: this.#outageSince,
      lastError: this.#lastError,
      revision: record?.revision,
    };
  }

  /** Written before it answers; what comes after is then sent once more. */
  async replay({ after, by, reason }: ReplayAsked): Promise<Replay> {
    const held = this.#life.held;
    if (held === undefined || this.#life.ending.aborted) return { kind: 'away' };
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
    this.#life.wake();
    return { kind: 'begun' };
  }

  /** Sends an event again that was set aside: at once, or not at all. */
  resend(event: RecordedEvent): Promise<Resent> {
    const asked = this.#resending.ask(event);
    if (this.#life.held === undefined) this.#resending.giveUp('it is not told by this process now');
    this.#life.wake();
    return asked;
  }

  /** Lets a call under way end for `graceMs`. */
  async close(graceMs: number): Promise<void> {
    await this.#life.close(graceMs);
    this.#with.sender.close();
  }

  async #take(session: string, hold: HoldRoom): Promise<Held> {
    const { log, timers, time, policy } = this.#with;
    this.#state = 'starting';
    const beginning = async () => (policy.since === undefined ? log.head() : START);
    const record = await takeWebhook(policy.id, session, hold, beginning);
    this.#isRewound = false;
    return { record, ledger: createLedger(record, time.clock, timers), queue: await this.#open(record.state) };
  }

  #open({ upTo }: Progress): Promise<LogQueue> {
    const { log, time, policy } = this.#with;
    const arrived = () => {
      this.#isArrival = true;
      if (this.#state === 'current') this.#life.wake();
    };
    return openQueue({ log, time, after: upTo, concerns: wantedBy(policy), arrived });
  }

  async #goOn(held: Held): Promise<void> {
    const { policy } = this.#with;
    const { record, ledger } = held;
    await record.hold();
    while (this.#isRewound) {
      this.#isRewound = false;
      await record.hold();
      await held.queue.close();
      held.queue = await this.#open(record.state);
    }
    const rest = this.#life.restMsMax;
    const { off } = record.state;
    const isGone = off?.policy === this.#fingerprint;
    if (!policy.on || isGone) {
      this.#state = isGone ? 'gone' : 'off';
      if (isGone) this.#lastError = off.reason;
      this.#resending.giveUp(isGone ? `it is gone: ${off.reason}` : 'it is switched off by policy');
      return this.#life.rest(rest);
    }
    const wait = this.#attempts.waitMs();
    if (wait > 0) {
      this.#resending.giveUp(this.#lastError ?? 'it is to be left alone for a while');
      return this.#life.rest(Math.min(wait, rest));
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
    if (!this.#isArrival) await this.#life.rest(unwrittenMs || rest);
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
      if (verdict.kind === 'done') this.#deliveredAt = this.#with.time.clock.now();
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

  async #leave({ record, ledger, queue }: Held, inOrder: boolean): Promise<void> {
    this.#resending.giveUp('it is not told by this process now');
    await queue.close();
    if (!inOrder) return;
    // Not written: what it would have said is sent again by the next start.
    await ledger.write().catch(() => {});
    const stoppedAt = this.#with.time.clock.now();
    await record.append([{ type: 'WebhookStopped', stoppedAt, progress: progressJson(record.state) }]).catch(() => {});
  }
}

function latest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
