// What became of telling one webhook of events, kept in its stream `webhook-<id>`: how far it has come, what was set aside,
// who asked for a replay and why. Positions are decimal text; instants are ms since the epoch.
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const WEBHOOK_EVENT_VERSION = 1;

const Decimal = z.string().regex(/^-?\d+$/);
const v = z.literal(WEBHOOK_EVENT_VERSION);
const session = z.string();

/** An event that the receiver refused by itself, and was not told of again. */
const SetAside = z.strictObject({
  event: z.string(),
  type: z.string(),
  position: Decimal,
  reason: z.string(),
  at: z.int(),
});
export type SetAside = z.output<typeof SetAside>;

/** The receiver said that it is gone; holds as long as its policy is the one with this fingerprint. */
const SwitchedOff = z.strictObject({ policy: z.string(), reason: z.string() });

const ProgressShape = z.strictObject({
  upTo: Decimal,
  delivered: z.int().min(0),
  setAside: z.int().min(0),
  lastSetAside: z.array(SetAside),
  lastDeliveredAt: z.int().optional(),
  off: SwitchedOff.optional(),
});
export type ProgressJson = z.output<typeof ProgressShape>;

export const WebhookEvent = z.discriminatedUnion('type', [
  /** A process took the webhook over: whoever wrote before calls it no more. */
  z.strictObject({ type: z.literal('WebhookStarted'), v, session, startedAt: z.int(), progress: ProgressShape }),
  /** All events up to `upTo` that it is to be told of were taken by the receiver, or set aside. */
  z.strictObject({
    type: z.literal('WebhookDelivered'),
    v,
    session,
    upTo: Decimal,
    delivered: z.int().min(0),
    setAside: z.array(SetAside).optional(),
    finishedAt: z.int(),
  }),
  /** Events after `after` are sent once more. */
  z.strictObject({
    type: z.literal('WebhookReplayAsked'),
    v,
    session,
    after: Decimal,
    by: z.string(),
    reason: z.string(),
    askedAt: z.int(),
  }),
  /** An event that had been set aside was taken when somebody had it sent again, by itself and out of its turn. */
  z.strictObject({
    type: z.literal('WebhookResent'),
    v,
    session,
    event: z.string(),
    position: Decimal,
    finishedAt: z.int(),
  }),
  z.strictObject({ type: z.literal('WebhookSwitchedOff'), v, session, off: SwitchedOff, at: z.int() }),
  /** Nothing happened, and whoever calls it is still there. */
  z.strictObject({ type: z.literal('WebhookHeld'), v, session, heldAt: z.int() }),
  /** So that the progress is found without reading the stream from its beginning. */
  z.strictObject({ type: z.literal('WebhookProgressCarried'), v, session, progress: ProgressShape }),
  /** No call was under way. */
  z.strictObject({ type: z.literal('WebhookStopped'), v, session, stoppedAt: z.int(), progress: ProgressShape }),
]);
export type WebhookEvent = z.output<typeof WebhookEvent>;

const PREFIX = 'webhook-';

export function webhookStream(webhook: string): string {
  return `${PREFIX}${webhook}`;
}

/** The webhook of a webhook's stream, undefined for any other stream. */
export function parseWebhookStream(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

const TYPES: ReadonlySet<string> = new Set(WebhookEvent.options.map((option) => option.shape.type.value));
const UPCASTERS: Upcasters = new Map();

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readWebhookEvent(recorded: RecordedEvent): WebhookEvent {
  return readVersioned(recorded, WEBHOOK_EVENT_VERSION, TYPES, UPCASTERS) as unknown as WebhookEvent;
}

export function webhookEventData(event: WebhookEvent): JsonObject {
  const { type: _, ...data } = event;
  return data as JsonObject;
}
