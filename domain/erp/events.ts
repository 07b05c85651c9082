// What an ERP was told and what it answered, kept for ever in its stream `erp-<id>`: which movement became which record of
// its own, what it refused, and how far it was read. Positions are decimal text; instants are ms since the epoch.
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';
import { MOVEMENT_KINDS } from './movement.ts';
import { ERP_READS } from './policy.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const ERP_EVENT_VERSION = 1;

const PLACES = ['stock', 'customer', 'supplier', 'lost', 'transit'] as const;
const Decimal = z.string().regex(/^-?\d+$/);
const v = z.literal(ERP_EVENT_VERSION);
const session = z.string();

const MovementShape = z.strictObject({
  reference: z.string(),
  kind: z.enum(MOVEMENT_KINDS),
  sku: z.string(),
  location: z.string(),
  from: z.enum(PLACES),
  to: z.enum(PLACES),
  quantity: z.int().min(1),
  occurredAt: z.int(),
  recordedAt: z.int(),
  channel: z.string().optional(),
  event: z.string(),
});

/** A movement that waits apart. */
const ParkedMovement = z.strictObject({
  movement: MovementShape,
  reason: z.string(),
  /** unmapped: the ERP does not know the name · refused: it said no · behind: an earlier one of its SKU waits. */
  why: z.enum(['unmapped', 'refused', 'behind']),
  parkedAt: z.int(),
  /** Of the event it comes from. */
  position: Decimal,
});
export type ParkedMovement = z.output<typeof ParkedMovement>;

/** Where facts were met that nobody has mapped; and what they name, as `sku:<its id>` or `location:<its id>`. */
const Unread = z.strictObject({ from: z.string().optional(), names: z.array(z.string()) });
export type Unread = z.output<typeof Unread>;

/** What its books will never get of one stock: by how much they differ from ours for it. */
const Dismissed = z.strictObject({ sku: z.string(), location: z.string(), movements: z.int().min(1), units: z.int() });
export type Dismissed = z.output<typeof Dismissed>;

const BookShape = z.strictObject({
  upTo: Decimal,
  begun: z.array(z.string()).optional(),
  posted: z.int().min(0),
  lastPosted: z.strictObject({ reference: z.string(), theirId: z.string(), at: z.int() }).optional(),
  parked: z.array(ParkedMovement),
  watermarks: z.partialRecord(z.enum(ERP_READS), z.string()),
  unread: z.partialRecord(z.enum(ERP_READS), Unread).optional(),
  dismissed: z.array(Dismissed).optional(),
});
export type BookJson = z.output<typeof BookShape>;

export const ErpEvent = z.discriminatedUnion('type', [
  /** A poster took the ERP over: whoever wrote before posts no more. */
  z.strictObject({ type: z.literal('ErpPostingStarted'), v, session, startedAt: z.int(), book: BookShape }),
  /** All events up to `upTo` are posted, parked, or no movements. `posted`: `[reference, kind, sku, location, signed units, their id]`. */
  z.strictObject({
    type: z.literal('MovementsPosted'),
    v,
    session,
    upTo: Decimal,
    startedAt: z.int(),
    finishedAt: z.int(),
    posted: z.array(z.tuple([z.string(), z.enum(MOVEMENT_KINDS), z.string(), z.string(), z.int(), z.string()])),
    /** They were there already: an earlier call whose answer was lost. */
    found: z.int().min(0).optional(),
    parked: z.array(ParkedMovement).optional(),
  }),
  /** Somebody gave these up, by their references: they waited apart, and are never posted. */
  z.strictObject({
    type: z.literal('MovementsDismissed'),
    v,
    session,
    dismissed: z.array(z.string()).min(1),
    by: z.string(),
    reason: z.string(),
    dismissedAt: z.int(),
  }),
  /** Its facts up to the watermark are in the log. */
  z.strictObject({
    type: z.literal('ErpRead'),
    v,
    session,
    what: z.enum(ERP_READS),
    watermark: z.string(),
    facts: z.int().min(0),
    /** What is not mapped, from now on; null: all is. Absent: as before. */
    unread: Unread.nullable().optional(),
    readAt: z.int(),
  }),
  /** Nothing happened, and whoever posts is still there. */
  z.strictObject({ type: z.literal('ErpPostingHeld'), v, session, heldAt: z.int() }),
  /** So that the book is found without reading the stream from its beginning. */
  z.strictObject({ type: z.literal('ErpBookCarried'), v, session, book: BookShape }),
  /** No call was under way. */
  z.strictObject({ type: z.literal('ErpPostingStopped'), v, session, stoppedAt: z.int(), book: BookShape }),
]);
export type ErpEvent = z.output<typeof ErpEvent>;
export type ErpEventOf<T extends ErpEvent['type']> = Extract<ErpEvent, { type: T }>;

const PREFIX = 'erp-';

export function erpStream(erp: string): string {
  return `${PREFIX}${erp}`;
}

/** The ERP of an ERP's stream, undefined for any other stream. */
export function parseErpStream(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

const TYPES: ReadonlySet<string> = new Set(ErpEvent.options.map((option) => option.shape.type.value));
const UPCASTERS: Upcasters = new Map();

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readErpEvent(recorded: RecordedEvent): ErpEvent {
  return readVersioned(recorded, ERP_EVENT_VERSION, TYPES, UPCASTERS) as unknown as ErpEvent;
}

export function erpEventData(event: ErpEvent): JsonObject {
  const { type: _, ...data } = event;
  return data as JsonObject;
}
