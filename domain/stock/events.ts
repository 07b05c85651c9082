// What happened to one SKU-location, as it is kept for ever. Every event carries the levels after it
// (as a ledger carries the running balance), so a projection never repeats the decider's arithmetic and
// `verify` has something to check a replay against. Instants are milliseconds since the epoch.
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';
import { LIVES } from './life.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const STOCK_EVENT_VERSION = 1;

const LevelsSchema = z.strictObject({
  onHand: z.int(),
  reserved: z.int().min(0),
  quarantined: z.int().min(0),
  inTransitIn: z.int().min(0),
  inTransitOut: z.int().min(0),
});

const common = {
  v: z.literal(STOCK_EVENT_VERSION),
  commandId: z.string(),
  source: z.string(),
  sequence: z.int().min(0).optional(),
  occurredAt: z.int(),
  recordedAt: z.int(),
  levels: LevelsSchema,
};
const quantity = z.int().min(1);
/** The part of a reservation that an event used up; the ATS projection needs its channel. */
const consumed = z.strictObject({ id: z.string(), channel: z.string().optional(), quantity }).optional();
/** The life after the event, as `levels` are the levels after it. */
const life = z.enum(LIVES);
const hold = { reservationId: z.string(), channel: z.string() };

function event<const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.strictObject({ type: z.literal(type), ...common, ...shape });
}

export const StockEvent = z.discriminatedUnion('type', [
  event('UnitsSold', { quantity, channel: z.string().optional(), consumed }),
  event('UnitsReturned', {
    quantity,
    channel: z.string().optional(),
    disposition: z.enum(['restock', 'quarantine', 'writeOff']),
  }),
  event('UnitsReceived', { quantity, reference: z.string().optional() }),
  event('StockAdjusted', { quantity: z.int(), reason: z.string() }),
  event('StockCounted', { counted: z.int().min(0), reason: z.string().optional() }),
  event('FulfilmentConfirmed', { quantity, reservationId: z.string(), consumed }),
  event('UnitsQuarantined', { quantity, reason: z.string() }),
  event('QuarantineDisposed', { quantity, disposition: z.enum(['restock', 'scrap', 'returnToVendor']) }),
  event('TransferRequested', { quantity, transferId: z.string(), to: z.string() }),
  event('TransferCancelled', { quantity, transferId: z.string() }),
  event('TransferDispatched', { quantity, transferId: z.string(), to: z.string(), consumed }),
  event('TransferSettled', { quantity, transferId: z.string() }),
  event('TransferExpected', { quantity, transferId: z.string(), from: z.string() }),
  event('TransferReceived', { quantity, transferId: z.string(), from: z.string() }),
  event('TransferShort', { quantity, transferId: z.string(), end: z.enum(['origin', 'destination']) }),
  event('TransferOver', { quantity, transferId: z.string(), end: z.enum(['origin', 'destination']) }),
  event('ReservationMade', { quantity, ...hold, owner: z.string(), expiresAt: z.int() }),
  event('ReservationRenewed', { ...hold, expiresAt: z.int() }),
  event('ReservationCommitted', { quantity, ...hold }),
  event('ReservationReleased', { quantity, ...hold }),
  event('ReservationExpired', { quantity, ...hold }),
  event('StockFrozen', { reason: z.string(), life }),
  event('StockUnfrozen', { reason: z.string(), life }),
  event('StockRetired', { reason: z.string(), life }),
  event('StockReinstated', { reason: z.string(), life }),
  /** A fact outside the window of time in which it can be judged: kept, moves nothing, somebody must look. */
  event('FactParked', { reason: z.enum(['too-old', 'from-the-future']), fact: z.record(z.string(), z.json()) }),
]);

export type StockEvent = z.infer<typeof StockEvent>;
export type StockEventType = StockEvent['type'];
export type StockEventOf<T extends StockEventType> = Extract<StockEvent, { type: T }>;

const TYPES: ReadonlySet<string> = new Set(StockEvent.options.map((option) => option.shape.type.value));

const UPCASTERS: Upcasters = new Map();

/**
 * Reads a stored event of a stock stream in the current version.
 * @throws UnknownEventVersion naming stream, revision, type and version
 */
export function readStockEvent(recorded: RecordedEvent, upcasters = UPCASTERS): StockEvent {
  return readVersioned(recorded, STOCK_EVENT_VERSION, TYPES, upcasters) as unknown as StockEvent;
}

/** The `data` part of a stored event: all but the type, which the log keeps beside it. */
export function stockEventData(stockEvent: StockEvent): JsonObject {
  const { type: _, ...data } = stockEvent;
  return data as JsonObject;
}
