// What happened to a webhook last, from its own stream: what it took, who asked for a replay and why, that it is gone.
import { type EventLog, type RecordedEvent, START } from '../../domain/event-log.ts';
import { readWebhookEvent, type WebhookEvent, webhookStream } from '../../domain/webhook/events.ts';

const EVENTS_MAX = 100;

/** Newest first. `revision`: of the last event of its stream; undefined: not known here. */
export async function webhookHistory(id: string, revision: number | undefined, log: Pick<EventLog, 'read'>) {
  if (revision === undefined) return [];
  const recorded = await log.read(webhookStream(id), Math.max(0, revision + 1 - EVENTS_MAX), EVENTS_MAX);
  return recorded.flatMap(happening).reverse();
}

function happening(recorded: RecordedEvent) {
  const shown = shownOf(readWebhookEvent(recorded));
  if (shown === undefined) return [];
  const { at, ...details } = shown;
  return [{ event: recorded.type, position: recorded.position, at: new Date(at).toISOString(), ...details }];
}

/** Undefined: nothing that anybody would want to know. */
function shownOf(event: WebhookEvent) {
  switch (event.type) {
    case 'WebhookStarted':
      return { at: event.startedAt };
    case 'WebhookStopped':
      return { at: event.stoppedAt };
    case 'WebhookDelivered': {
      const { finishedAt: at, delivered, upTo, setAside = [] } = event;
      return { at, delivered, upTo, setAside: setAside.length, detail: setAside[0]?.reason };
    }
    case 'WebhookResent':
      return { at: event.finishedAt, delivered: 1 };
    case 'WebhookReplayAsked': {
      const { askedAt: at, after, by, reason: detail } = event;
      return { at, after: BigInt(after) === START ? undefined : after, by, detail };
    }
    case 'WebhookSwitchedOff':
      return { at: event.at, detail: event.off.reason };
    case 'WebhookHeld':
    case 'WebhookProgressCarried':
      return undefined;
  }
}
