// What can be asked of one SKU-location. Facts have happened and are never refused (a till sale, a count);
// requests may be refused with a reason (a reservation). Every border parses with these schemas.
import { z } from 'zod';
import type { Instant } from '../time.ts';
import { ChannelId, LocationId, Sku } from './stream.ts';

export const QUANTITY_MAX = 1_000_000_000;
const YEAR_2000 = Date.UTC(2000, 0, 1);
const YEAR_2200 = Date.UTC(2200, 0, 1);

/** An id chosen by the sender: 1–128 printable ASCII characters without spaces. */
export const Id = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces')
  .meta({ id: 'Id', example: 'till-7:20261123:000142' });

export const Quantity = z
  .int('must be a whole number of units')
  .min(1, 'must be at least 1')
  .max(QUANTITY_MAX, `must be at most ${QUANTITY_MAX}`)
  .meta({ id: 'Quantity', description: 'Units', example: 3 });

/** RFC 3339 text with an offset outside, milliseconds since the epoch inside. */
export const InstantText = z.iso
  .datetime({ offset: true, message: 'must be an RFC 3339 date-time with an offset, such as 2026-11-23T09:30:00Z' })
  .transform((text): Instant => Date.parse(text))
  .refine((at) => at >= YEAR_2000 && at < YEAR_2200, 'must lie between the years 2000 and 2200')
  .meta({ description: 'RFC 3339 date-time with an offset', example: '2026-11-23T09:30:00Z' });

export const Reason = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/[\p{Cs}]|[^\P{Cc}\t\n]/u.test(text), 'must not have control characters or half characters in it')
  .meta({ example: 'damaged on the shelf' });

export const Source = z
  .strictObject({
    id: Id,
    sequence: z
      .int()
      .min(0)
      .optional()
      .meta({ description: "The source's own counter, without holes, over all it sends" }),
  })
  .meta({ id: 'Source', description: 'The system or device the command comes from' });

const common = {
  id: Id.meta({ description: 'Command id. The same id is the same intent: its repeats have no effect.' }),
  sku: Sku,
  location: LocationId,
  source: Source.optional().meta({ description: 'Default: the API key that sent it' }),
  correlationId: Id.optional(),
  causationId: Id.optional(),
};
const factTime = { occurredAt: InstantText.meta({ description: 'When it happened, by the clock of the source' }) };
const requestTime = { occurredAt: InstantText.optional().meta({ description: 'Default: when it was received' }) };

function fact<const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.strictObject({ type: z.literal(type), ...common, ...factTime, ...shape });
}
function request<const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.strictObject({ type: z.literal(type), ...common, ...requestTime, ...shape });
}

const reservationId = Id;
const transferId = Id;

export const StockCommand = z
  .discriminatedUnion('type', [
    fact('sale', { quantity: Quantity, channel: ChannelId.optional(), reservationId: reservationId.optional() }),
    fact('return', {
      quantity: Quantity,
      channel: ChannelId.optional(),
      disposition: z.enum(['restock', 'quarantine', 'writeOff']),
    }),
    fact('receipt', { quantity: Quantity, reference: Id.optional() }),
    fact('adjustment', {
      quantity: z
        .int()
        .min(-QUANTITY_MAX)
        .max(QUANTITY_MAX)
        .refine((n) => n !== 0, 'must not be 0')
        .meta({ example: -2 }),
      reason: Reason,
    }),
    fact('count', { counted: z.int().min(0).max(QUANTITY_MAX), reason: Reason.optional() }),
    fact('fulfilment', { reservationId, quantity: Quantity }),
    fact('quarantine', { quantity: Quantity, reason: Reason }),
    fact('disposition', { quantity: Quantity, disposition: z.enum(['restock', 'scrap', 'returnToVendor']) }),
    fact('transfer.dispatch', { transferId, quantity: Quantity, to: LocationId }),
    fact('transfer.settle', { transferId, quantity: Quantity }),
    fact('transfer.expect', { transferId, quantity: Quantity, from: LocationId }),
    fact('transfer.receive', { transferId, quantity: Quantity, from: LocationId }),
    fact('transfer.short', { transferId, quantity: Quantity, end: z.enum(['origin', 'destination']) }),
    fact('transfer.over', { transferId, quantity: Quantity, end: z.enum(['origin', 'destination']) }),
    fact('freeze', { reason: Reason }),
    fact('unfreeze', { reason: Reason }),
    fact('retire', { reason: Reason }),
    fact('reinstate', { reason: Reason }),
    request('reservation.make', {
      reservationId,
      quantity: Quantity,
      owner: Id.meta({ description: 'Who holds it: an order, a basket or a buyer' }),
      channel: ChannelId,
      expiresAt: InstantText,
    }),
    request('reservation.renew', { reservationId, expiresAt: InstantText }),
    request('reservation.commit', { reservationId, quantity: Quantity.optional() }),
    request('reservation.release', { reservationId, quantity: Quantity.optional() }),
    request('reservation.expire', { reservationId }),
    request('transfer.request', { transferId, quantity: Quantity, to: LocationId }),
    request('transfer.cancel', { transferId }),
  ])
  .meta({ id: 'StockCommand' });

/** A parsed command: instants in milliseconds. */
export type StockCommand = z.output<typeof StockCommand>;
/** A command as JSON: instants as RFC 3339 text. */
export type StockCommandJson = z.input<typeof StockCommand>;
export type StockCommandType = StockCommand['type'];

const REQUESTS: ReadonlySet<StockCommandType> = new Set([
  'reservation.make',
  'reservation.renew',
  'reservation.commit',
  'reservation.release',
  'reservation.expire',
  'transfer.request',
  'transfer.cancel',
]);

/** Facts are never refused; requests may be. */
export function isFact(command: StockCommand): boolean {
  return !REQUESTS.has(command.type);
}
