// What can be asked of an order. Placing may be refused for a request and never for a commitment; the other commands
// are taken in the statuses that domain/order/machine.ts says. Every border parses with these schemas.
import { z } from 'zod';
import { Id, InstantText, QUANTITY_MAX, Quantity } from '../stock/commands.ts';
import { ChannelId, LocationId, Sku } from '../stock/stream.ts';
import type { Sourced, StockAnswered } from './events.ts';
import { OrderFlow } from './flow.ts';

/** Chosen by the channel; a part of stream names and reservation ids, so narrower than other ids. */
export const OrderId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ -')
  .meta({ id: 'OrderId', example: 'web-100042' });
export type OrderId = z.infer<typeof OrderId>;

export const OrderLine = z.strictObject({ sku: Sku, quantity: Quantity }).meta({ id: 'OrderLine' });

export const PlaceOrder = z
  .strictObject({
    id: Id.meta({ description: 'Command id. The same id is the same intent: its repeats have no effect.' }),
    orderId: OrderId,
    channel: ChannelId,
    kind: z.enum(['request', 'commitment']).meta({
      description: 'request: reserved whole or refused · commitment: already sold, always taken, may be short',
    }),
    lines: z.array(OrderLine).min(1).max(100),
    flow: OrderFlow.default({ type: 'ship' }),
    expiresAt: InstantText.optional().meta({ description: 'How long a request holds its units; default by policy' }),
  })
  .superRefine(({ lines }, context) => {
    const units = new Map<string, number>();
    lines.forEach(({ sku, quantity }, n) => {
      const sum = (units.get(sku) ?? 0) + quantity;
      units.set(sku, sum);
      if (sum <= QUANTITY_MAX) return;
      const message = `makes more than ${QUANTITY_MAX} units of ${sku}`;
      context.addIssue({ code: 'custom', path: ['lines', n, 'quantity'], message });
    });
  })
  .meta({ id: 'PlaceOrder' });

const common = { id: Id.meta({ description: 'Command id. The same id is the same intent.' }) };
const happened = {
  occurredAt: InstantText.optional().meta({ description: 'When it happened; default: when it was received' }),
};

export const OrderCommandBody = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('renew'), ...common, expiresAt: InstantText }),
    z.strictObject({ type: z.literal('confirm'), ...common }),
    z.strictObject({
      type: z.literal('fulfil'),
      ...common,
      ...happened,
      units: z
        .array(z.strictObject({ sku: Sku, quantity: Quantity, location: LocationId.optional() }))
        .min(1)
        .max(100)
        .meta({
          description:
            'What left; without a location, from where the order has it reserved. From elsewhere it is taken too, and as many are given back',
        }),
    }),
    z
      .strictObject({
        type: z.literal('cancel'),
        ...common,
        units: z
          .array(OrderLine)
          .min(1)
          .max(100)
          .optional()
          .meta({ description: 'Only these; none: all that is open' }),
        cancelled: z
          .array(OrderLine)
          .min(1)
          .max(100)
          .optional()
          .meta({ description: 'So that of these SKUs so many are cancelled in all, as far as they have not left' }),
      })
      .refine(({ units, cancelled }) => units === undefined || cancelled === undefined, {
        message: 'cannot be with units',
        path: ['cancelled'],
      }),
    z.strictObject({
      type: z.literal('return'),
      ...common,
      ...happened,
      units: z
        .array(
          z.strictObject({
            sku: Sku,
            quantity: Quantity,
            disposition: z.enum(['restock', 'quarantine', 'writeOff']),
            location: LocationId.optional(),
          }),
        )
        .min(1)
        .max(100)
        .meta({ description: 'What came back; without a location, to where it was fulfilled from' }),
    }),
    z.strictObject({ type: z.literal('source'), ...common }),
  ])
  .meta({
    id: 'OrderCommand',
    description: 'source: look again for the units that a commitment is short of',
  });

export type PlaceOrder = z.output<typeof PlaceOrder> & { readonly type: 'place' };

/** An answer with the reservation that was made by it, if one was. */
export interface StockAnswer extends Omit<StockAnswered, 'stray'> {
  readonly reserved?: Sourced | undefined;
}

/**
 * Not from the API: `expire` and `record` come from a reservation's expiry and from stocks' answers; `call-off` from a channel
 * that cancels an order, whether or not it has told us of it yet; `extend` from one whose order has more in it by now: its
 * lines are all that was ever ordered, so that it comes to the same however often and late it is said.
 */
export type OrderCommand =
  | PlaceOrder
  | z.output<typeof OrderCommandBody>
  | { readonly type: 'extend'; readonly id: string; readonly lines: readonly z.output<typeof OrderLine>[] }
  | { readonly type: 'call-off'; readonly id: string; readonly channel: ChannelId }
  | { readonly type: 'expire'; readonly id: string; readonly reservationId: string }
  | { readonly type: 'record'; readonly id: string; readonly answers: readonly StockAnswer[] };

export type OrderCommandOf<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>;

export type OrderRefusal =
  | 'unknown-order'
  | 'order-exists'
  | 'not-in-this-status'
  | 'hold-expired'
  | 'hold-too-long'
  | 'expiry-not-in-future'
  | 'exceeds-reserved'
  | 'exceeds-fulfilled'
  | 'exceeds-open'
  | 'not-short'
  | 'insufficient-available'
  | 'outside-window'
  | 'outside-pool'
  | 'unknown-sku'
  | 'unknown-location'
  | 'unknown-sales-channel'
  /** More than one order can have. */
  | 'invalid-command';
