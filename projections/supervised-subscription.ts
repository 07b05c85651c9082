// One subscription kept alive: resumed from the last folded position when it is lost, with backoff and full jitter,
// and restarted when it stays silent although the head of the log moved on (fault row 10).
import type { EventLog, Position, RecordedEvent } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import type { RunnerTime } from './time.ts';

export interface Supervision {
  /** How long a subscription may stay silent while there is something to deliver, ms. */
  readonly heartbeatMs: number;
  readonly backoffMsBase: number;
  readonly backoffMsMax: number;
}

export const DEFAULT_SUPERVISION: Supervision = { heartbeatMs: 10_000, backoffMsBase: 100, backoffMsMax: 20_000 };

export interface SubscriptionState {
  /** Head of the log when last asked. */
  readonly head: Position;
  /** When the last event of the log was last known to be folded. */
  readonly caughtUpAt: Instant | undefined;
  /** Since when the log has not answered what its head is. */
  readonly unreachableSince: Instant | undefined;
  readonly resubscribed: number;
  readonly silentRestarts: number;
  /** Why the last subscription ended, until the next one delivers. */
  readonly failure: string | undefined;
}

export interface Supervised {
  state(): SubscriptionState;
  /** Ends after the batch in hand. */
  close(): Promise<void>;
}

const SILENT_DOUBLINGS_MAX = 5;

export interface Followed {
  readonly log: EventLog;
  readonly position: () => Position;
  readonly deliver: (batch: readonly RecordedEvent[]) => Promise<void>;
  readonly time: RunnerTime;
  readonly supervision: Supervision;
  readonly head: Position;
}

interface MutableState {
  head: Position;
  caughtUpAt: Instant | undefined;
  unreachableSince: Instant | undefined;
  resubscribed: number;
  silentRestarts: number;
  failure: string | undefined;
}

/** What the follower and the watcher of one subscription share. */
interface Watch {
  readonly state: MutableState;
  readonly closing: AbortController;
  attempts: number;
  /** Restarts in a row that delivered nothing: what is ahead may be nothing for us, so they get rarer. */
  fruitless: number;
  /** Since when the subscription has owed us something; undefined while we are folding. */
  waitingSince: Instant | undefined;
  /** Ends the wait for the next batch, if one is waited for. */
  restart: () => void;
}

export function superviseSubscription(followed: Followed): { readonly subscription: Supervised; start(): void } {
  const watch: Watch = {
    state: {
      head: followed.head,
      caughtUpAt: undefined,
      unreachableSince: undefined,
      resubscribed: 0,
      silentRestarts: 0,
      failure: undefined,
    },
    closing: new AbortController(),
    attempts: 0,
    fruitless: 0,
    waitingSince: undefined,
    restart() {},
  };
  let following: Promise<void> | undefined;
  return {
    start() {
      following ??= follow(followed, watch);
      void beat(followed, watch);
    },
    subscription: {
      state: () => watch.state,
      async close() {
        watch.closing.abort();
        watch.restart();
        await following;
      },
    },
  };
}

async function follow(followed: Followed, watch: Watch): Promise<void> {
  const { time, supervision } = followed;
  const { signal } = watch.closing;
  while (!signal.aborted) {
    try {
      await subscribeOnce(followed, watch);
    } catch (error) {
      watch.state.failure = error instanceof Error ? error.message : String(error);
      const span = 2 ** Math.min(watch.attempts, 30) * supervision.backoffMsBase;
      watch.attempts += 1;
      await time.sleep(Math.min(supervision.backoffMsMax, time.random() * span), signal);
    }
    if (!signal.aborted) watch.state.resubscribed += 1;
  }
}

/** Until it fails (throws), is silent for too long, or is closed. */
async function subscribeOnce(followed: Followed, watch: Watch): Promise<void> {
  const abort = new AbortController();
  const iterator = followed.log.subscribe(followed.position(), abort.signal)[Symbol.asyncIterator]();
  try {
    while (!watch.closing.signal.aborted && (await deliverNext(iterator, followed, watch)));
  } finally {
    watch.waitingSince = undefined;
    abort.abort();
    // A stalled iterator may never answer: it is let go, not waited for.
    iterator.return?.().catch(() => {});
  }
}

/**
 * False: it is to be restarted. A function for each batch: one that waited for the next in a loop would keep the last alive, and
 * a quiet log's last batch may be a thousand events of a thousand values each.
 */
async function deliverNext(
  iterator: AsyncIterator<readonly RecordedEvent[]>,
  { deliver, time }: Followed,
  watch: Watch,
): Promise<boolean> {
  watch.waitingSince = time.clock.now();
  const next = await nextUnlessRestarted(iterator, watch);
  watch.waitingSince = undefined;
  if (next === 'restart') return false;
  if (next.done === true) throw new Error('the subscription ended');
  watch.attempts = 0;
  watch.fruitless = 0;
  watch.state.failure = undefined;
  await deliver(next.value);
  return true;
}

/** Not `Promise.race` with one promise for all batches: each race leaves 256 bytes with it for as long as it is pending. */
function nextUnlessRestarted<T>(iterator: AsyncIterator<T>, watch: Watch): Promise<IteratorResult<T> | 'restart'> {
  return new Promise((resolve, reject) => {
    watch.restart = () => resolve('restart');
    iterator.next().then(resolve, reject);
  });
}

async function beat(followed: Followed, watch: Watch): Promise<void> {
  const { signal } = watch.closing;
  while (!signal.aborted) {
    await followed.time.sleep(followed.supervision.heartbeatMs / 2, signal);
    if (!signal.aborted) await look(followed, watch);
  }
}

async function look({ log, position, time, supervision }: Followed, watch: Watch): Promise<void> {
  const { state } = watch;
  const asked = new AbortController();
  const late = time
    .sleep(supervision.heartbeatMs, AbortSignal.any([asked.signal, watch.closing.signal]))
    .then(() => undefined);
  const head = await Promise.race([log.head().catch(() => undefined), late]);
  asked.abort();
  const now = time.clock.now();
  if (head === undefined) {
    state.unreachableSince ??= now;
    return;
  }
  state.unreachableSince = undefined;
  state.head = head;
  if (head <= position()) {
    state.caughtUpAt = now;
    return;
  }
  const silentMsMax = supervision.heartbeatMs * 2 ** watch.fruitless;
  if (watch.waitingSince === undefined) return;
  // A clock set back an hour must not let a silent subscription be for an hour: it is given its time anew.
  if (now < watch.waitingSince) watch.waitingSince = now;
  if (now - watch.waitingSince < silentMsMax) return;
  state.silentRestarts += 1;
  watch.fruitless = Math.min(watch.fruitless + 1, SILENT_DOUBLINGS_MAX);
  watch.restart();
}
