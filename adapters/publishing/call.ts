// One call to a channel: always ends by its deadline, never throws, and leaves an outcome for every update.
// What is not known is `unknown`: a call that timed out may have been applied.
import type { Batch, Connector, Outcome, ReadBack, Reply, Update } from '../channels/channel.ts';
import type { Timers } from './timers.ts';

/**
 * What `call` answers. A call that does not end in `timeoutMs`, that throws, or that `closing` ends early is what `failed`
 * makes of the reason; its own answer then comes to nothing.
 */
export function withDeadline<R>(
  call: (signal: AbortSignal) => Promise<R>,
  failed: (reason: string) => R,
  timeoutMs: number,
  timers: Timers,
  closing: AbortSignal,
): Promise<R> {
  const abort = new AbortController();
  const { promise, resolve } = Promise.withResolvers<R>();
  const unknown = (reason: string) => {
    resolve(failed(reason));
    abort.abort();
  };
  const cancel = timers.after(timeoutMs, () => unknown(`no answer within ${timeoutMs} ms`));
  const onClosing = () => unknown('publishing was stopped during the call');
  closing.addEventListener('abort', onClosing, { once: true });
  if (closing.aborted) onClosing();
  else {
    new Promise<R>((answered) => answered(call(abort.signal))).then(resolve, (error) =>
      resolve(failed(error instanceof Error ? error.message : String(error))),
    );
  }
  return promise.finally(() => {
    cancel();
    closing.removeEventListener('abort', onClosing);
  });
}

/** `closing` ends the call early, with an unknown outcome. */
export function callWithDeadline(
  lane: Pick<Connector, 'publish'>,
  batch: Batch,
  timeoutMs: number,
  timers: Timers,
  closing: AbortSignal,
): Promise<Reply> {
  const unknown = (reason: string): Reply => ({ kind: 'unknown', reason });
  return withDeadline((signal) => lane.publish(batch, signal), unknown, timeoutMs, timers, closing);
}

/** What the reply means for each update. */
export function outcomesOf(reply: Reply, updates: readonly Update[]): ReadonlyMap<string, Outcome> {
  const all = (outcome: Outcome) => new Map(updates.map(({ sku }) => [sku, outcome]));
  switch (reply.kind) {
    case 'answered':
      return new Map(updates.map(({ sku }) => [sku, reply.outcomes.get(sku) ?? UNANSWERED]));
    case 'unknown':
      return all({ kind: 'unknown', reason: reply.reason });
    case 'batchRefused':
      return all(updates.length === 1 ? { kind: 'refused', reason: reply.reason } : { kind: 'retryLater' });
    default:
      return all({ kind: 'retryLater' });
  }
}
const UNANSWERED: Outcome = { kind: 'unknown', reason: 'the answer does not mention it' };

/** Why the whole call failed; undefined if the channel answered for each update. */
export function failureOf(reply: Reply): string | undefined {
  switch (reply.kind) {
    case 'answered':
      return undefined;
    case 'throttled':
      return 'the channel asked for a slower pace';
    default:
      return reply.reason;
  }
}

/** SKUs that will be told again. */
export function unsettledOf(outcomes: ReadonlyMap<string, Outcome>): readonly string[] {
  const unsettled: string[] = [];
  for (const [sku, { kind }] of outcomes) if (kind === 'unknown' || kind === 'retryLater') unsettled.push(sku);
  return unsettled;
}

/** What the pace makes of a reading: asking has no effect, so no answer is as good as "not now". */
export function replyOf(answer: ReadBack): Reply {
  switch (answer.kind) {
    case 'shown':
      return { kind: 'answered', outcomes: NONE, ...(answer.limit === undefined ? {} : { limit: answer.limit }) };
    case 'later': {
      const { reason, afterMs, tooFast } = answer;
      if (tooFast) return { kind: 'throttled', ...(afterMs === undefined ? {} : { afterMs }) };
      return { kind: 'unavailable', reason, ...(afterMs === undefined ? {} : { afterMs }) };
    }
    case 'denied':
      return answer;
  }
}
const NONE = new Map<string, never>();
