// A webhook's stream as its deliverer writes it: its progress, held by one process at a time (server/holding/held-stream.ts).
import type { Position } from '../../domain/event-log.ts';
import {
  readWebhookEvent,
  WEBHOOK_EVENT_VERSION,
  type WebhookEvent,
  webhookEventData,
  webhookStream,
} from '../../domain/webhook/events.ts';
import { evolveProgress, newProgress, type Progress, progressJson, progressOf } from '../../domain/webhook/progress.ts';
import { type HeldKind, type HeldStream, type HoldRoom, takeStream } from '../holding/held-stream.ts';

type Unframed<E> = E extends unknown ? Omit<E, 'v' | 'session'> : never;
/** What is appended; version and session are added. */
export type NewWebhookEvent = Unframed<WebhookEvent>;
export type WebhookRecord = HeldStream<Progress, NewWebhookEvent>;

/** @param beginning where telling begins that nobody has begun */
export function takeWebhook(
  webhook: string,
  session: string,
  room: HoldRoom,
  beginning: () => Promise<Position>,
): Promise<WebhookRecord> {
  const { clock } = room;
  const kind: HeldKind<Progress, WebhookEvent, NewWebhookEvent> = {
    stream: webhookStream(webhook),
    read: readWebhookEvent,
    evolve: evolveProgress,
    framed: (event, by) => ({ ...event, v: WEBHOOK_EVENT_VERSION, session: by }) as WebhookEvent,
    data: webhookEventData,
    carriedIn: 'progress',
    carriedBy: (event) => progressOf((event as Extract<WebhookEvent, { progress: unknown }>).progress),
    beginning: async () => newProgress(await beginning()),
    started: (progress) => ({ type: 'WebhookStarted', startedAt: clock.now(), progress: progressJson(progress) }),
    held: () => ({ type: 'WebhookHeld', heldAt: clock.now() }),
    carried: (progress) => ({ type: 'WebhookProgressCarried', progress: progressJson(progress) }),
    isStop: ({ type }) => type === 'WebhookStopped',
  };
  return takeStream(kind, session, room);
}
