// What became of what a channel told, in the stream `inbound-<channel>`: how far its poll is taken, which messages wait and
// why, and that they were taken after all. What is taken at once leaves no event here: its own are in orders and stocks.
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import type { ChannelId } from '../stock/stream.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const INBOUND_EVENT_VERSION = 1;

export const WATERMARK_LENGTH_MAX = 4_096;
export const ABOUT_LENGTH_MAX = 200;
export const REASON_LENGTH_MAX = 300;

/**
 * later: it could not be taken yet and nobody is needed · unmapped: it names what nobody has mapped · malformed: it is not
 * the channel's contract · refused: what it says does not fit what is known.
 */
export const WHY_WAITING = ['later', 'unmapped', 'malformed', 'refused'] as const;
export type WhyWaiting = (typeof WHY_WAITING)[number];

/** The request as it was verified, without what could be a secret. */
const Raw = z.strictObject({
  url: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
  encoding: z.enum(['utf8', 'base64']),
});
export type RawMessage = z.infer<typeof Raw>;

/** What is unmapped: a name of the channel's, or one of ours that the policy does not know. */
const UnmappedName = z.strictObject({
  of: z.enum(['channel', 'policy']),
  what: z.enum(['sku', 'location']),
  id: z.string(),
});
export type UnmappedName = z.infer<typeof UnmappedName>;

const frame = { v: z.literal(INBOUND_EVENT_VERSION), recordedAt: z.int() };

export const InboundEvent = z.discriminatedUnion('type', [
  /** Every message up to this watermark is taken, or waits in this stream. */
  z.strictObject({ type: z.literal('PollAdvanced'), ...frame, watermark: z.string().max(WATERMARK_LENGTH_MAX) }),
  z.strictObject({
    type: z.literal('MessageSetAside'),
    ...frame,
    /** The same message, the same id: setting it aside again only changes why. */
    id: z.string(),
    about: z.string(),
    why: z.enum(WHY_WAITING),
    reason: z.string(),
    name: UnmappedName.optional(),
    /** The refusal, by its name. */
    refusal: z.string().optional(),
    from: z.discriminatedUnion('kind', [
      /** Without `raw` it is the one kept before. */
      z.strictObject({ kind: z.literal('webhook'), raw: Raw.optional() }),
      /** It is read again from here; absent: from the beginning. */
      z.strictObject({ kind: z.literal('poll'), watermark: z.string().max(WATERMARK_LENGTH_MAX).optional() }),
    ]),
  }),
  /** `given-up`: somebody dismissed its case. */
  z.strictObject({ type: z.literal('MessageSettled'), ...frame, id: z.string(), how: z.enum(['taken', 'given-up']) }),
]);
export type InboundEvent = z.infer<typeof InboundEvent>;
export type InboundEventOf<T extends InboundEvent['type']> = Extract<InboundEvent, { type: T }>;
type Unframed<E> = E extends unknown ? Omit<E, 'v' | 'recordedAt'> : never;
/** As it is decided, before it is recorded. */
export type NewInboundEvent = Unframed<InboundEvent>;

const PREFIX = 'inbound-';

export function inboundStream(channel: ChannelId): string {
  return `${PREFIX}${channel}`;
}

/** The channel of an inbound stream, undefined for any other stream. */
export function parseInboundStream(stream: string): ChannelId | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

const TYPES: ReadonlySet<string> = new Set(InboundEvent.options.map((option) => option.shape.type.value));
const UPCASTERS: Upcasters = new Map();

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readInboundEvent(recorded: RecordedEvent): InboundEvent {
  return readVersioned(recorded, INBOUND_EVENT_VERSION, TYPES, UPCASTERS) as unknown as InboundEvent;
}

/** All but the type, which the log keeps beside it. */
export function inboundEventData({ type: _, ...data }: NewInboundEvent, recordedAt: number): JsonObject {
  return { v: INBOUND_EVENT_VERSION, recordedAt, ...data } as unknown as JsonObject;
}

/** What a channel says for people, short and without control characters. */
export function plainText(text: string, lengthMax: number): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, lengthMax);
}
