// One call of a webhook's receiver: an event as the feed shows it, with the time that the policy gives it to answer.
import type { Timers } from '../../adapters/publishing/timers.ts';
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import type { Outcome, Sender } from '../../adapters/webhooks/sender.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { WebhookPolicy } from '../../domain/webhook/policy.ts';
import { feedEvent } from '../routes/feed-event.ts';

export type Call = (event: RecordedEvent) => Promise<Outcome>;

interface CallRoom {
  readonly policy: Pick<WebhookPolicy, 'timeoutMs'>;
  readonly sender: Pick<Sender, 'send'>;
  readonly timers: Timers;
}

/** @param ended nothing is waited for any more */
export function callBy({ policy, sender, timers }: CallRoom, ended: AbortSignal): Call {
  return async (event) => {
    const deadline = new AbortController();
    const cancel = timers.after(policy.timeoutMs, () => deadline.abort());
    const message = { id: event.id, body: JSON.stringify(feedEvent(event)), traceparent: traceparentIn(event) };
    const outcome = await sender.send(message, AbortSignal.any([deadline.signal, ended]));
    cancel();
    return outcome;
  };
}
