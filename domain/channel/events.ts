// What a channel was told and what it answered, kept for ever in the channel's own stream. One event a batch: the
// audit can say what the channel showed at 14:03, and the backlog after a restart is known from the log alone.
// Instants are milliseconds since the epoch; versions and positions are decimal text (they are bigint).
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import type { ChannelId } from '../stock/stream.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const CHANNEL_EVENT_VERSION = 1;

/** More updates than this are recorded as several events of one append: one stays below about 100 KiB. */
export const UPDATES_PER_EVENT_MAX = 1_000;
/** SKUs that one request to tell again may name. */
export const REPUBLISHED_SKUS_MAX = 1_000;
/** Characters of a reason or detail that are kept. */
export const REASON_LENGTH_MAX = 120;

/**
 * confirmed: the channel acknowledged it · retryLater: it was not applied · unknown: it may have been applied ·
 * refused: the channel will not take this value for this SKU.
 */
export const PublishOutcome = z.enum(['confirmed', 'retryLater', 'unknown', 'refused']);
export type PublishOutcome = z.infer<typeof PublishOutcome>;

/** `[sku, units, outcome]` and, when there is one, the index of the reason in `reasons`. */
const Update = z.tuple([z.string(), z.int().min(0), PublishOutcome], z.int().min(0));
export type RecordedUpdate = z.infer<typeof Update>;

/**
 * What the channel showed of a value that it had only accepted. applied: the value · fewer: fewer, as after sales of its
 * own that we do not know yet · lost: not the value in the time it should take, so it is told again · abandoned: lost too
 * often, or the channel says why it will not show it.
 */
export const ReadVerdict = z.enum(['applied', 'fewer', 'lost', 'abandoned']);
export type ReadVerdict = z.infer<typeof ReadVerdict>;

/**
 * `[sku, units it was told, units it shows, verdict]`, and the index of the channel's reason in `reasons` where it
 * gave one; null: it does not show the SKU, or the lane it went by is stuck.
 */
const ReadValue = z.tuple([z.string(), z.int().min(0), z.int().min(0).nullable(), ReadVerdict], z.int().min(0));
export type ReadValue = z.infer<typeof ReadValue>;

const Decimal = z.string().regex(/^-?\d+$/);
const v = z.literal(CHANNEL_EVENT_VERSION);
const steered = { at: z.int(), by: z.string(), reason: z.string().optional() };

export const ChannelEvent = z.discriminatedUnion('type', [
  /** A publisher took the channel over, or its policy changed. Later batches have versions above this event's position. */
  z.strictObject({
    type: z.literal('PublishingStarted'),
    v,
    startedAt: z.int(),
    policy: z.string(),
    /** The same process as before, under another policy. */
    goesOn: z.literal(true).optional(),
    /** Where several processes publish: the node, for people, and what tells its turns apart. */
    node: z.string().optional(),
    session: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('AvailabilityPublished'),
    v,
    batchId: z.string(),
    startedAt: z.int(),
    finishedAt: z.int(),
    /** Position of the read model when the units were read; newer values have newer versions. */
    version: Decimal,
    /** Every batch that was sent and is not in this stream up to here has at least this version. */
    floor: Decimal,
    /** How long the longest-waiting confirmed update had been wrong at the channel, in milliseconds. */
    lagMs: z.int().min(0),
    /** What `confirmed` means at this channel: it shows the value, or it only took it in. */
    acknowledgement: z.enum(['applied', 'accepted']),
    /** What it accepted is read back: only then it counts as shown. */
    readBack: z.literal(true).optional(),
    /** The way it went; absent: the ordinary one. */
    lane: z.literal('bulk').optional(),
    updates: z.array(Update).max(UPDATES_PER_EVENT_MAX),
    reasons: z.array(z.string()),
    /** Why the whole call failed. */
    detail: z.string().optional(),
  }),
  /** What became of values that the channel had accepted. */
  z.strictObject({
    type: z.literal('AvailabilityReadBack'),
    v,
    /** When it was asked. */
    at: z.int(),
    /** How long the longest-waiting of the applied ones had been wrong at the channel, in milliseconds. */
    lagMs: z.int().min(0),
    values: z.array(ReadValue).max(UPDATES_PER_EVENT_MAX),
    reasons: z.array(z.string()),
  }),
  /** Whoever published holds on to the channel: it has something to tell that it cannot tell now, or was asked. */
  z.strictObject({ type: z.literal('PublishingHeld'), v, heldAt: z.int() }),
  /** Another node asks for a sign of life of whoever publishes. */
  z.strictObject({ type: z.literal('PublishingAsked'), v, askedAt: z.int(), node: z.string() }),
  /** Nobody publishes now. Nothing was in flight: every batch that was sent is in this stream. */
  z.strictObject({
    type: z.literal('PublishingStopped'),
    v,
    stoppedAt: z.int(),
    /** It may have told something that is not in this stream, as after a crash. */
    unsure: z.literal(true).optional(),
  }),
  /** Somebody had the channel told nothing more, until somebody resumes. */
  z.strictObject({ type: z.literal('PublishingPaused'), v, ...steered }),
  z.strictObject({ type: z.literal('PublishingResumed'), v, ...steered }),
  /** Somebody doubts what the channel shows of these SKUs, or of all: it is told the present figures again. */
  z.strictObject({
    type: z.literal('RepublishRequested'),
    v,
    ...steered,
    skus: z.array(z.string()).max(REPUBLISHED_SKUS_MAX).optional(),
  }),
]);
export type ChannelEvent = z.infer<typeof ChannelEvent>;
/** What people had done. */
export type SteeringEvent = ChannelEventOf<'PublishingPaused' | 'PublishingResumed' | 'RepublishRequested'>;
export type ChannelEventOf<T extends ChannelEvent['type']> = Extract<ChannelEvent, { type: T }>;

const PREFIX = 'channel-';

/** The stream of what one channel was told: `channel-<id>`. */
export function channelStream(channel: ChannelId): string {
  return `${PREFIX}${channel}`;
}

/** The channel of a channel stream, or undefined for any other stream. */
export function parseChannelStream(stream: string): ChannelId | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

const TYPES: ReadonlySet<string> = new Set(ChannelEvent.options.map((option) => option.shape.type.value));

const STEERING: ReadonlySet<string> = new Set<SteeringEvent['type']>([
  'PublishingPaused',
  'PublishingResumed',
  'RepublishRequested',
]);

/** True: the event was written for people, whoever publishes; it tells the channel nothing. */
export function isSteering(type: string): boolean {
  return STEERING.has(type);
}

/** True: whoever publishes wrote it. */
export function isOfPublisher(type: string): boolean {
  return !isSteering(type) && type !== 'PublishingAsked';
}

const UPCASTERS: Upcasters = new Map();

/**
 * Reads a stored event of a channel stream in the current version.
 * @throws UnknownEventVersion naming stream, revision, type and version
 */
export function readChannelEvent(recorded: RecordedEvent, upcasters = UPCASTERS): ChannelEvent {
  return readVersioned(recorded, CHANNEL_EVENT_VERSION, TYPES, upcasters) as unknown as ChannelEvent;
}

/** The `data` part of a stored event: all but the type, which the log keeps beside it. */
export function channelEventData(event: ChannelEvent): JsonObject {
  const { type: _, ...data } = event;
  return data as JsonObject;
}
